using System.Text.Json;

namespace IntegrationHub.Connectors.HubSpot.Wire;

/// <summary>
/// Answer to memberships/add and memberships/remove. An id in none of the three was already as wanted.
/// https://developers.hubspot.com/docs/api-reference/latest/crm/lists/guide
/// </summary>
internal sealed class MembershipChange
{
    /// <summary>Ids whose membership was changed: added or removed.</summary>
    public HashSet<string> Changed { get; } = [];

    /// <summary>Ids that no contact has.</summary>
    public HashSet<string> Missing { get; } = [];

    /// <summary>False for an answer with no list at all: it says nothing about anybody.</summary>
    public bool SaysAnything { get; private set; }

    /// <exception cref="JsonException">The body is not what HubSpot documents.</exception>
    public static MembershipChange Parse(ReadOnlySpan<byte> body)
    {
        var change = new MembershipChange();
        if (body.IsEmpty)
        {
            return change;
        }

        var reader = new Utf8JsonReader(body);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Not a membership answer.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // Both spellings of each name occur in HubSpot's own pages.
            var target = reader.ValueTextEquals("recordsIdsAdded"u8) || reader.ValueTextEquals("recordIdsAdded"u8)
                || reader.ValueTextEquals("recordIdsRemoved"u8) || reader.ValueTextEquals("recordsIdsRemoved"u8) ? change.Changed
                : reader.ValueTextEquals("recordIdsMissing"u8) || reader.ValueTextEquals("recordsIdsMissing"u8) ? change.Missing
                : null;
            reader.Read();
            if (target is null || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            change.SaysAnything = true;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                target.Add(reader.TokenType == JsonTokenType.String ? reader.GetString()! : reader.GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return change;
    }
}
