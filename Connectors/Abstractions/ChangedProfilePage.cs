namespace IntegrationHub.Connectors.Abstractions;

/// <summary>A page of profiles that were changed at the vendor.</summary>
/// <param name="Profiles">The profiles, perhaps none, each with its <see cref="RemoteProfile.RemoteId"/>; the key is empty of one that has none.</param>
/// <param name="HasFields">False when the vendor takes no question about so many fields: then who was changed is told, and no field.</param>
/// <param name="Left">Profiles of this and all further pages, as the vendor counts them; of this one where it does not count.</param>
/// <param name="Next">Where the next page begins, in the connector's words; null when this is the last.</param>
public sealed record ChangedProfilePage(IReadOnlyList<RemoteProfile> Profiles, bool HasFields, long Left, string? Next);
