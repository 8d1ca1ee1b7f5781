using System.Text.Json;

namespace IntegrationHub.Connectors.Marketo.Wire;

/// <summary>A custom activity type as its <c>describe</c> tells it.</summary>
/// <param name="Primary">API name of the primary attribute.</param>
/// <param name="Secondary">API names of the others.</param>
internal sealed record ActivityTypeDescription(string Primary, IReadOnlySet<string> Secondary)
{
    /// <summary>
    /// Reads <c>primaryAttribute</c>, which stands beside <c>attributes</c>, by the vendor's page. The Swagger file also knows an attribute
    /// with <c>isPrimary</c>; it counts where there is no such object. A type may have no further attributes.
    /// </summary>
    public static MarketoAnswer Attributes(byte[] utf8)
    {
        var answer = MarketoAnswer.Parse(utf8);
        if (answer.Failure is not null)
        {
            return answer;
        }

        using var json = JsonDocument.Parse(utf8);
        if (!json.RootElement.TryGetProperty("result", out var result) || result.ValueKind != JsonValueKind.Array || result.GetArrayLength() == 0)
        {
            return MarketoAnswer.Failed(MarketoAnswer.Malformed);
        }

        var type = result[0];
        var attributes = type.TryGetProperty("attributes", out var listed) && listed.ValueKind == JsonValueKind.Array ? listed.EnumerateArray().ToArray() : [];
        var primary = type.TryGetProperty("primaryAttribute", out var beside) && beside.ValueKind == JsonValueKind.Object
            ? Name(beside)
            : attributes.Where(IsPrimary).Select(Name).FirstOrDefault();
        return primary is { Length: > 0 }
            ? MarketoAnswer.OfContent(new ActivityTypeDescription(primary, attributes.Select(Name).Where(name => name != primary).ToHashSet(StringComparer.Ordinal)))
            : MarketoAnswer.Failed(MarketoAnswer.Malformed);
    }

    private static string Name(JsonElement attribute) => attribute.GetProperty("apiName").GetString() ?? throw new JsonException();

    private static bool IsPrimary(JsonElement attribute) => attribute.TryGetProperty("isPrimary", out var primary) && primary.ValueKind == JsonValueKind.True;
}
