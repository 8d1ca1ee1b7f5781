namespace IntegrationHub.Storage.Deliveries;

/// <summary>Changes of identity that a destination is owed before anything else is sent: about the same person, or under the key that a person gives up. Holds personal data.</summary>
/// <param name="First">By profile, the delivery that goes first; empty for most.</param>
/// <param name="GivenUp">Keys that people have there until it is told that they have another; empty for most.</param>
public sealed record IdentityAhead(IReadOnlyDictionary<long, long> First, IReadOnlySet<string> GivenUp)
{
    /// <summary>Nothing is owed.</summary>
    public static IdentityAhead Nothing { get; } = new(new Dictionary<long, long>(), new HashSet<string>());
}
