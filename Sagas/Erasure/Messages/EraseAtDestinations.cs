namespace IntegrationHub.Sagas.Erasure.Messages;

/// <summary>Asks the hub to delete the person at every destination and to read back until nobody is there.</summary>
public sealed record EraseAtDestinations
{
    /// <summary>The erasure.</summary>
    public required Guid RequestId { get; init; }
}
