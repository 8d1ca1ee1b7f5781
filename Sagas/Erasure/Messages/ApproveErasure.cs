namespace IntegrationHub.Sagas.Erasure.Messages;

/// <summary>A person agreed to the erasure.</summary>
public sealed record ApproveErasure
{
    /// <summary>The erasure.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    public required string By { get; init; }
}
