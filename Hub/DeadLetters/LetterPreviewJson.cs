using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>What an action would have.</summary>
/// <param name="Expected">How many letters: what a confirmation has to carry.</param>
/// <param name="Ambiguous">How many of them the vendor may have already though it recognises no repeat.</param>
internal sealed record LetterPreviewJson([property: JsonPropertyName("expected")] long Expected, [property: JsonPropertyName("ambiguous")] long Ambiguous);
