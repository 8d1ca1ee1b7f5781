using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>A contact to write, out of a batch. Texts are JSON, quotes included, in one spelling, so that equal texts are equal bytes.</summary>
internal struct HubSpotInput
{
    public HubSpotProperty? IdProperty;
    public ReadOnlyMemory<byte> Id;
    public ReadOnlyMemory<byte> Trace;
    public int FirstChange;
    public int ChangeCount;
    public HubSpotProblem? Problem;
}

/// <summary>Reads the inputs of batch/upsert and batch/update. Reused from call to call.</summary>
internal sealed class HubSpotInputs(HubSpotSchema schema, Func<bool> addsUnknownProperties)
{
    private readonly List<HubSpotInput> _inputs = [];
    private readonly List<FieldChange> _changes = [];
    private readonly List<HubSpotProperty> _properties = [];
    private readonly HashSet<ReadOnlyMemory<byte>> _seen = new(BytesComparer.Instance);

    public int Count => _inputs.Count;

    public HubSpotInput this[int index] => _inputs[index];

    /// <summary>Whether an input sets the property that it is found by.</summary>
    public bool HasOwnKey(HubSpotInput input)
    {
        for (var c = 0; c < input.ChangeCount; c++)
        {
            if (PropertyOf(input, c).Id == input.IdProperty!.Id)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether every input has a trace id of its own; only then single records are refused.</summary>
    public bool AreTraced { get; private set; }

    /// <summary>The fields to set of an input.</summary>
    public ReadOnlySpan<FieldChange> Changes(HubSpotInput input)
        => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_changes).Slice(input.FirstChange, input.ChangeCount);

    /// <summary>The property of a change.</summary>
    public HubSpotProperty PropertyOf(HubSpotInput input, int change) => _properties[input.FirstChange + change];

    /// <summary>The first id that occurs twice, as text, or null.</summary>
    public string? DuplicateId()
    {
        _seen.Clear();
        foreach (var input in _inputs)
        {
            if (!_seen.Add(input.Id))
            {
                return JsonSerializer.Deserialize<string>(input.Id.Span);
            }
        }

        return null;
    }

    /// <exception cref="JsonException">The body is not JSON of the documented shape; the message says where.</exception>
    public void Read(ReadOnlyMemory<byte> body)
    {
        _inputs.Clear();
        _changes.Clear();
        _properties.Clear();
        var reader = new Utf8JsonReader(body.Span);
        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject, "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("inputs"u8))
            {
                reader.Skip();
                continue;
            }

            Expect(reader.Read() && reader.TokenType == JsonTokenType.StartArray, "an array of inputs");
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                Expect(reader.TokenType == JsonTokenType.StartObject, "an input object");
                ReadInput(body, ref reader);
            }
        }

        _seen.Clear();
        AreTraced = _inputs.TrueForAll(input => !input.Trace.IsEmpty && _seen.Add(input.Trace));
    }

    /// <summary>The JSON of a text, with as few escapes as possible.</summary>
    public static ReadOnlyMemory<byte> Json(string text)
    {
        var encoded = JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
        var json = new byte[encoded.Length + 2];
        json[0] = json[^1] = (byte)'"';
        encoded.CopyTo(json.AsSpan(1));
        return json;
    }

    /// <summary>The JSON of a key as the account keeps it: e-mails trimmed and in lower case.</summary>
    [SuppressMessage("Globalization", "CA1308:Normalize strings to uppercase", Justification = "HubSpot's normal form is lower case.")]
    public static ReadOnlyMemory<byte> Normal(HubSpotProperty property, ReadOnlyMemory<byte> json)
    {
        if (!property.IsEmail || IsPlainLowerCase(json.Span))
        {
            return json;
        }

        return Json(JsonSerializer.Deserialize<string>(json.Span)!.Trim().ToLowerInvariant());
    }

    private void ReadInput(ReadOnlyMemory<byte> body, ref Utf8JsonReader reader)
    {
        var input = new HubSpotInput { FirstChange = _changes.Count };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("properties"u8))
            {
                Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject, "an object of properties");
                ReadProperties(body, ref reader, ref input);
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                input.Id = ReadText(body, ref reader);
            }
            else if (reader.ValueTextEquals("objectWriteTraceId"u8))
            {
                input.Trace = ReadText(body, ref reader);
            }
            else if (reader.ValueTextEquals("idProperty"u8))
            {
                reader.Read();
                var guess = 0;
                var unknown = reader.TokenType == JsonTokenType.String ? reader.GetString() : "";
                input.IdProperty = schema.Find(ref reader, ref guess) ?? new HubSpotProperty { Name = unknown! };
            }
            else
            {
                reader.Skip();
            }
        }

        Expect(!input.Id.IsEmpty, "an id in every input");
        input.ChangeCount = _changes.Count - input.FirstChange;
        if (input.IdProperty is { } property)
        {
            input.Id = Normal(property, input.Id);
        }

        _inputs.Add(input);
    }

    private void ReadProperties(ReadOnlyMemory<byte> body, ref Utf8JsonReader reader, ref HubSpotInput input)
    {
        var guess = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var property = schema.Find(ref reader, ref guess);
            if (property is null)
            {
                var name = reader.GetString()!;
                property = addsUnknownProperties()
                    ? schema.Add(new HubSpotProperty { Name = name })
                    : null;
                input.Problem ??= property is not null
                    ? null
                    : new HubSpotProblem("VALIDATION_ERROR", $"Property \"{name}\" does not exist") { Code = "PROPERTY_DOESNT_EXIST", Property = name };
            }

            reader.Read();
            if (reader.TokenType == JsonTokenType.Null || property is null)
            {
                reader.Skip();
                continue;
            }

            Expect(reader.TokenType == JsonTokenType.String, "a text as the value of every property");
            Add(property, Normal(property, Text(body, ref reader)), ref input);
        }
    }

    private void Add(HubSpotProperty property, ReadOnlyMemory<byte> json, ref HubSpotInput input)
    {
        var value = json.Span[1..^1];
        input.Problem ??= property.Refuses(value.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(JsonSerializer.Deserialize<string>(json.Span)!) : value);
        var change = new FieldChange(property.Id, value.IsEmpty ? default : json);
        var former = HubSpotContactStore.IsKey(property) ? _properties.IndexOf(property, input.FirstChange) : -1;
        if (former >= 0)
        {
            _changes[former] = change;
            return;
        }

        _changes.Add(change);
        _properties.Add(property);
    }

    private static ReadOnlyMemory<byte> ReadText(ReadOnlyMemory<byte> body, ref Utf8JsonReader reader)
    {
        reader.Read();
        Expect(reader.TokenType == JsonTokenType.String, "a text");
        return Text(body, ref reader);
    }

    private static ReadOnlyMemory<byte> Text(ReadOnlyMemory<byte> body, ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return body.Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2);
        }

        try
        {
            return Json(reader.GetString()!);
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("A text is not valid Unicode.", e);
        }
    }

    private static bool IsPlainLowerCase(ReadOnlySpan<byte> json)
    {
        foreach (var b in json)
        {
            if (b is (>= (byte)'A' and <= (byte)'Z') or <= (byte)' ' or (byte)'\\' or >= 0x80)
            {
                return false;
            }
        }

        return true;
    }

    private static void Expect([DoesNotReturnIf(false)] bool fine, string wanted)
    {
        if (!fine)
        {
            throw new JsonException($"Expected {wanted}.");
        }
    }

    private sealed class BytesComparer : IEqualityComparer<ReadOnlyMemory<byte>>
    {
        public static readonly BytesComparer Instance = new();

        public bool Equals(ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right) => left.Span.SequenceEqual(right.Span);

        public int GetHashCode(ReadOnlyMemory<byte> bytes)
        {
            var hash = default(HashCode);
            hash.AddBytes(bytes.Span);
            return hash.ToHashCode();
        }
    }
}
