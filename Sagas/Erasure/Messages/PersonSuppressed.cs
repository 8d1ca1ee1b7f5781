namespace IntegrationHub.Sagas.Erasure.Messages;

/// <summary>The hub's answer to <see cref="SuppressPerson"/>.</summary>
public sealed record PersonSuppressed
{
    /// <summary>The erasure.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }
}
