using System.Runtime.InteropServices;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>The body of an upsert, read in two passes because <c>input</c> may stand before what it depends on.</summary>
internal sealed class UpsertRequest
{
    private readonly List<FieldChange> _changes = [];
    private int _input = -1;

    public string Action { get; private set; } = "createOrUpdate";

    public string LookupField { get; private set; } = "email";

    public string? Partition { get; private set; }

    public MarketoField Lookup { get; private set; } = null!;

    public List<UpsertRecord> Records { get; } = [];

    public ReadOnlySpan<FieldChange> Changes(UpsertRecord record) => CollectionsMarshal.AsSpan(_changes).Slice(record.FirstChange, record.Changes);

    /// <summary>Reads all but the records. Returns the vendor's code when something is missing.</summary>
    /// <exception cref="JsonException">The body is no JSON.</exception>
    public string? ReadHead(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isInput = reader.ValueTextEquals("input"u8);
            var name = isInput ? null : reader.GetString();
            reader.Read();
            switch (name)
            {
                case null:
                    _input = reader.TokenType == JsonTokenType.StartArray ? (int)reader.TokenStartIndex : -1;
                    reader.Skip();
                    break;
                case "action":
                    Action = Text(ref reader);
                    break;
                case "lookupField":
                    LookupField = Text(ref reader);
                    break;
                case "partitionName":
                    Partition = Text(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        while (reader.Read())
        {
        }

        return _input < 0 ? "1002" : null;
    }

    public void ReadRecords(ReadOnlyMemory<byte> body, MarketoFields fields, MarketoField lookup)
    {
        Lookup = lookup;
        var input = body[_input..];
        var reader = new Utf8JsonReader(input.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException();
            }

            Records.Add(ReadRecord(ref reader, input, fields));
        }
    }

    private UpsertRecord ReadRecord(ref Utf8JsonReader reader, ReadOnlyMemory<byte> input, MarketoFields fields)
    {
        var record = new UpsertRecord { FirstChange = _changes.Count };
        var seen = 0UL;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = fields.Find(ref reader);
            reader.Read();
            if (field is null)
            {
                record.Refusal ??= "1006";
                reader.Skip();
                continue;
            }

            if ((seen & (1UL << field.Number)) != 0)
            {
                throw new JsonException("A key stands twice in one record.");
            }

            seen |= 1UL << field.Number;
            var refusal = MarketoFields.Read(ref reader, field, input, out var stored);
            Take(record, field, stored);
            record.Refusal ??= refusal;
        }

        record.Changes = _changes.Count - record.FirstChange;
        record.Refusal ??= record.Key.IsEmpty ? "1003" : null;
        return record;
    }

    private void Take(UpsertRecord record, MarketoField field, ReadOnlyMemory<byte> stored)
    {
        if (field == Lookup && !stored.IsEmpty)
        {
            record.Key = stored.Span[0] == (byte)'"' ? stored[1..^1] : stored;
        }

        if (field.Name == "id")
        {
            record.Id = long.TryParse(stored.Span, out var id) ? id : 0;
            record.Refusal ??= Lookup.Name == "id" ? null : "1003";
        }
        else if (field.IsUpdateable)
        {
            _changes.Add(new(field.Number, stored));
        }
    }

    private static string Text(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString()!,
        JsonTokenType.Null => "",
        _ => throw new JsonException(),
    };
}
