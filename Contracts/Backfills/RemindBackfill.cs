namespace IntegrationHub.Contracts.Backfills;

/// <summary>Said by the hub when it starts: the run asks for its pending step again.</summary>
public sealed record RemindBackfill
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
