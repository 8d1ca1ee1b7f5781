using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>Something that happened to a letter.</summary>
internal sealed record LetterEntryJson(
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("action_id")] long? ActionId,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("code")] string? Code);
