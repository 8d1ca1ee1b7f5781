using System.Text.Json;
using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>Attributes of a person as the producer knows them; attributes that are not named stay as they were.</summary>
public sealed record ProfileAttributes
{
    /// <summary>
    /// The one attribute bag of the contracts: snake_case canonical name to a JSON string, number, boolean or null
    /// (null clears the attribute). Objects and arrays are quarantined. Personal data.
    /// </summary>
    [JsonPropertyName("attributes")]
    public required IReadOnlyDictionary<string, JsonElement> Attributes { get; init; }
}
