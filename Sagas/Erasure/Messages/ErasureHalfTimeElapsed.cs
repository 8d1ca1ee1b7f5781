namespace IntegrationHub.Sagas.Erasure.Messages;

/// <summary>Sent by the saga to itself: half of the time that the law gives is over. Sleeps in the scheduler across deployments.</summary>
public sealed record ErasureHalfTimeElapsed
{
    /// <summary>The erasure.</summary>
    public required Guid RequestId { get; init; }
}
