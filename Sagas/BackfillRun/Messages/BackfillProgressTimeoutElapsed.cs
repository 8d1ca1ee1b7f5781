namespace IntegrationHub.Sagas.BackfillRun.Messages;

/// <summary>Sent by the saga to itself: time to see whether the run still moves. Sleeps in the scheduler across deployments.</summary>
public sealed record BackfillProgressTimeoutElapsed
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }
}
