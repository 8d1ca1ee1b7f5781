using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>A profile as it stands in the database. Holds personal data.</summary>
internal sealed record ProfileRow(long ProfileId, string? ExternalId, ProfileContent Content, string ConsentJson, long Version);

/// <summary>A profile under change. Holds personal data.</summary>
internal sealed class SubjectEntry
{
    private readonly ProfileContent? _stored;
    private readonly string? _storedConsent;

    public SubjectEntry(ProfileRow row)
    {
        ProfileId = row.ProfileId;
        ExternalId = row.ExternalId;
        Content = row.Content;
        ConsentJson = row.ConsentJson;
        Version = row.Version;
        _stored = row.Content;
        _storedConsent = row.ConsentJson;
    }

    public SubjectEntry(string? externalId, ProfileContent content)
    {
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

    public string? EmailKey => NormalKey.OfEmail(Content.Email);

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

    /// <summary>Keys that this change takes away from the person.</summary>
    public List<string> LostKeys { get; } = [];

    /// <summary>The set of keys is another one, so the effective consent has to be read again.</summary>
    public bool KeysChanged { get; private set; }

    /// <summary>Purposes of which a known person's consent is another one now.</summary>
    public IEnumerable<string> ChangedPurposes => _storedConsent is null ? [] : ConsentState.ChangedPurposes(_storedConsent, ConsentJson);

    /// <summary>The keys are stored in another form than before; the consent has to be read again.</summary>
    public void Respell(string? externalId)
    {
        ExternalId = externalId;
        KeysChanged = true;
        Raise();
    }

    public void Adopt(string externalId) => Respell(externalId);

    /// <summary>Merges a statement; true when the e-mail changed.</summary>
    public bool State(in ProfileStatement statement)
    {
        var key = EmailKey;
        var (content, changed) = ProfileMerge.Merge(Content, statement);
        Content = content;
        if (changed)
        {
            Raise();
        }

        var moved = !string.Equals(key, EmailKey, StringComparison.Ordinal);
        KeysChanged |= moved;
        if (moved && key is not null)
        {
            LostKeys.Add(ConsentState.KeyOfEmail(key));
        }

        return moved;
    }

    /// <summary>Takes what the person decided, beside where they live now.</summary>
    public void Decide(string consentJson)
    {
        consentJson = StoredConsent.WithPlace(consentJson, StoredPlace.Of(Content.AttributesJson));
        if (!string.Equals(ConsentJson, consentJson, StringComparison.Ordinal))
        {
            ConsentJson = consentJson;
            Raise();
        }
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

/// <summary>
/// Finds, adopts and creates the profiles that statements are about. External id first; else a profile without one that has the
/// e-mail is adopted; a statement with an e-mail alone goes to the lowest profile id that has it. Pure.
/// </summary>
internal sealed class SubjectBook
{
    private readonly Dictionary<string, SubjectEntry> _byExternalId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<SubjectEntry>> _byEmail = new(StringComparer.Ordinal);
    private readonly List<SubjectEntry> _entries = [];

    public SubjectBook(IEnumerable<ProfileRow> known)
    {
        foreach (var row in known.OrderBy(row => row.ProfileId))
        {
            Index(new SubjectEntry(row));
        }
    }

    /// <summary>All profiles of the book, known ones by id first, then new ones in order of creation.</summary>
    public IReadOnlyList<SubjectEntry> Entries => _entries;

    /// <summary>Finds or adopts; null when there is nobody.</summary>
    public SubjectEntry? Find(string? externalId, string? email)
    {
        var emailKey = NormalKey.OfEmail(email);
        if (string.IsNullOrEmpty(externalId))
        {
            return emailKey is null ? null : WithEmail(emailKey).FirstOrDefault();
        }

        if (_byExternalId.TryGetValue(externalId, out var entry))
        {
            return entry;
        }

        var orphan = emailKey is null ? null : WithEmail(emailKey).FirstOrDefault(candidate => candidate.ExternalId is null);
        if (orphan is not null)
        {
            orphan.Adopt(externalId);
            _byExternalId.Add(externalId, orphan);
        }

        return orphan;
    }

    /// <summary>Finds, adopts or creates, and merges the statement.</summary>
    public SubjectEntry State(string? externalId, in ProfileStatement statement)
    {
        if (Find(externalId, statement.Email) is not { } entry)
        {
            entry = new SubjectEntry(string.IsNullOrEmpty(externalId) ? null : externalId, ProfileMerge.Merge(null, statement).Content);
            Index(entry);
            return entry;
        }

        if (entry.State(statement) && entry.EmailKey is { } moved)
        {
            List(moved).Add(entry);
        }

        return entry;
    }

    /// <summary>The profiles that have an e-mail now.</summary>
    public IEnumerable<SubjectEntry> WithEmail(string emailKey) =>
        _byEmail.TryGetValue(emailKey, out var entries)
            ? entries.Where(entry => string.Equals(entry.EmailKey, emailKey, StringComparison.Ordinal))
            : [];

    private void Index(SubjectEntry entry)
    {
        _entries.Add(entry);
        if (entry.ExternalId is { } externalId)
        {
            _byExternalId.TryAdd(externalId, entry);
        }

        if (entry.EmailKey is { } emailKey)
        {
            List(emailKey).Add(entry);
        }
    }

    private List<SubjectEntry> List(string emailKey)
    {
        if (!_byEmail.TryGetValue(emailKey, out var entries))
        {
            _byEmail.Add(emailKey, entries = []);
        }

        return entries;
    }
}
