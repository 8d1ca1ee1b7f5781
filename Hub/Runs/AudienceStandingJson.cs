using System.Text.Json.Serialization;
using IntegrationHub.Hub.Reconciliation;

namespace IntegrationHub.Hub.Runs;

/// <summary>How an audience stands with one of its destinations.</summary>
/// <param name="Audience">Key of the audience.</param>
/// <param name="Destination">Name of the destination.</param>
/// <param name="LastRun">The run that was asked for last, of any mode, over or not; null when there is none that is kept.</param>
/// <param name="LastComparison">The last comparison that came to its end; null when there is none that is kept.</param>
internal sealed record AudienceStandingJson(
    [property: JsonPropertyName("audience")] string Audience,
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("last_run")] RunJson? LastRun,
    [property: JsonPropertyName("last_comparison")] ReconciliationJson? LastComparison);
