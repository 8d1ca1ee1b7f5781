namespace IntegrationHub.Hub.Approvals;

/// <summary>What was agreed to is not what would be done now. The agreement is void, and nothing was done.</summary>
/// <param name="detail">What has changed and what to do, without personal data.</param>
internal sealed class PlanChangedException(string detail) : Exception(detail);
