using System.Text.Json.Serialization;
using IntegrationHub.Hub.Approvals;

namespace IntegrationHub.Hub.Versions;

/// <summary>What came of applying.</summary>
/// <param name="State"><c>active</c>, <c>unchanged</c>, or <c>waiting</c> for somebody's agreement.</param>
/// <param name="Version">The version.</param>
/// <param name="Approval">What is waited for; null when nobody is.</param>
internal sealed record AppliedConfiguration(
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("version")] long Version,
    [property: JsonPropertyName("approval"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ApprovalJson? Approval = null)
{
    public const string Active = "active";
    public const string Unchanged = "unchanged";
    public const string Waiting = "waiting";
}
