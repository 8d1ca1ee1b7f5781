using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Explain;

/// <summary>Whose standing is asked for, and what of it.</summary>
/// <param name="Key">A key of the person, such as <c>email:kim@example.org</c>; null where the address names the hub's own number. Personal data.</param>
/// <param name="Destination">Only there; null for all destinations.</param>
/// <param name="At">As it was at a time; null for now.</param>
/// <param name="Live">True to ask the vendors what they have.</param>
/// <param name="Reveal">True for values and keys in full.</param>
/// <param name="Reason">With <paramref name="Reveal"/>: why; it stays in the audit log.</param>
internal sealed record ExplainQuestionJson(
    [property: JsonPropertyName("key")] string? Key = null,
    [property: JsonPropertyName("destination")] string? Destination = null,
    [property: JsonPropertyName("at")] DateTimeOffset? At = null,
    [property: JsonPropertyName("live")] bool Live = false,
    [property: JsonPropertyName("reveal")] bool Reveal = false,
    [property: JsonPropertyName("reason")] string? Reason = null);

/// <summary>Whom a key means.</summary>
/// <param name="Found">True when somebody is known by it.</param>
/// <param name="ProfileId">The hub's number of the person, or null.</param>
/// <param name="Headline">Why nobody is found; null when somebody is.</param>
/// <param name="Tried">Which keys were looked for.</param>
internal sealed record PersonLookupJson(
    [property: JsonPropertyName("found")] bool Found,
    [property: JsonPropertyName("profile_id")] long? ProfileId,
    [property: JsonPropertyName("headline")] HeadlineJson? Headline,
    [property: JsonPropertyName("tried")] IReadOnlyList<TriedKeyJson> Tried);
