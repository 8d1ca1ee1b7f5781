namespace IntegrationHub.Contracts.Backfills;

/// <summary>Said by the hub when no delivery of the run is pending.</summary>
public sealed record BackfillDelivered
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
