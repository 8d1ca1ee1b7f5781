using System.Text.Json.Serialization;
using IntegrationHub.Storage.DeadLetters;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>An action on dead letters as the API and the CLI show it.</summary>
internal sealed record LetterActionJson(
    [property: JsonPropertyName("action_id")] long ActionId,
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("operation")] string? Operation,
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("run_id")] Guid? RunId,
    [property: JsonPropertyName("ids")] IReadOnlyList<long>? Ids,
    [property: JsonPropertyName("by")] string By,
    [property: JsonPropertyName("reason")] string? Reason,
    [property: JsonPropertyName("requested_at")] DateTimeOffset RequestedAt,
    [property: JsonPropertyName("stopped_by")] string? StoppedBy,
    [property: JsonPropertyName("finished_at")] DateTimeOffset? FinishedAt,
    [property: JsonPropertyName("confirmed")] long Confirmed,
    [property: JsonPropertyName("frozen")] long Frozen,
    [property: JsonPropertyName("done")] long Done,
    [property: JsonPropertyName("results")] IReadOnlyList<LetterResultJson> Results)
{
    /// <summary>What it waits for, or why it cannot go on; null when nothing keeps it.</summary>
    [JsonPropertyName("waiting_for"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WaitingFor { get; init; }

    /// <summary>Name of what of it this version cannot read, and what to do; null when all can be read.</summary>
    [JsonPropertyName("unreadable"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Unreadable { get; init; }

    private const int MostIds = 100;

    /// <summary>Shows an action with what became of its letters so far.</summary>
    public static LetterActionJson From(LetterAction action, IEnumerable<LetterResult> results)
    {
        List<LetterResultJson> shown = [.. results.Select(result => new LetterResultJson(result.Status, result.Code.Length == 0 ? null : result.Code, result.Count))];
        return new LetterActionJson(
            action.ActionId, action.Kind, action.State, action.Filter.Destination, action.Filter.Operation, action.Filter.Code, action.Filter.RunId,
            action.Filter.LetterIds is { Count: <= MostIds } ids ? ids : null, action.By, action.Reason, action.RequestedAt, action.StoppedBy, action.FinishedAt,
            action.Confirmed, action.Frozen, shown.Where(result => action.Kind != LetterActionKind.Replay || result.Status != LetterStatus.Open).Sum(result => result.Count), shown) // what a stopped replay gave back is not done
        {
            WaitingFor = action.FinishedAt is null ? action.WaitingFor : null,
            Unreadable = action.Unreadable is null ? null : UnreadableRow.Say("letter_actions", action.ActionId, action.Unreadable),
        };
    }
}
