using IntegrationHub.Hub.Intake;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Demo;

/// <summary>A row of the shop's contact preferences, as consent. Holds personal data.</summary>
/// <param name="Line">Line in the file, from 1.</param>
/// <param name="Email">Whom it is about; empty when <paramref name="Reject"/> is set.</param>
/// <param name="Consents">What the preference means per purpose; empty when <paramref name="Reject"/> is set.</param>
/// <param name="Reject">Where and why the row was rejected, or null.</param>
internal readonly record struct ContactPreference(long Line, string Email, IReadOnlyList<FactConsent> Consents, SnapshotReject? Reject);

/// <summary>A row of the shop's phone list. Holds personal data.</summary>
/// <param name="Line">Line in the file, from 1.</param>
/// <param name="Email">Whose phone it is; empty when <paramref name="Reject"/> is set.</param>
/// <param name="Phone">The number as written; empty when <paramref name="Reject"/> is set.</param>
/// <param name="Reject">Where and why the row was rejected, or null.</param>
internal readonly record struct PhoneEntry(long Line, string Email, string Phone, SnapshotReject? Reject);
