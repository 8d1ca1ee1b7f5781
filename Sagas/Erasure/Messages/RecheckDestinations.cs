namespace IntegrationHub.Sagas.Erasure.Messages;

/// <summary>Asks the hub to look again whether somebody came back: at the destinations and in its own tables.</summary>
public sealed record RecheckDestinations
{
    /// <summary>The erasure.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>1 after seven days, 2 after thirty.</summary>
    public required int Round { get; init; }
}
