namespace IntegrationHub.Contracts.Backfills;

/// <summary>Command from the saga to the hub: read back what the run wrote. Answered by BackfillVerified.</summary>
public sealed record VerifyBackfill
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>Counts from 1; an answer names it.</summary>
    public required int Round { get; init; }

    /// <summary>True when the vendor is given no more time after this round.</summary>
    public required bool IsLastRound { get; init; }
}
