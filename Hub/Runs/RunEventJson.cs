using System.Text.Json.Serialization;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Runs;

/// <summary>Something that became of a run, or that somebody did to it.</summary>
/// <param name="At">When.</param>
/// <param name="Kind"><c>state</c>, <c>stalled</c> or <c>moved</c>; or what somebody did, as <c>run.pause</c>.</param>
/// <param name="From">The state before; null where it is the first, or did not change.</param>
/// <param name="To">The state; null of what somebody did.</param>
/// <param name="Code">Why it stands still or failed, or null.</param>
/// <param name="By">Who did it; null where nobody did.</param>
/// <param name="Reason">Why they did, or null.</param>
internal sealed record RunEventJson(
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("from")] string? From,
    [property: JsonPropertyName("to")] string? To,
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("by")] string? By,
    [property: JsonPropertyName("reason")] string? Reason)
{
    public static RunEventJson Of(RunTurn turn) => new(turn.At, turn.Kind, turn.From, turn.To, turn.Code, null, null);

    public static RunEventJson Of(AuditRow row) => new(row.Entry.At, row.Entry.Action, null, null, null, row.Entry.Principal, row.Entry.Reason);
}
