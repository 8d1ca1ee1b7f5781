using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Runs;

/// <summary>What may be done to a run, by whoever asks.</summary>
/// <param name="Verb"><c>approve</c>, <c>pause</c>, <c>resume</c>, <c>cancel</c> or, of a backfill, <c>rollback</c>.</param>
/// <param name="Allowed">Whether this caller may do it now.</param>
/// <param name="WhyNot">Why not; null when it may be done.</param>
internal sealed record RunActionJson(
    [property: JsonPropertyName("verb")] string Verb,
    [property: JsonPropertyName("allowed")] bool Allowed,
    [property: JsonPropertyName("why_not")] string? WhyNot);
