namespace IntegrationHub.Sagas.BackfillRun.Messages;

/// <summary>Sent by the saga to itself: the vendor had time to catch up, read back again. Sleeps in the scheduler across deployments.</summary>
public sealed record BackfillVerificationDelayElapsed
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }
}
