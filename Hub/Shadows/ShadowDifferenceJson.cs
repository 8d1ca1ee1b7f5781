using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Shadows;

/// <summary>What a shadow and what counts say of one person.</summary>
/// <param name="Key">A key of the person, masked unless it was to be revealed; null where there is none.</param>
/// <param name="ProfileId">The hub's number of the person; null for whom it does not know.</param>
/// <param name="Counting">What counts, masked likewise; null for nothing.</param>
/// <param name="Shadow">What the shadow states, masked likewise; null for nothing.</param>
/// <param name="Difference">How they differ, seen from what counts, in the words of a plan's samples (<c>case</c>, <c>spaces</c>, <c>type</c> …); null where one of them is nothing or both are the same.</param>
internal sealed record ShadowDifferenceJson(
    [property: JsonPropertyName("key")] string? Key,
    [property: JsonPropertyName("profile_id")] long? ProfileId,
    [property: JsonPropertyName("counting")] string? Counting,
    [property: JsonPropertyName("shadow")] string? Shadow,
    [property: JsonPropertyName("difference")] string? Difference);
