using System.Text.Json.Serialization;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Identities;

/// <summary>Whom somebody asks for.</summary>
/// <param name="Key">A key of the person, such as <c>email:kim@example.org</c>. Personal data.</param>
/// <param name="Reveal">True to be told keys in full; masked when absent.</param>
/// <param name="Reason">Why they, or everything, have to be seen; stays in the audit log.</param>
internal sealed record PersonQuestionJson(
    [property: JsonPropertyName("key")] string? Key = null,
    [property: JsonPropertyName("reveal")] bool Reveal = false,
    [property: JsonPropertyName("reason"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null) : IReasoned;
