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
    /// <param name="keyProperty">Property whose value is the row's key.</param>
    /// <param name="withProperties">True to keep key and e-mail of every row; else the key is kept only where the trace id is missing.</param>
    /// <exception cref="JsonException">The body is not what HubSpot documents.</exception>
    public static ContactBatch Parse(ReadOnlySpan<byte> body, string keyProperty, bool withProperties)
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
                    batch.Results.Add(ReadRow(ref reader, keyProperty, withProperties));
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

    private static ContactRow ReadRow(ref Utf8JsonReader reader, string keyProperty, bool withProperties)
    {
        string? id = null;
        string? email = null;
        string? otherEmails = null;
        var trace = ContactRow.Untraced;
        var key = default(Utf8JsonReader);
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
                Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    if (reader.ValueTextEquals(keyProperty))
                    {
                        // A copy that stands before the value: whether the key is wanted is only known at the end of the row.
                        key = reader;
                    }

                    if (withProperties && reader.ValueTextEquals("email"u8))
                    {
                        email = ReadText(ref reader);
                    }
                    else if (withProperties && reader.ValueTextEquals(ContactRow.OtherEmailsProperty))
                    {
                        otherEmails = ReadText(ref reader);
                    }
                    else
                    {
                        reader.Skip();
                    }
                }
            }
        }

        Expect(reader.TokenType == JsonTokenType.EndObject && id is not null);
        var keepKey = (withProperties || trace == ContactRow.Untraced) && key.TokenType == JsonTokenType.PropertyName;
        return new ContactRow(id!, trace, keepKey ? ReadText(ref key) : null, email, otherEmails);
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

/// <summary>A contact in an answer.</summary>
/// <param name="Id">HubSpot's record id.</param>
/// <param name="TraceId">The <c>objectWriteTraceId</c> that we sent, or <see cref="Untraced"/>.</param>
/// <param name="Key">Value of the identity property when it was asked for, or null.</param>
/// <param name="Email">Primary e-mail when it was asked for, or null.</param>
/// <param name="OtherEmails">Further e-mails, separated by semicolons, when they were asked for, or null.</param>
internal readonly record struct ContactRow(string Id, long TraceId, string? Key, string? Email, string? OtherEmails)
{
    public const long Untraced = long.MinValue;

    public const string OtherEmailsProperty = "hs_additional_emails";

    /// <summary>The values of the identity property by which the contact may have been found.</summary>
    public IEnumerable<string> KeysOf(string idProperty)
    {
        var keys = Key is null ? [] : new[] { Key };
        return idProperty == "email" && OtherEmails is not null
            ? keys.Concat(OtherEmails.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            : keys;
    }
}
