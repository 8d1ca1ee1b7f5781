using System.Text.Json.Serialization;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Identities;

/// <summary>What became of a decision.</summary>
/// <param name="Changed">False when it held before.</param>
/// <param name="Keys">Where its keys stand now, masked.</param>
/// <param name="Replayed">Facts that had been set aside and were taken in by it.</param>
internal sealed record RulingAnswerJson(
    [property: JsonPropertyName("changed")] bool Changed,
    [property: JsonPropertyName("keys")] IReadOnlyList<KeyStandJson> Keys,
    [property: JsonPropertyName("replayed")] int Replayed)
{
    /// <summary>Shows what became of it.</summary>
    public static RulingAnswerJson From(RulingResult result, int replayed) =>
        new(result.Outcome == RulingOutcome.Decided, [.. result.Keys.Select(key => KeyStandJson.From(key.Key, key.Stand, KeyText.Mask))], replayed);
}
