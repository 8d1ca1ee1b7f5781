namespace IntegrationHub.Contracts.Backfills;

/// <summary>Said by the saga of a rollback, to the run that it takes back, when it begins to write.</summary>
public sealed record BackfillRollbackBegan
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The rollback.</summary>
    public required Guid RollbackId { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
