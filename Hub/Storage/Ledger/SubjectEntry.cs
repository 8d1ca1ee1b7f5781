using System.Text;
using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>A profile under change. Holds personal data.</summary>
internal sealed class SubjectEntry
{
    private readonly AttributeRules? _rules;
    private readonly ProfileContent? _stored;
    private readonly string? _storedConsent;
    private readonly HashSet<PartKey> _movedParts = [];
    private readonly HashSet<string> _changedBy = new(StringComparer.Ordinal);
    private readonly long _storedVersion;
    private string _speaker = "";
    private SortedDictionary<PartKey, ProfileContent>? _parts;

    public SubjectEntry(ProfileRow row, AttributeRules? rules = null)
    {
        _rules = rules;
        ProfileId = row.ProfileId;
        ExternalId = row.ExternalId;
        Content = row.Content;
        ConsentJson = row.ConsentJson;
        Version = row.Version;
        _stored = row.Content;
        _storedVersion = row.Version;
        _storedConsent = row.ConsentJson;
        _parts = row.PersonId is null ? null : [];
        StoredPersonId = row.PersonId;
    }

    public SubjectEntry(string? externalId, ProfileContent content, AttributeRules? rules = null)
    {
        _rules = rules;
        ExternalId = externalId;
        Content = content;
        ConsentJson = StoredConsent.Nothing;
        Version = 1;
        KeysChanged = true;
    }

    /// <summary>0 until a new profile got its id.</summary>
    public long ProfileId { get; set; }

    public string? ExternalId { get; private set; }

    public ProfileContent Content { get; private set; }

    public string ConsentJson { get; private set; }

    public long Version { get; private set; }

    /// <summary>The profile that shows this person since two became one; null when this one does.</summary>
    public SubjectEntry? Person { get; private set; }

    /// <summary>The profile that shows this person, which is this one while no other does.</summary>
    public SubjectEntry Shown => Person?.Shown ?? this;

    /// <summary>The profile that showed this person as it stands in the database.</summary>
    public long? StoredPersonId { get; }

    /// <summary>A known profile that another one shows from now on, or no more.</summary>
    public bool IsRegrouped => !IsNew && (Person is null ? StoredPersonId is not null : StoredPersonId is null || StoredPersonId != Person.ProfileId);

    public string? EmailKey => NormalKey.OfEmail(Content.Email);

    /// <summary>The address that a known person had until now who has another one since; else null.</summary>
    public string? FormerEmail => IsChanged && _stored?.Email is { } former && Content.Email is not null && former != Content.Email && Person is null && NormalKey.OfEmail(former) is { } before && before != EmailKey ? former : null;

    /// <summary>The address by which the profile is found: a profile that was joined to another is found by what it had.</summary>
    public string? FoundByEmailKey => Person is null ? EmailKey : null;

    /// <summary>
    /// The key under which hubs before the common form of keys kept what was decided for the address, as one may that still runs beside this one; null where it
    /// is the same.
    /// </summary>
    public string? EarlierEmailKey => Content.Email?.Trim().ToLowerInvariant() is { Length: > 0 } earlier && earlier != EmailKey ? earlier : null;

    public bool IsNew => _stored is null;

    /// <summary>Identity, attributes or consent changed: the version was raised.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>Only times moved.</summary>
    public bool IsTouched => !IsNew && !IsChanged && !ReferenceEquals(Content, _stored);

    /// <summary>Keys that this change takes away from the person, or that the person claims beside those that the profile shows: what is denied under one of them holds for the person.</summary>
    public HashSet<string> OtherKeys { get; } = new(StringComparer.Ordinal);

    /// <summary>The set of keys is another one, so the effective consent has to be read again.</summary>
    public bool KeysChanged { get; private set; }

    /// <summary>Purposes of which a known person's consent is another one now.</summary>
    public IEnumerable<string> ChangedPurposes => _storedConsent is null ? [] : ConsentState.ChangedPurposes(_storedConsent, ConsentJson);

    /// <summary>True when a known person's consent, or where the rules for it are found, is another one now.</summary>
    public bool ConsentMoved => _storedConsent is not null && _storedConsent != ConsentJson;

    /// <summary>Keys of consent that the profile shows.</summary>
    public IEnumerable<string> SubjectKeys => ConsentState.KeysOf(ExternalId, EmailKey);

    /// <summary>False while anything of what the person is like does not open: what is stated of it stays in the log until that is mended, and all else goes on.</summary>
    public bool IsReadable => Content.IsReadable && _parts?.Values.All(part => part.IsReadable) != false;

    /// <summary>The parts of this profile; none when everything was stated under its one key.</summary>
    public IReadOnlyCollection<PartKey> PartKeys => (IReadOnlyCollection<PartKey>?)_parts?.Keys ?? [];

    /// <summary>Parts that changed or came.</summary>
    public IEnumerable<PartRow> MovedParts => _movedParts.Where(key => _parts!.ContainsKey(key)).Select(key => new PartRow(key, ProfileId, _parts![key]));

    /// <summary>The key that everything was stated under while there are no parts.</summary>
    private PartKey? OwnKey => ExternalId is { } id ? new PartKey(new PersonKey(KeyKind.ExternalId, id)) : EmailKey is { } email ? new PartKey(new PersonKey(KeyKind.Email, email)) : null;

    /// <summary>Ties the profile to the one that it was joined to before.</summary>
    public void Follow(SubjectEntry person) => Person = person;

    /// <summary>A part as it is stored.</summary>
    public void Hold(PartRow part) => (_parts ??= [])[part.Key] = part.Content;

    /// <summary>The keys are stored in another form than before; the consent has to be read again.</summary>
    public void Respell(string? externalId)
    {
        ExternalId = externalId;
        KeysChanged = true;
        Raise();
    }

    /// <summary>Somebody anonymous is known by an id from now on.</summary>
    public void Adopt(string externalId)
    {
        Split();
        Respell(externalId);
    }

    /// <summary>Another profile of the same person: what was stated stays in its parts, what is shown is shown here.</summary>
    public void Join(SubjectEntry other)
    {
        Split();
        other.Split();
        foreach (var (key, content) in other._parts!)
        {
            Take(key, content);
        }

        other._parts.Clear();
        foreach (var key in other.SubjectKeys.Concat(other.OtherKeys))
        {
            Claim(key);
        }

        foreach (var key in SubjectKeys.Concat(other.SubjectKeys).ToList())
        {
            other.Claim(key);
        }

        other.Person = this;
        other.Raise();
    }

    /// <summary>The profile shows its own person again.</summary>
    public void Part()
    {
        Person = null;
        KeysChanged = true;
        Raise();
    }

    public void Take(PartKey key, ProfileContent content)
    {
        Split();
        _parts![key] = content;
        _movedParts.Add(key);
    }

    public ProfileContent Give(PartKey key)
    {
        var content = _parts![key];
        _parts.Remove(key);
        return content;
    }

    /// <summary>The person claims a key of consent.</summary>
    public void Claim(string subjectKey) => KeysChanged |= !SubjectKeys.Contains(subjectKey, StringComparer.Ordinal) && OtherKeys.Add(subjectKey);

    /// <summary>Claims the keys among the values that came since they were stored.</summary>
    public void Claim(StatedKeys stated)
    {
        foreach (var key in IsNew || IsChanged ? stated.NewOf(_stored, Content) : [])
        {
            Claim(ConsentState.KeyOf(key));
        }
    }

    /// <summary>Merges a statement; true when the e-mail changed.</summary>
    public bool State(PartKey filed, in ProfileStatement statement)
    {
        _speaker = statement.Producer ?? "";
        if (!IsReadable)
        {
            return false;
        }

        if (_parts is null && filed == OwnKey)
        {
            var (content, changed) = ProfileMerge.Merge(Content, statement, _rules);
            return Show(content, changed);
        }

        Split();
        var (part, _) = ProfileMerge.Merge(_parts!.GetValueOrDefault(filed), statement, _rules);
        Take(filed, part);
        return Show();
    }

    /// <summary>Remembers with a known profile how its values came to change (<see cref="ProfileMarks"/>), once everything was stated.</summary>
    public void Remember()
    {
        if (_rules is null || IsNew || !_stored!.IsReadable || !IsReadable || (!IsChanged && !IsTouched))
        {
            return;
        }

        Content = ProfileMarks.Carry(_stored!, Content, _rules, Word(ProfileMarks.WordOf(_stored!.AttributesAtJson)));
    }

    /// <summary>What a vendor said itself of the profile as it is now; null when others said something too.</summary>
    private VendorsWord? Word(VendorsWord? before)
    {
        before = before?.Until == _storedVersion ? before : null;
        return _changedBy.Count == 0 ? before is null ? null : before with { Until = Version } // its values are as they were
            : _changedBy.Count > 1 || !_rules!.Vendors.TryGetValue(_changedBy.Single(), out var destination) ? null
            : new VendorsWord(destination, before?.Destination == destination ? before.Since : _storedVersion, Version);
    }

    /// <summary>Takes what the log says of a part; nothing where that is what the part says already.</summary>
    public void Restate(PartKey filed, ProfileContent log)
    {
        _speaker = "";
        if (!IsReadable)
        {
            return;
        }

        if (_parts is null && filed == OwnKey)
        {
            var content = ProfileMerge.Restate(Content, log, _rules);
            if (!ReferenceEquals(content, Content))
            {
                Show(content, ProfileMerge.Difference(Content, content).Count > 0);
            }

            return;
        }

        var standing = _parts?.GetValueOrDefault(filed);
        if (standing is null || !ReferenceEquals(ProfileMerge.Restate(standing, log, _rules), standing))
        {
            Split();
            Take(filed, standing is null ? log : ProfileMerge.Restate(standing, log, _rules));
            Show();
        }
    }

    /// <summary>Names of the values that the profile shows otherwise than before.</summary>
    public IReadOnlyList<string> ChangedNames => !IsReadable || _stored?.IsReadable == false ? [] : ProfileMerge.Difference(_stored ?? ProfileMerge.Fold([]), Content);

    /// <summary>Shows what the parts say together; true when the e-mail changed.</summary>
    public bool Show()
    {
        if (!IsReadable)
        {
            return false;
        }

        var content = ProfileMerge.Fold(_parts!.Values, _rules);
        return Show(content, content.Email != Content.Email || content.Phone != Content.Phone || content.AttributesJson != Content.AttributesJson);
    }

    /// <summary>Takes what the person decided, beside where they live now. A profile that another one shows is sent nothing.</summary>
    public void Decide(string consentJson)
    {
        consentJson = Person is null ? consentJson : StoredConsent.With(consentJson, Suppression.PurposeOf(Suppression.Merged), Suppression.OfMerged);
        consentJson = _storedConsent is not null && StoredConsent.IsErased(_storedConsent) ? StoredConsent.With(consentJson, Suppression.PurposeOf(Suppression.Erased), Suppression.OfErased) : consentJson;
        consentJson = StoredConsent.WithPlace(consentJson, Content.IsReadable ? StoredPlace.Of(Content.AttributesJson) : StoredConsent.PlaceOf(Encoding.UTF8.GetBytes(ConsentJson)));
        if (!string.Equals(ConsentJson, consentJson, StringComparison.Ordinal))
        {
            ConsentJson = consentJson;
            Raise();
        }
    }

    /// <summary>Keeps what was stated apart by key from now on.</summary>
    public void Split()
    {
        if (_parts is null)
        {
            _parts = [];
            if (OwnKey is { } own)
            {
                Take(own, Content);
            }
        }
    }

    private bool Show(ProfileContent content, bool changed)
    {
        var key = EmailKey;
        Content = content;
        if (changed)
        {
            _changedBy.Add(_speaker);
            Raise();
        }

        var moved = !string.Equals(key, EmailKey, StringComparison.Ordinal);
        KeysChanged |= moved;
        if (moved && key is not null)
        {
            OtherKeys.Add(ConsentState.KeyOfEmail(key));
        }

        return moved;
    }

    private void Raise()
    {
        if (!IsNew && !IsChanged)
        {
            IsChanged = true;
            Version++;
        }
    }
}
