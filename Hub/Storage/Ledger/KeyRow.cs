using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Where a key stood when its person was last resolved. Personal data.</summary>
/// <param name="Key">The key.</param>
/// <param name="State">Where it stood; null when that is to be found out.</param>
/// <param name="Person">The first key of the person who held it, or null.</param>
/// <param name="ProfileId">The profile of somebody anonymous who holds it; null when the person has a primary key, or no profile.</param>
internal readonly record struct KeyRow(PersonKey Key, KeyState? State, PersonKey? Person, long? ProfileId);
