namespace IntegrationHub.Sagas.Erasure.Messages;

/// <summary>The hub's answer to <see cref="RecheckDestinations"/>.</summary>
public sealed record DestinationsRechecked
{
    /// <summary>The erasure.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The round that was asked for.</summary>
    public required int Round { get; init; }

    /// <summary>True when a destination shows the person again and does not let go.</summary>
    public bool WithIssues { get; init; }
}
