namespace IntegrationHub.Sagas.Erasure.Messages;

/// <summary>Asks the hub to write the tombstones and to settle what is pending about the person: from its answer on nothing about the person leaves.</summary>
public sealed record SuppressPerson
{
    /// <summary>The erasure.</summary>
    public required Guid RequestId { get; init; }
}
