using System.Text.Json.Serialization;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Identities;

/// <summary>What somebody decides about keys. Holds personal data.</summary>
/// <param name="Key">The key that it is about, such as <c>email:kim@example.org</c>.</param>
/// <param name="Person">The company's id of the person: with <c>assign</c> whose the key is, with <c>merge</c> and <c>unmerge</c> the other person.</param>
/// <param name="Reason">Why; stays with the decision.</param>
/// <param name="By">Who decides; the kind of caller when absent.</param>
internal sealed record RulingJson(
    [property: JsonPropertyName("key")] string? Key = null,
    [property: JsonPropertyName("person")] string? Person = null,
    [property: JsonPropertyName("reason")] string? Reason = null,
    [property: JsonPropertyName("by")] string? By = null) : IReasoned;
