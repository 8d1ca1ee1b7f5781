using System.Text.Json;

namespace IntegrationHub.Connectors.HubSpot.Wire;

/// <summary>
/// Answer to batch/upsert, batch/update and batch/read (200 or 207). The rows come in any order.
/// https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide
/// </summary>
internal sealed class ContactBatch
{
    public List<ContactRow> Results { get; } = [];

    public List<HubSpotError> Errors { get; } = [];

    /// <summary>Reads an answer.</summary>
    /// <param name="body">The body; an empty one has no rows.</param>
    /// <param name="wanted">The properties to keep.</param>
    /// <exception cref="JsonException">The body is not what HubSpot documents.</exception>
    public static ContactBatch Parse(ReadOnlySpan<byte> body, IReadOnlyCollection<string> wanted)
    {
        var batch = new ContactBatch();
        if (body.IsEmpty)
        {
            return batch;
        }

        var reader = new Utf8JsonReader(body);
        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("results"u8))
            {
                reader.Read();
                Expect(reader.TokenType == JsonTokenType.StartArray);
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                {
                    batch.Results.Add(ReadRow(ref reader, wanted));
                }
            }
            else if (reader.ValueTextEquals("errors"u8))
            {
                reader.Read();
                using var errors = JsonDocument.ParseValue(ref reader);
                Expect(errors.RootElement.ValueKind == JsonValueKind.Array);
                foreach (var error in errors.RootElement.EnumerateArray())
                {
                    batch.Errors.Add(HubSpotError.From(error));
                }
            }
            else
            {
                reader.Skip();
            }
        }

        Expect(reader.TokenType == JsonTokenType.EndObject);
        return batch;
    }

    private static ContactRow ReadRow(ref Utf8JsonReader reader, IReadOnlyCollection<string> wanted)
    {
        string? id = null;
        var trace = ContactRow.Untraced;
        var properties = new Dictionary<string, string?>(wanted.Count);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8))
            {
                id = ReadText(ref reader);
            }
            else if (reader.ValueTextEquals("objectWriteTraceId"u8))
            {
                reader.Read();
                trace = reader.TokenType == JsonTokenType.String && long.TryParse(reader.ValueSpan, out var number) ? number : ContactRow.Untraced;
            }
            else if (!reader.ValueTextEquals("properties"u8))
            {
                reader.Skip();
            }
            else
            {
                ReadProperties(ref reader, wanted, properties);
            }
        }

        Expect(reader.TokenType == JsonTokenType.EndObject && id is not null);
        return new ContactRow(id!, trace, properties);
    }

    private static void ReadProperties(ref Utf8JsonReader reader, IReadOnlyCollection<string> wanted, Dictionary<string, string?> properties)
    {
        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (NameOf(ref reader, wanted) is { } name)
            {
                properties[name] = ReadText(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static string? NameOf(ref Utf8JsonReader reader, IReadOnlyCollection<string> wanted)
    {
        foreach (var name in wanted)
        {
            if (reader.ValueTextEquals(name))
            {
                return name;
            }
        }

        return null;
    }

    private static string? ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        reader.Skip();
        return null;
    }

    private static void Expect(bool fine)
    {
        if (!fine)
        {
            throw new JsonException("Not a batch answer.");
        }
    }
}

/// <summary>A contact in an answer. Personal data.</summary>
/// <param name="Id">HubSpot's record id.</param>
/// <param name="TraceId">The <c>objectWriteTraceId</c> that we sent, or <see cref="Untraced"/>.</param>
/// <param name="Properties">Those of the wanted properties that the answer tells; null for one without a value.</param>
internal readonly record struct ContactRow(string Id, long TraceId, IReadOnlyDictionary<string, string?> Properties)
{
    public const long Untraced = long.MinValue;

    public const string EmailProperty = "email";

    /// <summary>Further e-mails, separated by semicolons. No two contacts share one, whether it is their primary or a further one.</summary>
    public const string OtherEmailsProperty = "hs_additional_emails";

    /// <summary>A property's value, or null when the answer does not tell it or it has none.</summary>
    public string? this[string property] => Properties.GetValueOrDefault(property);

    /// <summary>Whether the contact holds an e-mail, as its primary or a further one.</summary>
    public bool Holds(string email)
        => IsSame(this[EmailProperty], email)
            || (this[OtherEmailsProperty] ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Any(other => IsSame(other, email));

    private static bool IsSame(string? one, string other) => string.Equals(one?.Trim(), other.Trim(), StringComparison.OrdinalIgnoreCase);
}
