namespace IntegrationHub.Sagas.Erasure.Messages;

/// <summary>The hub's answer to <see cref="EraseAtDestinations"/>.</summary>
public sealed record DestinationsErased
{
    /// <summary>The erasure.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>True when a destination could not delete, or goes on showing the person.</summary>
    public bool WithIssues { get; init; }
}
