using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>What the hub knows of who somebody is. Personal data.</summary>
/// <param name="Asked">The key that was asked for.</param>
/// <param name="Stand">Where it stands.</param>
public sealed record PersonFile(PersonKey Asked, ResolvedKey Stand)
{
    /// <summary>Every key of the person, and keys that were stated with them and are nobody's; sorted.</summary>
    public IReadOnlyList<(PersonKey Key, ResolvedKey Stand)> Keys { get; init; } = [];

    /// <summary>What was stated together.</summary>
    public IReadOnlyList<IdentityClaim> Claims { get; init; } = [];

    /// <summary>What was decided, oldest first.</summary>
    public IReadOnlyList<DecidedRuling> Decisions { get; init; } = [];

    /// <summary>Ids of decisions about the person that this version cannot read; while there is one, the person is sent nothing.</summary>
    public IReadOnlyList<long> Unreadable { get; init; } = [];

    /// <summary>Profiles of the person.</summary>
    public IReadOnlyList<PersonProfile> Profiles { get; init; } = [];

    /// <summary>Destinations that hold one of the profiles.</summary>
    public IReadOnlyList<HeldProfile> Held { get; init; } = [];

    /// <summary>What was stated under single keys and is kept apart: under which keys, by whose profile it is shown, and when it was stated last.</summary>
    public IReadOnlyList<(IReadOnlyList<PersonKey> Keys, long? ProfileId, DateTimeOffset StatedAt)> Parts { get; init; } = [];
}

/// <summary>A profile of a person.</summary>
/// <param name="ProfileId">The hub's id.</param>
/// <param name="ShownBy">The profile that shows the person instead; null when this one does.</param>
/// <param name="ConsentJson">What counts of the person's consent, as <see cref="StoredConsent"/> keeps it.</param>
/// <param name="Attributes">How many attributes it has.</param>
public sealed record PersonProfile(long ProfileId, long? ShownBy, string ConsentJson, int Attributes);

/// <summary>A profile that a destination holds.</summary>
/// <param name="Destination">Where.</param>
/// <param name="ProfileId">Which.</param>
/// <param name="ConfirmedAt">When its content was confirmed last; null when only its being there is known.</param>
/// <param name="Audiences">Audiences that it is a member of there.</param>
public sealed record HeldProfile(string Destination, long ProfileId, DateTimeOffset? ConfirmedAt, IReadOnlyList<string> Audiences);
