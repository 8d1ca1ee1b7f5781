using IntegrationHub.Hub.Intake.Consents;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake;

/// <summary>A row of a snapshot: accepted with <see cref="Member"/> filled, or rejected with <see cref="Reject"/>. Holds personal data.</summary>
/// <param name="Member">The accepted row; default when <paramref name="Reject"/> is set.</param>
/// <param name="Reject">Where and why it was rejected, never the value; null when it was accepted.</param>
/// <param name="Consents">What the row says of consent; of a rejected row the denials, which hold all the same. Null for nothing.</param>
internal readonly record struct SnapshotRow(StagedMember Member, SnapshotReject? Reject, IReadOnlyList<ConsentStatement>? Consents = null);
