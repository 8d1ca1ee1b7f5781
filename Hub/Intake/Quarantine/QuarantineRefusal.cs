namespace IntegrationHub.Hub.Intake.Quarantine;

/// <summary>Why nothing was done with a fact that was set aside: the field, the problem and the fix.</summary>
/// <param name="Status">HTTP status that says the same.</param>
/// <param name="Type">Stable problem type, kebab-case.</param>
/// <param name="Field">Field of the request or of the fact.</param>
/// <param name="Detail">What is wrong and what to do.</param>
internal sealed record QuarantineRefusal(int Status, string Type, string Field, string Detail);
