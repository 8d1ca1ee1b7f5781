using System.Buffers;
using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Mapping;

/// <summary>
/// Reads a person once, for all fields of a mapping: each source fills the slots of the fields that are made of it. What a field is made of that is turned once all of it is known lies until then in slots
/// behind the fields'. Immutable and thread-safe.
/// </summary>
internal sealed class ProfileReading
{
    private const int StackChars = 256;

    private readonly CompiledField[] _fields;
    private readonly MadeOfSeveral[] _ofSeveral;
    private readonly int _keptSources;
    private readonly bool _hasFallbacks;
    private readonly AttributeIndex _attributes;
    private readonly int[] _externalIdSlots;
    private readonly int[] _emailSlots;
    private readonly int[] _phoneSlots;

    /// <param name="fields">The fields.</param>
    /// <param name="sent">What the file says of each.</param>
    public ProfileReading(CompiledField[] fields, FieldMapping[] sent)
    {
        _fields = fields;
        _hasFallbacks = Array.Exists(fields, static f => f.Fallback is not null);
        var (ofSeveral, read) = (new List<MadeOfSeveral>(), new List<(string Source, int Slot)>());
        foreach (var (slot, field) in sent.Index())
        {
            if (field.Reads.Count < 2)
            {
                read.AddRange(field.Reads.Select(source => (source, slot)));
                continue;
            }

            ofSeveral.Add(new MadeOfSeveral(slot, _fields[slot], field, _keptSources));
            read.AddRange(field.Reads.Select((source, at) => (source, sent.Length + _keptSources + at)));
            _keptSources += field.Reads.Count;
        }

        _ofSeveral = [.. ofSeveral];
        var slots = read.ToLookup(static f => f.Source, static f => f.Slot, StringComparer.Ordinal);
        _externalIdSlots = [.. slots[CanonicalSource.ExternalId]];
        _emailSlots = [.. slots[CanonicalSource.Email]];
        _phoneSlots = [.. slots[CanonicalSource.Phone]];
        _attributes = new AttributeIndex(slots
            .Where(static s => !CanonicalSource.IsKey(s.Key))
            .ToDictionary(static s => s.Key, static s => s.ToArray(), StringComparer.Ordinal));
    }

    /// <summary>Fills the slots of the fields; what a person does not have is <see cref="MappingFailure.Missing"/>.</summary>
    /// <returns>False when the attributes are no flat JSON object.</returns>
    public bool TryFill(in ProfileView profile, Field[] values, Span<MappingFailure> failures)
    {
        failures.Fill(MappingFailure.Missing);
        var later = _keptSources == 0 ? [] : new SourceText[_keptSources];

        Fill(_externalIdSlots, profile.ExternalId, values, failures, later);
        Fill(_emailSlots, profile.Email, values, failures, later);
        Fill(_phoneSlots, profile.Phone, values, failures, later);
        if (!TryFillAttributes(profile.AttributesJson, values, failures, later))
        {
            return false;
        }

        foreach (var made in _ofSeveral)
        {
            failures[made.Slot] = made.Make(later, out var value);
            values[made.Slot] = new Field(_fields[made.Slot].Name, value);
        }

        for (var slot = 0; _hasFallbacks && slot < _fields.Length; slot++)
        {
            if (failures[slot] == MappingFailure.Missing && _fields[slot].Fallback is { } fallback)
            {
                (failures[slot], values[slot]) = (MappingFailure.None, new Field(_fields[slot].Name, fallback));
            }
        }

        return true;
    }

    private void Fill(int[] slots, string? source, Field[] values, Span<MappingFailure> failures, Span<SourceText> later)
    {
        if (source is not null)
        {
            Fill(slots, source.AsSpan(), isNumber: false, values, failures, later);
        }
    }

    private void Fill(ReadOnlySpan<int> slots, ReadOnlySpan<char> source, bool isNumber, Field[] values, Span<MappingFailure> failures, Span<SourceText> later)
    {
        foreach (var slot in slots)
        {
            if (slot >= _fields.Length)
            {
                later[slot - _fields.Length] = new SourceText(source.ToString(), isNumber ? JsonValueKind.Number : JsonValueKind.String);
                continue;
            }

            failures[slot] = isNumber ? _fields[slot].ConvertNumber(source, out var value) : _fields[slot].Convert(source, out value);
            values[slot] = new Field(_fields[slot].Name, value);
        }
    }

    private bool TryFillAttributes(string json, Field[] values, Span<MappingFailure> failures, Span<SourceText> later)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(json.Length));
        try
        {
            var reader = new Utf8JsonReader(bytes.AsSpan(0, Encoding.UTF8.GetBytes(json, bytes)));
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var slots = reader.ValueIsEscaped ? _attributes.Find(Encoding.UTF8.GetBytes(reader.GetString()!)) : _attributes.Find(reader.ValueSpan);
                reader.Read();
                if (slots.IsEmpty)
                {
                    reader.Skip();
                }
                else
                {
                    FillToken(slots, ref reader, values, failures, later);
                }
            }

            return reader.TokenType == JsonTokenType.EndObject;
        }
        catch (JsonException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes, clearArray: false);
        }
    }

    private void FillToken(ReadOnlySpan<int> slots, ref Utf8JsonReader reader, Field[] values, Span<MappingFailure> failures, Span<SourceText> later)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                FillText(slots, ref reader, values, failures, later);
                break;
            case JsonTokenType.Number:
                Span<char> digits = stackalloc char[StackChars];
                var fits = reader.ValueSpan.Length <= digits.Length;
                Fill(slots, fits ? digits[..Encoding.UTF8.GetChars(reader.ValueSpan, digits)] : Encoding.UTF8.GetString(reader.ValueSpan), isNumber: true, values, failures, later);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                foreach (var slot in slots)
                {
                    if (slot >= _fields.Length)
                    {
                        later[slot - _fields.Length] = reader.GetBoolean() ? new SourceText("true", JsonValueKind.True) : new SourceText("false", JsonValueKind.False);
                        continue;
                    }

                    failures[slot] = _fields[slot].Convert(reader.GetBoolean(), out var value);
                    values[slot] = new Field(_fields[slot].Name, value);
                }

                break;
            default:
                var failure = reader.TokenType == JsonTokenType.Null ? MappingFailure.Missing : MappingFailure.NotScalar;
                foreach (var slot in slots)
                {
                    if (slot < _fields.Length)
                    {
                        failures[slot] = failure;
                    }
                    else if (failure == MappingFailure.NotScalar)
                    {
                        later[slot - _fields.Length] = new SourceText(null, JsonValueKind.Object);
                    }
                }

                reader.Skip();
                break;
        }
    }

    private void FillText(ReadOnlySpan<int> slots, ref Utf8JsonReader reader, Field[] values, Span<MappingFailure> failures, Span<SourceText> later)
    {
        if (reader.ValueSpan.Length <= StackChars)
        {
            Span<char> text = stackalloc char[StackChars];
            Fill(slots, text[..reader.CopyString(text)], isNumber: false, values, failures, later);
        }
        else
        {
            Fill(slots, reader.GetString().AsSpan(), isNumber: false, values, failures, later);
        }
    }
}
