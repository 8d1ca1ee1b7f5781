using System.Text.Json.Serialization;

namespace IntegrationHub.Storage.Approvals;

/// <summary>The word of one principal.</summary>
/// <param name="By">Id of the principal.</param>
/// <param name="At">When.</param>
/// <param name="Approves">True for yes.</param>
/// <param name="Reason">Why; null when nothing was said.</param>
public sealed record ApprovalDecision(
    [property: JsonPropertyName("by")] string By,
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("approves")] bool Approves,
    [property: JsonPropertyName("reason")] string? Reason);
