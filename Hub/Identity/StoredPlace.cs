using System.Text.Json;

namespace IntegrationHub.Identity;

/// <summary>Where a person lives, as their attributes say it.</summary>
/// <param name="Country">The attribute <c>country</c>, or null.</param>
/// <param name="State">The attribute <c>state</c>, or null.</param>
public readonly record struct StoredPlace(string? Country, string? State)
{
    private const string CountryAttribute = "country";
    private const string StateAttribute = "state";

    /// <summary>Reads it from a person's attributes.</summary>
    /// <param name="attributesJson">A flat JSON object.</param>
    public static StoredPlace Of(string attributesJson)
    {
        if (!attributesJson.Contains($"\"{CountryAttribute}\"", StringComparison.Ordinal))
        {
            return default;
        }

        using var attributes = JsonDocument.Parse(attributesJson);
        return Text(attributes.RootElement, CountryAttribute) is { } country ? new StoredPlace(country, Text(attributes.RootElement, StateAttribute)) : default;
    }

    private static string? Text(JsonElement attributes, string name) =>
        attributes.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString()!.Trim() is { Length: > 0 and <= 64 } text ? text : null;
}
