namespace IntegrationHub.Contracts.Backfills;

/// <summary>Said by the saga of a rollback, to the run that it takes back, when it is over.</summary>
public sealed record BackfillRollbackEnded
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The rollback.</summary>
    public required Guid RollbackId { get; init; }

    /// <summary>False when it was stopped, or failed, on the way: part of what the run wrote may stand.</summary>
    public required bool IsDone { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
