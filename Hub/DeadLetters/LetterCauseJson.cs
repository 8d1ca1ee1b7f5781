using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>What is known of why letters died.</summary>
/// <param name="IsOver">True when it is over, false when it is not, null when nobody knows.</param>
/// <param name="Why">From what that follows, one sentence.</param>
internal sealed record LetterCauseJson([property: JsonPropertyName("is_over")] bool? IsOver, [property: JsonPropertyName("why")] string Why);
