using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>A decision under one key of a subject.</summary>
/// <param name="Collected">True for what only travelled with some other fact, as earlier versions kept it beside what people decided (decision 0026); nothing new is.</param>
internal readonly record struct ConsentRow(string SubjectKey, string Purpose, string Status, string Source, DateTimeOffset DecidedAt, bool Collected)
{
    /// <summary>A grant that only travelled with a fact: it gives way to every decision, and grants nothing.</summary>
    public bool IsHearsay => Collected && !IsDenied;

    /// <summary>When a grant ends by itself, or null.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Channel that it is for, or null. Kept in the history alone, as the two that follow.</summary>
    public string? Channel { get; init; }

    /// <summary>Ground of the decision, or null.</summary>
    public string? LegalBasis { get; init; }

    /// <summary>What shows it, a JSON object, or null.</summary>
    public string? EvidenceJson { get; init; }

    /// <summary>True when something shows the decision.</summary>
    public bool HasEvidence { get; init; }

    /// <summary>True when the person said no.</summary>
    public bool IsDenied => Status == ConsentWord.Denied;

    /// <summary>True when the decision was made under an address.</summary>
    public bool IsOfAddress => ConsentState.IsOfAddress(SubjectKey);

    /// <summary>
    /// True when this decision counts and not the other one: a decision before a grant that only travelled with a fact, whenever that was;
    /// else the later; of two at the same time the denial, or the grant that ends first, or of which nothing shows it.
    /// </summary>
    public bool Beats(in ConsentRow other) =>
        IsHearsay != other.IsHearsay ? other.IsHearsay
        : DecidedAt != other.DecidedAt ? DecidedAt > other.DecidedAt
        : IsDenied != other.IsDenied ? IsDenied
        : ExpiresAt != other.ExpiresAt ? ExpiresAt is { } end && (other.ExpiresAt is not { } otherEnd || end < otherEnd)
        : !HasEvidence && other.HasEvidence;
}

/// <summary>Keys and effective states of consent. Pure.</summary>
internal static class ConsentState
{
    private const string IdPrefix = "id:";
    private const string EmailPrefix = "email:";

    /// <summary>The keys under which consent of a subject is kept.</summary>
    /// <param name="externalId">The company's id in its normal form, or null.</param>
    /// <param name="emailKey">The e-mail address in its normal form, or null.</param>
    public static IEnumerable<string> KeysOf(string? externalId, string? emailKey)
    {
        if (externalId is not null)
        {
            yield return IdPrefix + externalId;
        }

        if (emailKey is not null)
        {
            yield return KeyOfEmail(emailKey);
        }
    }

    public static string KeyOfEmail(string emailKey) => EmailPrefix + emailKey;

    /// <summary>True when a key is an address and not the person's own.</summary>
    public static bool IsOfAddress(string subjectKey) => subjectKey.StartsWith(EmailPrefix, StringComparison.Ordinal);

    /// <summary>The key of consent of a key of a person.</summary>
    public static string KeyOf(in PersonKey key) => key.Kind == KeyKind.ExternalId ? IdPrefix + key.Value : key.ToString();

    /// <summary>The key of a person that a key of consent is of; null when it is of a kind that this version does not know.</summary>
    public static PersonKey? Named(string subjectKey) => subjectKey.StartsWith(IdPrefix, StringComparison.Ordinal)
        ? new PersonKey(KeyKind.ExternalId, subjectKey[IdPrefix.Length..])
        : PersonKey.ReadOrNull(subjectKey);

    /// <summary>True in SQL for a key whose kind this version knows.</summary>
    public static string KindIsKnown(string column) => $"({column} LIKE '{IdPrefix}%' OR {UnreadableDecisions.KindIsKnown(column)})";

    /// <summary>The key in its normal form; null when nothing is left of it, or this version does not know its kind.</summary>
    public static string? Normal(string subjectKey) =>
        Named(subjectKey) is { } named && PersonKey.Of(named.Kind, named.Value) is { } normal ? KeyOf(normal) : null;

    /// <summary>One decision per key and purpose: a denial where there is one, whenever it was; else the one that counts.</summary>
    public static IReadOnlyList<ConsentRow> Strictest(IEnumerable<ConsentRow> decisions) =>
    [
        .. decisions.GroupBy(decision => (decision.SubjectKey, decision.Purpose)).Select(same => same.Aggregate((strictest, next) =>
            strictest.IsDenied != next.IsDenied ? (strictest.IsDenied ? strictest : next) : next.Beats(strictest) ? next : strictest)),
    ];

    /// <summary>One decision per key and purpose: those that count.</summary>
    public static IReadOnlyList<ConsentRow> Latest(IEnumerable<ConsentRow> decisions)
    {
        var latest = new Dictionary<(string, string), ConsentRow>();
        foreach (var decision in decisions)
        {
            var key = (decision.SubjectKey, decision.Purpose);
            if (!latest.TryGetValue(key, out var other) || decision.Beats(other))
            {
                latest[key] = decision;
            }
        }

        return [.. latest.Values];
    }

    /// <summary>Purposes whose status differs between two effective states.</summary>
    public static IEnumerable<string> ChangedPurposes(string before, string after)
    {
        if (string.Equals(before, after, StringComparison.Ordinal))
        {
            return [];
        }

        var (old, now) = (StoredConsent.Read(before), StoredConsent.Read(after));
        return old.Keys.Union(now.Keys, StringComparer.Ordinal).Where(purpose => StatusOf(old, purpose) != StatusOf(now, purpose));
    }

    private static string? StatusOf(IReadOnlyDictionary<string, PurposeConsent> states, string purpose) => states.TryGetValue(purpose, out var state) ? state.Status : null;

    /// <summary>
    /// The effective states over all keys of one subject, as kept with the profile: the newest decision, but a grant under an address never lifts what the person
    /// denied under their own key. Of a key that the subject had, only what was denied counts, and not that mail to a former address came back.
    /// </summary>
    public static string Effective(IEnumerable<ConsentRow> now, IEnumerable<ConsentRow> formerly)
    {
        var byPurpose = new SortedDictionary<string, (ConsentRow? Own, ConsentRow? OfAddress)>(StringComparer.Ordinal);
        foreach (var decision in now.Concat(formerly.Where(row => row.IsDenied && !(row.IsOfAddress && Suppression.IsOfAddressAlone(row.Purpose)))).Where(decision => !decision.IsHearsay))
        {
            var (own, ofAddress) = byPurpose.GetValueOrDefault(decision.Purpose);
            byPurpose[decision.Purpose] = decision.IsOfAddress ? (own, Counting(ofAddress, decision)) : (Counting(own, decision), ofAddress);
        }

        return StoredConsent.Write(byPurpose.Select(state => KeyValuePair.Create(state.Key, Stored(Counting(state.Value.Own, state.Value.OfAddress)))));
    }

    private static ConsentRow Counting(ConsentRow? one, in ConsentRow other) => one is { } row && !other.Beats(row) ? row : other;

    private static ConsentRow Counting(ConsentRow? own, ConsentRow? ofAddress) =>
        own is not { } person ? ofAddress!.Value
        : ofAddress is not { } address || (person.IsDenied && !address.IsDenied) ? person
        : Counting(person, address);

    private static PurposeConsent Stored(in ConsentRow row) => new(row.Status, row.DecidedAt, row.Source) { ExpiresAt = row.IsDenied ? null : row.ExpiresAt, HasEvidence = row.HasEvidence };
}
