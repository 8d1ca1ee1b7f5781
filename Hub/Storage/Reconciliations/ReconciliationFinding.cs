namespace IntegrationHub.Storage.Reconciliations;

/// <summary>Somebody in whom vendor and hub differ. Holds personal data.</summary>
/// <param name="FindingId">Grows with every finding; 0 before it is noted.</param>
/// <param name="Kind">One of <see cref="FindingKind"/>.</param>
/// <param name="Cause">One of <see cref="FindingCause"/>; null while it is not found out.</param>
/// <param name="ProfileId">The hub's id of the person; null for a stranger.</param>
/// <param name="RemoteId">The vendor's id, where it is known.</param>
/// <param name="Key">External id, else e-mail, else the key that the vendor told.</param>
/// <param name="Field">The vendor's field that differs; else null.</param>
public sealed record ReconciliationFinding(long FindingId, string Kind, string? Cause, long? ProfileId, string? RemoteId, string? Key, string? Field);
