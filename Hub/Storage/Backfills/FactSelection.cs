using System.Text.Json.Serialization;

namespace IntegrationHub.Storage.Backfills;

/// <summary>Which facts of the log a replay is about. Every part narrows it; a null part narrows nothing. Names nobody: whose they are stands with the run as profile ids.</summary>
/// <param name="Types">Types of facts, and names of events, one of which a fact has.</param>
/// <param name="From">Facts that were so then or later.</param>
/// <param name="To">Facts that were so before.</param>
/// <param name="Producers">Who stated them: one of these.</param>
/// <param name="Run">The producer's run that they belong to, which is their correlation id, or the id of an earlier replay that told of them.</param>
/// <param name="Until">Last position of the log that is looked at: the log's end when the replay was asked for.</param>
/// <param name="AllowRepeat">True when an event may be sent of which nobody knows any more whether the destination was told, though the vendor would count it twice.</param>
public sealed record FactSelection(
    [property: JsonPropertyName("types")] IReadOnlyList<string>? Types = null,
    [property: JsonPropertyName("from")] DateTimeOffset? From = null,
    [property: JsonPropertyName("to")] DateTimeOffset? To = null,
    [property: JsonPropertyName("producers")] IReadOnlyList<string>? Producers = null,
    [property: JsonPropertyName("run")] string? Run = null,
    [property: JsonPropertyName("until")] long Until = 0,
    [property: JsonPropertyName("allow_repeat")] bool AllowRepeat = false)
{
    /// <summary>True when a fact of this type, or an event of this name, is chosen.</summary>
    public bool Takes(string eventType, string? eventName, string producer) =>
        (Types is null || Types.Contains(eventType) || (eventName is not null && Types.Contains(eventName))) && (Producers is null || Producers.Contains(producer));
}
