namespace IntegrationHub.Contracts.Backfills;

/// <summary>Command of a person: stop the run. What was written stays; it can be rolled back.</summary>
public sealed record CancelBackfill
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Who: a principal, never a person the hub has data of; up to 128 characters.</summary>
    public required string By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
