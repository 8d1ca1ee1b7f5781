using System.Text.Json;
using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>What a person did.</summary>
public sealed record TrackedBehavior
{
    /// <summary>Name of the event, for example <c>product_viewed</c>; not empty, up to 255 characters. Destinations have their routes by it.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>
    /// More about the event: snake_case name to a JSON string, number, boolean or null. Objects and arrays are quarantined. A destination
    /// is told those that its route names. Personal data.
    /// </summary>
    [JsonPropertyName("properties")]
    public IReadOnlyDictionary<string, JsonElement> Properties { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Set when the event is a purchase, else null.</summary>
    [JsonPropertyName("purchase")]
    public PurchasedProduct? Purchase { get; init; }
}
