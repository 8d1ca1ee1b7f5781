using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Approvals;

/// <summary>What somebody says to what waits.</summary>
/// <param name="By">Who.</param>
/// <param name="Via">One of <see cref="Storage.Audit.AuditVia"/>.</param>
/// <param name="Approves">True for yes.</param>
/// <param name="Reason">Why; null when nothing was said.</param>
/// <param name="PlanHash">Hash of what was looked at; null for what the approval names.</param>
internal sealed record Verdict(Principal By, string Via, bool Approves, string? Reason, string? PlanHash = null);
