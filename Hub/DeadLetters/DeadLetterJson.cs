using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>A dead letter as the API and the CLI show it; ids and codes only, and what it sends masked.</summary>
internal sealed record DeadLetterJson(
    [property: JsonPropertyName("dead_letter_id")] long DeadLetterId,
    [property: JsonPropertyName("run_id")] Guid RunId,
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("audience")] string Audience,
    [property: JsonPropertyName("profile_id")] long ProfileId,
    [property: JsonPropertyName("operation")] string Operation,
    [property: JsonPropertyName("outcome")] string Outcome,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("attempts")] int Attempts,
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("event_id")] Guid? EventId,
    [property: JsonPropertyName("next_step")] string? NextStep = null,
    [property: JsonPropertyName("status")] string? Status = null,
    [property: JsonPropertyName("version")] int Version = 1,
    [property: JsonPropertyName("action_id")] long? ActionId = null)
{
    /// <summary>What it would send now, masked; null in a list.</summary>
    [JsonPropertyName("content"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonObject? Content { get; init; }

    /// <summary>Its corrections, masked, the first one first; null in a list.</summary>
    [JsonPropertyName("versions"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LetterVersionJson>? Versions { get; init; }

    /// <summary>What happened to it since it died; null in a list.</summary>
    [JsonPropertyName("history"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LetterEntryJson>? History { get; init; }

    /// <summary>Shows a dead letter.</summary>
    public static DeadLetterJson From(DeadLetterView letter) => new(
        letter.DeadLetterId, letter.RunId, letter.Destination, letter.Audience, letter.ProfileId, letter.Operation, letter.Outcome, letter.Code, letter.Attempts, letter.At, letter.EventId,
        DeadLetterAdvice.For(letter), letter.Status, letter.Version, letter.ActionId);
}
