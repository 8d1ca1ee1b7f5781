using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>A key that facts wait for. Personal data.</summary>
/// <param name="TenantId">Whose database it is in.</param>
/// <param name="Key">The key.</param>
public sealed record WaitingKey(string TenantId, PersonKey Key);
