using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>A decision as it was written down, with who took it and why. Personal data.</summary>
/// <param name="Decision">What was decided.</param>
/// <param name="By">Who.</param>
/// <param name="Reason">Why.</param>
public sealed record DecidedRuling(IdentityDecision Decision, string By, string Reason);
