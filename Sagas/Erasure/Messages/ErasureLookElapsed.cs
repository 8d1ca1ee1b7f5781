namespace IntegrationHub.Sagas.Erasure.Messages;

/// <summary>Sent by the saga to itself: time to ask for the pending step, again where it was not answered. Sleeps in the scheduler across deployments.</summary>
public sealed record ErasureLookElapsed
{
    /// <summary>The erasure.</summary>
    public required Guid RequestId { get; init; }
}
