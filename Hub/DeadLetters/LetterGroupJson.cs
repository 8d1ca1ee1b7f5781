using System.Text.Json.Serialization;
using IntegrationHub.Storage.DeadLetters;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>A group of dead letters as the API and the CLI show it.</summary>
internal sealed record LetterGroupJson(
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("operation")] string Operation,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("waiting")] long Waiting,
    [property: JsonPropertyName("counts")] IReadOnlyDictionary<string, long> Counts,
    [property: JsonPropertyName("first_at")] DateTimeOffset FirstAt,
    [property: JsonPropertyName("last_at")] DateTimeOffset LastAt,
    [property: JsonPropertyName("days")] IReadOnlyList<long> Days,
    [property: JsonPropertyName("cause")] LetterCauseJson Cause,
    [property: JsonPropertyName("last_action")] LetterActionJson? LastAction)
{
    /// <summary>Shows a group.</summary>
    public static LetterGroupJson From(LetterGroup group, LetterCauseJson cause, LetterActionJson? lastAction) => new(
        group.Destination, group.Operation, group.Code, group.Waiting, LetterStatus.All.ToDictionary(status => status, status => group.Counts.GetValueOrDefault(status)),
        group.FirstAt, group.LastAt, group.Days, cause, lastAction);
}
