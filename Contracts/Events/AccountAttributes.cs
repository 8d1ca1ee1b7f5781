using System.Text.Json;
using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>Attributes of an account as the producer knows them; attributes that are not named stay as they were.</summary>
public sealed record AccountAttributes
{
    /// <summary>Attributes of the account: snake_case name to a JSON string, number, boolean or null. Objects and arrays are quarantined. Personal data.</summary>
    [JsonPropertyName("attributes")]
    public required IReadOnlyDictionary<string, JsonElement> Attributes { get; init; }
}
