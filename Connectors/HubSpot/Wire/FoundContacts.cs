using System.Text.Json;

namespace IntegrationHub.Connectors.HubSpot.Wire;

/// <summary>Answer to a search, with the properties that were asked for. https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm</summary>
internal sealed class FoundContacts
{
    public required List<ProfileRow> Results { get; init; }

    /// <summary>All that the query finds, on this page and after it.</summary>
    public required long Total { get; init; }

    /// <exception cref="JsonException">The body is not what HubSpot documents.</exception>
    public static FoundContacts Parse(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty("total", out var total) && total.TryGetInt64(out var count)
            && document.RootElement.TryGetProperty("results", out var rows) && rows.ValueKind == JsonValueKind.Array
                ? new FoundContacts { Total = count, Results = [.. rows.EnumerateArray().Select(ProfileRow.From)] }
                : throw new JsonException("Not the answer to a search.");
    }
}
