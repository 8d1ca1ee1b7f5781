namespace IntegrationHub.Sagas.Erasure.Messages;

/// <summary>Asks the hub to look again whether somebody came back: at the destinations and in its own tables.</summary>
public sealed record RecheckDestinations
{
    /// <summary>The erasure.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>The round of a look that a person asks for, between the others: at destinations that refused.</summary>
    public const int AskedFor = 0;

    /// <summary>1 after seven days, 2 after thirty; <see cref="AskedFor"/> when a person asked.</summary>
    public required int Round { get; init; }
}
