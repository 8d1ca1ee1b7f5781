using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Identities;

/// <summary>Whom somebody asks for.</summary>
/// <param name="Key">A key of the person, such as <c>email:kim@example.org</c>. Personal data.</param>
/// <param name="Reveal">True to be told keys in full; masked when absent.</param>
internal sealed record PersonQuestionJson([property: JsonPropertyName("key")] string? Key = null, [property: JsonPropertyName("reveal")] bool Reveal = false);
