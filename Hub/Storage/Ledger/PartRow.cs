namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// What was stated under some keys of a person who is told by others too: kept apart, so that it can be somebody else's one day. A profile without parts holds what was
/// stated under its one key. Personal data.
/// </summary>
/// <param name="Key">What the statements were filed under.</param>
/// <param name="ProfileId">Whose profile it is a part of; null while nobody's.</param>
/// <param name="Content">What was stated.</param>
internal readonly record struct PartRow(PartKey Key, long? ProfileId, ProfileContent Content);
