namespace IntegrationHub.Contracts.Backfills;

/// <summary>Command of a person: let a paused run go on.</summary>
public sealed record ResumeBackfill
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Who: a principal, never a person the hub has data of; up to 128 characters.</summary>
    public required string By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
