using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Something that somebody decides about keys. Personal data.</summary>
/// <param name="Verdict">What is decided.</param>
/// <param name="Key">The key that it is about; of merges and partings one of the two.</param>
/// <param name="Other">The other key, a primary one: whose a key is, or with whom somebody is one person. Null where the decision is about one key.</param>
/// <param name="By">Who decides.</param>
/// <param name="Reason">Why.</param>
public sealed record IdentityRuling(IdentityVerdict Verdict, PersonKey Key, PersonKey? Other, string By, string Reason);
