using System.Collections.Frozen;
using System.Text.Json.Serialization;
using IntegrationHub.Hub.Alerts;

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
    [property: JsonPropertyName("runbook")] string Runbook,
    [property: JsonPropertyName("records_capped")] bool RecordsCapped)
{
    /// <summary>How soon somebody has to look; null when it goes on by itself, or somebody holds it.</summary>
    [JsonPropertyName("severity")]
    public string? Severity { get; init; }

    /// <summary>What is one cause has one: a dead destination and all of its runs.</summary>
    [JsonPropertyName("cause")]
    public string Cause { get; init; } = "";

    /// <summary>When it is tried or looked at again, or over by itself; an approval lapses then. Null when nobody knows.</summary>
    [JsonPropertyName("until")]
    public DateTimeOffset? Until { get; init; }

    /// <summary>The facts of the sentence by their names.</summary>
    [JsonPropertyName("args")]
    public IReadOnlyDictionary<string, string> Args { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Shows a verdict as it is at a time: some are trouble only when they last.</summary>
    public static DiagnosisJson From(Verdict verdict, DateTimeOffset now) => From(verdict) with
    {
        Severity = AlertRules.IsAlarm(verdict, now) ? AlertRules.SeverityOf(verdict) : null,
        Cause = AlertRules.CauseOf(verdict),
    };

    public static DiagnosisJson From(Verdict verdict) => new(
        verdict.Kind, verdict.Subject, verdict.Destination, verdict.Lane, verdict.Code, verdict.Sentence, verdict.Since, verdict.Records, verdict.Evidence, verdict.Action, verdict.Runbook, verdict.AreMore)
    { Until = verdict.Until, Args = verdict.Args };
}
