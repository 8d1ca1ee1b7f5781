namespace IntegrationHub.Sagas.Erasure.Messages;

/// <summary>A person refused the erasure, or nobody decided in time.</summary>
public sealed record RefuseErasure
{
    /// <summary>The erasure.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    public required string By { get; init; }
}
