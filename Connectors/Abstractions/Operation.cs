namespace IntegrationHub.Connectors.Abstractions;

/// <summary>What a delivery does at the vendor. A connector supports those that its descriptor lists.</summary>
public enum Operation
{
    /// <summary>Create or update the person with the batch item's fields. State; harmless to repeat.</summary>
    UpsertProfile,

    /// <summary>Create or update the person with the item's fields, then make the person a member of the batch's audience. State; harmless to repeat.</summary>
    AddMember,

    /// <summary>End the person's membership of the batch's audience; the person stays. State; harmless to repeat.</summary>
    RemoveMember,

    /// <summary>Write the person's consent, <see cref="BatchItem.Consent"/>. Creates nobody. State; harmless to repeat.</summary>
    SetConsent,

    /// <summary>
    /// Record something that the person did, <see cref="BatchItem.Event"/>. Appends; whether a repeat is harmless stands in
    /// <see cref="OperationLimits.RepeatIsHarmless"/>. An item whose answer was lost is <see cref="Outcome.Ambiguous"/> where it is not.
    /// </summary>
    TrackEvent,

    /// <summary>
    /// Give the person that has the item's key the key <see cref="IdentityChange.NewKey"/> instead, without a second profile. Harmless to
    /// repeat: a person that already has the new key, with nobody left under the old one, is <see cref="Outcome.Unchanged"/>.
    /// </summary>
    ChangeKey,

    /// <summary>Join the person <see cref="IdentityChange.OtherKey"/> into the one that has the item's key; the other one ends. Harmless to repeat.</summary>
    MergeProfiles,

    /// <summary>Let the person be found by <see cref="IdentityChange.Alias"/> too. Harmless to repeat.</summary>
    AddAlias,

    /// <summary>Give the item's key to the person that so far is known by <see cref="IdentityChange.Alias"/> only. Harmless to repeat.</summary>
    IdentifyProfile,

    /// <summary>
    /// Delete every profile that has the item's key, for good. Harmless to repeat; nobody there is <see cref="Outcome.Unchanged"/>.
    /// <see cref="IProfileReading"/> proves it.
    /// </summary>
    DeleteProfile,
}
