using System.Text.Json.Serialization;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Privacy;

/// <summary>Whom a question is about. Stands in bodies, never in addresses. Holds personal data.</summary>
/// <param name="ExternalId">The company's id of the person, or null.</param>
/// <param name="Email">The address, or null.</param>
internal sealed record SubjectJson([property: JsonPropertyName("external_id")] string? ExternalId = null, [property: JsonPropertyName("email")] string? Email = null)
{
    /// <summary>True when it names somebody.</summary>
    [JsonIgnore]
    public bool NamesSomebody => NormalKey.OfId(ExternalId) is not null || NormalKey.OfEmail(Email) is not null;
}
