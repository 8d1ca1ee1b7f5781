using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>A verdict as the API and the CLI show it.</summary>
internal sealed record DiagnosisJson(
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("subject")] string Subject,
    [property: JsonPropertyName("destination")] string? Destination,
    [property: JsonPropertyName("lane")] string? Lane,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("sentence")] string Sentence,
    [property: JsonPropertyName("since")] DateTimeOffset? Since,
    [property: JsonPropertyName("records")] long Records,
    [property: JsonPropertyName("evidence")] IReadOnlyList<string> Evidence,
    [property: JsonPropertyName("action")] string? Action,
    [property: JsonPropertyName("runbook")] string Runbook)
{
    public static DiagnosisJson From(Verdict verdict) => new(
        verdict.Kind, verdict.Subject, verdict.Destination, verdict.Lane, verdict.Code, verdict.Sentence, verdict.Since, verdict.Records, verdict.Evidence, verdict.Action, verdict.Runbook);
}
