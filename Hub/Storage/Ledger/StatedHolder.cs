using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>A profile that states a key among its values. Holds personal data.</summary>
/// <param name="Key">The key.</param>
/// <param name="ProfileId">The profile that shows the person.</param>
/// <param name="Owner">The first key of the person: the company's id, else the address; null of somebody who has neither.</param>
/// <param name="IsSure">False for a number that is written without its country and may be another one.</param>
internal readonly record struct StatedHolder(PersonKey Key, long ProfileId, PersonKey? Owner, bool IsSure);
