using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Policy;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Mapping;

/// <summary>A mapping compiled for one destination. Immutable and thread-safe.</summary>
internal sealed class DestinationMapping
{
    /// <summary>Raised when the code of a conversion changes, so that every profile is mapped anew.</summary>
    private const int RulesRevision = 4;

    private const int StackSlots = 64;
    private const int StackChars = 256;
    private const int HashCapacity = 2048;

    private static readonly IReadOnlyList<MappingIssue> NoIssues = [];
    private static readonly IReadOnlyList<string> NoNames = [];
    private static readonly IReadOnlyList<Field> NoFields = [];

    private readonly CompiledField[] _fields;
    private readonly int _identity;
    private readonly MadeOfSeveral[] _ofSeveral;
    private readonly int _keptSources;
    private readonly bool _hasFallbacks;
    private readonly TimeProvider _time;
    private readonly int _phone;
    private readonly string? _defaultCountry;
    private readonly AttributeIndex _attributes;
    private readonly int[] _externalIdSlots;
    private readonly int[] _emailSlots;
    private readonly int[] _phoneSlots;
    private readonly MappingIssue _identityMissing;

    private DestinationMapping(MappingFile file, ConnectorDescriptor connector, string identityKey, FieldPolicy policy, string? defaultCountry, TimeProvider time)
    {
        _time = time;
        var sent = file.Fields.Where(static f => f.Owner == FieldOwner.Hub).ToArray();
        _fields = [.. sent.Select(f => new CompiledField(f, policy.Decide(f), file.EmailAsciiOnly, defaultCountry))];
        _identity = Array.FindIndex(sent, f => f.To == identityKey);
        if (_identity < 0)
        {
            throw new ArgumentException($"Mapping {file.Name} has no field {identityKey}, which is the identity key.", nameof(identityKey));
        }

        IdentitySource = sent[_identity].From;
        _defaultCountry = defaultCountry;
        _phone = Array.FindIndex(sent, static f => f is { From: CanonicalSource.Phone, Type: MappedType.Phone, Beside.Count: 0 });
        _hasFallbacks = Array.Exists(_fields, static f => f.Fallback is not null);

        // What a field is made of that is turned once all of it is known lies until then in slots behind the fields'.
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
        _identityMissing = new MappingIssue(MappingFailures.IdentityKeyMissing, identityKey);

        var version = string.Create(
            CultureInfo.InvariantCulture, $"{RulesRevision}\n{file.Version}\n{connector.Name}\n{identityKey}\n{defaultCountry}\n{string.Join(',', _fields.Select(static f => $"{f.Name}:{f.Handling}:{f.IsWithheld}"))}");
        Version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(version)).AsSpan(0, 8));
    }

    /// <summary>16 hexadecimal digits that change when the same profile may give another record: mapping text, identity key, what policy makes of a field, or the rules themselves.</summary>
    public string Version { get; }

    /// <summary>What the identity key is made of: <c>external_id</c> or <c>email</c>.</summary>
    public string IdentitySource { get; }

    /// <summary>Compiles a mapping once; the file was checked when it was loaded.</summary>
    /// <param name="file">The mapping.</param>
    /// <param name="connector">Whose fields it fills.</param>
    /// <param name="identityKey">The vendor field that identifies a person.</param>
    /// <param name="policy">What may leave for the destination.</param>
    /// <param name="defaultCountry">The destination's country of phone numbers that name none, or null.</param>
    /// <param name="time">Clock by which fields end; the system's when null.</param>
    /// <exception cref="ArgumentException">The mapping has no field for the identity key.</exception>
    public static DestinationMapping Compile(MappingFile file, ConnectorDescriptor connector, string identityKey, FieldPolicy policy, string? defaultCountry = null, TimeProvider? time = null) =>
        new(file, connector, identityKey, policy, defaultCountry, time ?? TimeProvider.System);

    /// <summary>
    /// A person's identity key as the destination knows it, the same for whatever is written there, removed from there or looked up there;
    /// null when the person has none that can be turned. As the company spells it, also where the vendor compares without regard to case.
    /// </summary>
    public string? KeyOf(string? externalId, string? email) =>
        _fields[_identity].Convert(IdentitySource == CanonicalSource.Email ? email : externalId, out var key) == MappingFailure.None ? KeyOf(key) : null;

    /// <summary>The ledger's own normal form, by which the person is found again.</summary>
    private string? KeyOf(in FieldValue key) => IdentitySource == CanonicalSource.Email ? key.Text : NormalKey.OfId(key.Text);

    /// <summary>The person's phone number as E.164, as the mapping reads it; where it maps none as a phone, by the destination's country alone.</summary>
    public MappingFailure PhoneOf(in ProfileView profile, out string? phone)
    {
        phone = null;
        if (_phone < 0)
        {
            var written = InvisibleText.Trim(profile.Phone);
            var failure = written.IsEmpty ? MappingFailure.Missing : PhoneNumber.ToE164(written, _defaultCountry, out phone);
            phone = failure == MappingFailure.None ? phone : null;
            return failure;
        }

        var values = new Field[_fields.Length];
        var failures = new MappingFailure[_fields.Length];
        if (!TryFill(profile, values, failures))
        {
            return MappingFailure.NotScalar;
        }

        phone = failures[_phone] == MappingFailure.None ? values[_phone].Value.Text : null;
        return failures[_phone];
    }

    /// <summary>Maps one person.</summary>
    public MappedRecord Map(in ProfileView profile)
    {
        var values = new Field[_fields.Length];
        Span<MappingFailure> failures = _fields.Length <= StackSlots ? stackalloc MappingFailure[StackSlots] : new MappingFailure[_fields.Length];
        failures = failures[.._fields.Length];
        if (!TryFill(profile, values, failures))
        {
            return Rejected(new MappingIssue(MappingFailures.AttributesMalformed, "attributes"));
        }

        return failures[_identity] switch
        {
            MappingFailure.None => Build(values, failures),
            MappingFailure.Missing => Rejected(_identityMissing),
            var failure => Rejected(_fields[_identity].IssueOf(failure)),
        };
    }

    private bool TryFill(in ProfileView profile, Field[] values, Span<MappingFailure> failures)
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

    private MappedRecord Build(Field[] values, ReadOnlySpan<MappingFailure> failures)
    {
        if (KeyOf(values[_identity].Value) is not { } key)
        {
            return Rejected(_identityMissing);
        }

        using var hash = new ContentHasher(HashCapacity);
        hash.AddKey(key);
        List<MappingIssue>? dropped = null;
        List<string>? withheld = null;
        var count = 0;
        for (var slot = 0; slot < values.Length; slot++)
        {
            if (slot == _identity)
            {
                continue;
            }

            var field = _fields[slot];
            var failure = failures[slot];
            var value = values[slot].Value;
            if (field.Handling == FieldHandling.Drop)
            {
                if (field.IsWithheld && failure != MappingFailure.Missing)
                {
                    (withheld ??= []).Add(field.Name);
                }

                continue;
            }

            if (failure == MappingFailure.Missing)
            {
                if (field.OnNull == NullRule.Reject)
                {
                    return Rejected(field.IssueOf(failure));
                }

                if (field.OnNull == NullRule.Omit)
                {
                    continue;
                }

                value = FieldValue.Null;
            }
            else if (failure != MappingFailure.None)
            {
                if (field.OnError == ErrorRule.Reject)
                {
                    return Rejected(field.IssueOf(failure));
                }

                (dropped ??= []).Add(field.IssueOf(failure));
                continue;
            }

            if (field.Handling == FieldHandling.Hash && value.Kind == FieldKind.Text)
            {
                value = FieldValue.Of(HashedValue.Of(value.Text));
            }

            hash.AddField(field.HashedName, value);
            if (field.Mapping is { Until: not null } ending && ending.IsOver(_time.GetUtcNow()))
            {
                continue; // in the hash all the same: that a day has passed is nobody's change
            }

            values[count++] = new Field(field.Name, value);
        }

        return new MappedRecord
        {
            Key = key,
            Fields = new ArraySegment<Field>(values, 0, count),
            ContentHash = hash.Finish(),
            Dropped = dropped ?? NoIssues,
            Withheld = withheld ?? NoNames,
        };
    }

    private static MappedRecord Rejected(MappingIssue issue) => new() { Fields = NoFields, Rejection = issue, Dropped = NoIssues, Withheld = NoNames };

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
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
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
