using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Runs;

/// <summary>What a run waits for, in parts; <c>waiting_for</c> is its sentence.</summary>
/// <param name="Code">Stable code, as in the runbook.</param>
/// <param name="Since">Since when; null when nobody knows.</param>
/// <param name="Until">When it is tried or looked at again, or over by itself; an approval lapses then. Null when nobody knows.</param>
/// <param name="Sentence">What is waited for and what to do.</param>
/// <param name="Args">The facts of the sentence by their names, for whoever makes a sentence of their own.</param>
/// <param name="Evidence">What that rests on.</param>
/// <param name="Action">The command that is safe to give first; null when nothing is to be done.</param>
/// <param name="Runbook">Name of the runbook.</param>
internal sealed record WaitingJson(
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("since")] DateTimeOffset? Since,
    [property: JsonPropertyName("until")] DateTimeOffset? Until,
    [property: JsonPropertyName("sentence")] string Sentence,
    [property: JsonPropertyName("args")] IReadOnlyDictionary<string, string> Args,
    [property: JsonPropertyName("evidence")] IReadOnlyList<string> Evidence,
    [property: JsonPropertyName("action")] string? Action,
    [property: JsonPropertyName("runbook")] string Runbook)
{
    /// <summary>Shows a verdict.</summary>
    public static WaitingJson From(Diagnosis.Verdict verdict) => new(verdict.Code, verdict.Since, verdict.Until, verdict.Sentence, verdict.Args, verdict.Evidence, verdict.Action, verdict.Runbook);
}
