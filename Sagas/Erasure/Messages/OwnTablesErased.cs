namespace IntegrationHub.Sagas.Erasure.Messages;

/// <summary>The hub's answer to <see cref="EraseOwnTables"/>.</summary>
public sealed record OwnTablesErased
{
    /// <summary>The erasure.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }
}
