using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>What became of letters of an action.</summary>
internal sealed record LetterResultJson(
    [property: JsonPropertyName("status")] string Status, [property: JsonPropertyName("code")] string? Code, [property: JsonPropertyName("count")] long Count);
