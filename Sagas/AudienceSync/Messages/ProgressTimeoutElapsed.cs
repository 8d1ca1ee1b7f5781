namespace IntegrationHub.Sagas.AudienceSync.Messages;

/// <summary>Sent by the saga to itself: time to see whether the run still moves. Sleeps in the scheduler across deployments.</summary>
public sealed record ProgressTimeoutElapsed
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }
}
