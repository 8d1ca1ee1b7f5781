namespace IntegrationHub.Sagas.Erasure.Messages;

/// <summary>Asks the hub to empty its own tables of the person.</summary>
public sealed record EraseOwnTables
{
    /// <summary>The erasure.</summary>
    public required Guid RequestId { get; init; }
}
