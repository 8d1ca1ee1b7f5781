namespace IntegrationHub.Hub.Approvals;

/// <summary>Why a decision was not taken.</summary>
/// <param name="Status">HTTP status that says the same.</param>
/// <param name="Type">Stable problem type, kebab-case.</param>
/// <param name="Field">Field of the request.</param>
/// <param name="Detail">What is wrong and what to do.</param>
internal sealed record ApprovalRefusal(int Status, string Type, string Field, string Detail);
