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
    private const int HashCapacity = 2048;

    private static readonly IReadOnlyList<MappingIssue> NoIssues = [];
    private static readonly IReadOnlyList<string> NoNames = [];
    private static readonly IReadOnlyList<Field> NoFields = [];

    private readonly CompiledField[] _fields;
    private readonly int _identity;
    private readonly ProfileReading _reading;
    private readonly int _phone;
    private readonly string? _defaultCountry;
    private readonly MappingIssue _identityMissing;

    private DestinationMapping(MappingFile file, ConnectorDescriptor connector, string identityKey, FieldPolicy policy, string? defaultCountry, DateTimeOffset? at)
    {
        var sent = file.Fields.Where(static f => f.Owner == FieldOwner.Hub).ToArray();
        _fields = [.. sent.Select(f => new CompiledField(f, policy.Decide(f), file.EmailAsciiOnly, defaultCountry, at, connector.AddsWith))];
        _identity = Array.FindIndex(sent, f => f.To == identityKey);
        if (_identity < 0)
        {
            throw new ArgumentException($"Mapping {file.Name} has no field {identityKey}, which is the identity key.", nameof(identityKey));
        }

        IdentitySource = sent[_identity].From;
        _defaultCountry = defaultCountry;
        _phone = Array.FindIndex(sent, static f => f is { From: CanonicalSource.Phone, Type: MappedType.Phone, Beside.Count: 0 });

        _reading = new ProfileReading(_fields, sent);
        _identityMissing = new MappingIssue(MappingFailures.IdentityKeyMissing, identityKey);

        var version = string.Create(
            CultureInfo.InvariantCulture, $"{RulesRevision}\n{file.Version}\n{connector.Name}\n{identityKey}\n{defaultCountry}\n{string.Join(',', _fields.Select(static f => $"{f.Name}:{f.Handling}:{f.IsWithheld}"))}{string.Concat(sent.Where(static f => f.IsAddedTo).Select(static f => $"\n{f.To}:{f.ElementSeparator}"))}");
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
    /// <param name="at">The hub's time, by which fields are over; null for a time at which none is. What is over changes neither the version nor anybody's content.</param>
    /// <exception cref="ArgumentException">The mapping has no field for the identity key.</exception>
    public static DestinationMapping Compile(MappingFile file, ConnectorDescriptor connector, string identityKey, FieldPolicy policy, string? defaultCountry = null, DateTimeOffset? at = null) =>
        new(file, connector, identityKey, policy, defaultCountry, at);

    /// <summary>
    /// A person's identity key as the destination knows it, the same for whatever is written there, removed from there or looked up there;
    /// null when the person has none that can be turned. As the company spells it, also where the vendor compares without regard to case.
    /// </summary>
    public string? KeyOf(string? externalId, string? email) =>
        _fields[_identity].Convert(IdentitySource == CanonicalSource.Email ? email : externalId, out var key) == MappingFailure.None ? KeyOf(key) : null;

    /// <summary>The ledger's own normal form, by which the person is found again; an address has it already.</summary>
    private static string? KeyOf(in FieldValue key) => NormalKey.OfId(key.Text);

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
        if (!_reading.TryFill(profile, values, failures))
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
        if (!_reading.TryFill(profile, values, failures))
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

                value = field.Cleared;
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

            if (field.OnlyPutsIn && value is not { Kind: FieldKind.Boolean, Boolean: true })
            {
                continue;
            }

            if (field.IsAddedTo)
            {
                if (field.Added(value) is not { } added)
                {
                    continue;
                }

                value = FieldValue.Of(added);
            }
            else if (field.Handling == FieldHandling.Hash && value.Kind == FieldKind.Text)
            {
                value = FieldValue.Of(HashedValue.Of(value.Text));
            }

            hash.AddField(field.HashedName, value);
            if (field.IsOver)
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
}
