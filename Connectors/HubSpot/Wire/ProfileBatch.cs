using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace IntegrationHub.Connectors.HubSpot.Wire;

/// <summary>
/// Answer to batch/read (200 or 207) with the properties that were asked for. The rows come in any order; one error lists all ids that
/// nobody has. https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide
/// </summary>
internal sealed class ProfileBatch
{
    public List<ProfileRow> Results { get; } = [];

    /// <summary>The ids that HubSpot says nobody has.</summary>
    public List<string> NotFound { get; } = [];

    /// <exception cref="JsonException">The body is not what HubSpot documents.</exception>
    public static ProfileBatch Parse(ReadOnlySpan<byte> body)
    {
        var batch = new ProfileBatch();
        var reader = new Utf8JsonReader(body);
        using var document = body.IsEmpty ? null : JsonDocument.ParseValue(ref reader);
        if (document is null)
        {
            return batch;
        }

        foreach (var row in Rows(document.RootElement, "results"))
        {
            batch.Results.Add(ProfileRow.From(row));
        }

        foreach (var error in Rows(document.RootElement, "errors").Select(HubSpotError.From).Where(static error => error.Category == "OBJECT_NOT_FOUND"))
        {
            batch.NotFound.AddRange(error.Ids);
        }

        return batch;
    }

    internal static IEnumerable<JsonElement> Rows(JsonElement answer, string name)
        => answer.TryGetProperty(name, out var rows) && rows.ValueKind == JsonValueKind.Array ? rows.EnumerateArray() : [];
}

/// <summary>A contact with properties.</summary>
/// <param name="Id">HubSpot's record id.</param>
/// <param name="Properties">Values as JSON text by name; those that are null or empty are left out.</param>
internal sealed record ProfileRow(string Id, IReadOnlyDictionary<string, string> Properties)
{
    /// <summary>A value as text, or null when there is none.</summary>
    public string? Text(string property)
    {
        if (!Properties.TryGetValue(property, out var json))
        {
            return null;
        }

        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
    }

    /// <exception cref="JsonException">The row has no id.</exception>
    public static ProfileRow From(JsonElement row)
    {
        if (row.ValueKind != JsonValueKind.Object || !row.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.String)
        {
            throw new JsonException("A contact without an id.");
        }

        var properties = new Dictionary<string, string>();
        if (row.TryGetProperty("properties", out var told) && told.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in told.EnumerateObject())
            {
                if (property.Value.ValueKind is not JsonValueKind.Null && !(property.Value.ValueKind == JsonValueKind.String && property.Value.ValueEquals("")))
                {
                    properties[property.Name] = property.Value.GetRawText();
                }
            }
        }

        return new ProfileRow(id.GetString()!, properties);
    }
}

/// <summary>Answer to a merge: the surviving contact. Its id is a new one unless the account keeps the primary's.</summary>
internal sealed record MergedContact([property: JsonPropertyName("id")] string? Id);
