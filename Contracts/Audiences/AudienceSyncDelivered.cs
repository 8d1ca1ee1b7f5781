namespace IntegrationHub.Contracts.Audiences;

/// <summary>Said by the hub when no delivery of the run is pending. May be repeated.</summary>
public sealed record AudienceSyncDelivered
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
