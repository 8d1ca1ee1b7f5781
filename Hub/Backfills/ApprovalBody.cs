using System.Text.Json.Serialization;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Body of <c>POST /v1/backfills/{id}/approve</c>.</summary>
/// <param name="PlanHash">Hash of the plan that was looked at.</param>
internal sealed record ApprovalBody([property: JsonPropertyName("plan_hash")] string? PlanHash) : WhyJson;
