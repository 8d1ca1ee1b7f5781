using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>A correction of a letter: which values are set, masked.</summary>
internal sealed record LetterVersionJson(
    [property: JsonPropertyName("version")] int Version,
    [property: JsonPropertyName("set")] JsonObject Set,
    [property: JsonPropertyName("by")] string By,
    [property: JsonPropertyName("reason")] string? Reason,
    [property: JsonPropertyName("at")] DateTimeOffset At);
