using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// Brings statements and consent decisions to the profiles they are about; the part that facts and snapshots share. Whom they are about is told by the law of identity
/// (<see cref="IdentityIntake"/>).
/// </summary>
internal sealed class SubjectIntake(ILedgerTables tables, IConsentTables consents, IKeyHistory history, IdentityIntake identity, StatedKeys keysAmongValues, AttributeRules rules)
{
    /// <summary>
    /// Applies statements in the order given, then decisions. The caller holds the ledger's lock. What a list states belongs to its runs: it is not owed live.
    /// </summary>
    /// <returns>Whom each statement is about.</returns>
    public async Task<StatedSubject[]> ApplyAsync(
        HubDbContext db,
        string tenantId,
        IReadOnlyList<SubjectStatement> statements,
        IReadOnlyList<ConsentRow> decisions,
        DateTimeOffset now,
        CancellationToken cancellationToken,
        bool isList = false)
    {
        List<(PersonKey[] Keys, DateTimeOffset At)> stated = [.. statements.Select(statement => (identity.Telling(statement.Keys), statement.Profile.OccurredAt))];
        var keys = await identity.ResolveAsync(db, tenantId, stated, cancellationToken);
        return await ApplyAsync(db, tenantId, keys, statements, stated, decisions, now, isList, cancellationToken);
    }

    /// <summary>The attributes of which not simply the latest statement counts.</summary>
    public AttributeRules Rules => rules;

    /// <summary>Keys among values that are stated of somebody.</summary>
    public IEnumerable<PersonKey> KeysAmong(string? phone, string? attributesJson) => keysAmongValues.Of(phone, attributesJson);

    /// <summary>The keys of a statement that tell people, by precedence.</summary>
    public PersonKey[] Telling(IEnumerable<PersonKey> keys) => identity.Telling(keys);

    /// <summary>What statements would change, as everything stands; nothing is written, and nobody is kept from writing.</summary>
    /// <returns>Profiles that would be otherwise, and whom each statement is about.</returns>
    public async Task<(IReadOnlyList<SubjectEntry> Changed, StatedSubject[] Subjects)> PreviewAsync(HubDbContext db, string tenantId, IReadOnlyList<SubjectStatement> statements, CancellationToken cancellationToken)
    {
        List<(PersonKey[] Keys, DateTimeOffset At)> stated = [.. statements.Select(statement => (identity.Telling(statement.Keys), statement.Profile.OccurredAt))];
        var keys = await identity.ResolveAnewAsync(db, tenantId, stated.SelectMany(statement => statement.Keys).Distinct(), [], cancellationToken);
        var book = await OpenAsync(db, tenantId, keys, stated, [], cancellationToken);
        var subjects = new StatedSubject[statements.Count];
        for (var i = 0; i < subjects.Length; i++)
        {
            subjects[i] = Told(book, stated[i].Keys, Apply(book, stated[i].Keys, statements[i]), null);
        }

        return ([.. book.Entries.Where(entry => entry.IsNew || entry.IsChanged)], subjects);
    }

    private static StatedSubject Told(SubjectBook book, PersonKey[] keys, SubjectEntry? entry, IReadOnlyList<PersonKey>? contested) =>
        new(entry?.ProfileId ?? 0, contested) { NamedProfileId = book.Named(keys) is { } named && named != entry ? named.ProfileId : 0 };

    private static SubjectEntry? Apply(SubjectBook book, PersonKey[] named, in SubjectStatement statement) =>
        statement.Log is { } log ? book.Restate(named, log) : statement.MayCreate ? book.State(named, statement.Profile) : book.Find(named);

    /// <summary>Where keys stand is found out anew when the rules are others than before.</summary>
    public Task UseRulesAsync(HubDbContext db, CancellationToken cancellationToken) => IdentityTables.UseRulesAsync(db, identity.Rules, cancellationToken);

    /// <summary>What a fact says of two profiles that its producer merged; null when it says nothing of the kind, or names a key that tells nobody.</summary>
    public MergeProposal? ProposalOf(LedgerFact fact) =>
        fact.MergedKeys.Count > 0 && identity.Telling(fact.Keys) is [var stays, ..] && identity.Telling(fact.MergedKeys) is [var gone, ..]
            ? new MergeProposal(fact.EventId, stays, gone, fact.Producer, fact.OccurredAt)
            : null;

    /// <summary>The consent of everybody who has, or had, one of the keys is decided anew; who changes by it is told of everywhere. The caller holds the ledger's lock.</summary>
    public Task DecideAgainAsync(HubDbContext db, string tenantId, IReadOnlyList<ConsentRow> decisions, DateTimeOffset now, CancellationToken cancellationToken) =>
        ApplyAsync(db, tenantId, [], decisions, now, cancellationToken);

    /// <summary>Everybody whom the keys reach is told anew, as after a decision about them. The caller holds the ledger's lock.</summary>
    public async Task<KeyBook> TellAgainAsync(HubDbContext db, string tenantId, IEnumerable<PersonKey> keys, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var book = await identity.ResolveAnewAsync(db, tenantId, keys, [], cancellationToken);
        await ApplyAsync(db, tenantId, book, [], [], [], now, isList: false, cancellationToken);
        return book;
    }

    /// <summary>Owes the news of a purpose of everybody who has one of the keys, and has them decided about anew in their audiences, though nothing about them moved.</summary>
    public async Task RemindAsync(HubDbContext db, string tenantId, IEnumerable<string> subjectKeys, string purpose, DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<PersonKey> named = [.. subjectKeys.Select(ConsentState.Named).OfType<PersonKey>()];
        var people = await tables.LoadProfilesAsync(db, tenantId, new ProfileQuery { ExternalIds = [.. Of(KeyKind.ExternalId, named)], EmailKeys = [.. Of(KeyKind.Email, named)] }, cancellationToken);
        if (people.Count > 0)
        {
            long[] ids = [.. people.Select(person => person.ProfileId)];
            await tables.MarkChangedAsync(db, ids, cancellationToken);
            await consents.OweAsync(db, [.. ids.Select(id => (id, purpose))], now, cancellationToken);
            await WithdrawnMemberships.OweAsync(db, ids, now, cancellationToken);
        }
    }

    private async Task<StatedSubject[]> ApplyAsync(
        HubDbContext db,
        string tenantId,
        KeyBook keys,
        IReadOnlyList<SubjectStatement> statements,
        List<(PersonKey[] Keys, DateTimeOffset At)> stated,
        IReadOnlyList<ConsentRow> decisions,
        DateTimeOffset now,
        bool isList,
        CancellationToken cancellationToken)
    {
        var decided = decisions.Select(decision => decision.SubjectKey).ToHashSet(StringComparer.Ordinal);
        var book = await OpenAsync(db, tenantId, keys, stated, decided, cancellationToken);
        var subjects = new (SubjectEntry? Entry, IReadOnlyList<RefusedAttribute> Refused, IReadOnlyList<PersonKey>? Contested)[statements.Count];
        for (var i = 0; i < subjects.Length; i++)
        {
            var named = stated[i].Keys;
            var entry = Apply(book, named, statements[i]);
            subjects[i] = (
                entry,
                entry is null ? [] : rules.RefusedOf(statements[i].Profile, entry.Content),
                statements[i].NeedsPerson && keys.PersonOf(named) is null ? [.. named.SelectMany(key => keys.StandOf(key).Candidates).Distinct().Order()] : null);
        }

        await (AliasesOf(keys).Any() ? IdentityDues.AwaitArrivalsAsync(db, cancellationToken) : Task.CompletedTask);
        await ClaimAsync(db, tenantId, keys, book, cancellationToken);
        foreach (var entry in book.Entries)
        {
            entry.Claim(keysAmongValues);
        }

        await DecideAsync(db, tenantId, book, decided, cancellationToken);
        foreach (var entry in book.Entries.Where(entry => entry.IsNew || entry.IsChanged))
        {
            entry.Decide(entry.ConsentJson); // rules go by where the person lives
        }

        SubjectEntry[] regrouped = [.. book.Entries.Where(entry => entry.IsRegrouped)];
        if (regrouped.Length > 0)
        {
            await GroupedMemberships.KeepAsync(db, [.. regrouped.Select(entry => entry.ProfileId), .. regrouped.Select(entry => entry.Shown.ProfileId).Where(id => id != 0)], cancellationToken);
        }

        foreach (var entry in book.Entries)
        {
            entry.Remember();
        }

        await tables.WriteProfilesAsync(db, tenantId, book.Entries, now, cancellationToken);
        await WriteKeysAsync(db, tenantId, keys, book, now, cancellationToken);
        if (regrouped.Length > 0)
        {
            await GroupedMemberships.ArrangeAsync(db, [.. regrouped.SelectMany(entry => new[] { entry.ProfileId, entry.StoredPersonId ?? 0, entry.Shown.ProfileId }).Where(id => id != 0)], cancellationToken);
            await FollowingEvents.OweAsync(
                db, [.. regrouped.Where(entry => entry is { ExternalId: null, StoredPersonId: null, Person: not null, Shown.ExternalId: not null }).Select(entry => (entry.ProfileId, entry.Shown.ProfileId))], now, cancellationToken);
            await RemoteProfiles.MoveAsync(db, [.. regrouped.Where(entry => entry.Person is not null && entry.EmailKey is not null && entry.EmailKey == entry.Shown.EmailKey).Select(entry => (entry.ProfileId, entry.Shown.ProfileId))], cancellationToken);
            await WrittenFields.CarryAsync(db, [.. regrouped.Where(entry => entry.Person is not null).Select(entry => (entry.ProfileId, entry.Shown.ProfileId))], cancellationToken);
            await IdentityDues.OweMergesAsync(db, [.. regrouped.Where(entry => entry.Person is not null).Select(entry => (entry.ProfileId, entry.Shown.ProfileId))], now, cancellationToken);
        }

        await IdentityDues.OweKeysAsync(db, [.. book.Entries.Where(entry => entry.FormerEmail is not null).Select(entry => (entry.ProfileId, entry.FormerEmail!))], now, null, cancellationToken);
        await IdentityDues.OweAliasesAsync(db, [.. Aliases(keys, book)], now, cancellationToken);
        long[] changed = [.. book.Entries.Where(entry => entry.IsChanged).Select(entry => entry.ProfileId)];
        if (changed.Length > 0)
        {
            await tables.MarkChangedAsync(db, changed, cancellationToken);
            await (isList ? Task.CompletedTask : LiveLane.OweAsync(db, changed, now, cancellationToken));
            var decidedAnew = book.Entries.Where(entry => entry.IsChanged).SelectMany(entry => entry.ChangedPurposes.Select(purpose => (entry.ProfileId, purpose))).ToList();
            if (decidedAnew.Count > 0)
            {
                await consents.OweAsync(db, decidedAnew, now, cancellationToken);
            }

            await WithdrawnMemberships.OweAsync(db, [.. book.Entries.Where(entry => entry is { IsChanged: true, ConsentMoved: true }).Select(entry => entry.ProfileId)], now, cancellationToken);
        }

        var told = new StatedSubject[subjects.Length];
        for (var i = 0; i < told.Length; i++)
        {
            told[i] = Told(book, stated[i].Keys, subjects[i].Entry, subjects[i].Contested) with { Refused = subjects[i].Refused };
        }

        return told;
    }

    /// <summary>Keys that somebody with an id of the company holds since now.</summary>
    private static IEnumerable<(PersonKey Key, PersonKey Person)> AliasesOf(KeyBook keys) =>
        from stand in keys.People.Keys
        where stand.Key.Kind is KeyKind.AnonymousId or KeyKind.DeviceId && stand.Value.Person is { Kind: KeyKind.ExternalId } && keys.Known(stand.Key)?.Person != stand.Value.Person
        select (stand.Key, stand.Value.Person!.Value);

    private static IEnumerable<(long ProfileId, PersonKey Key)> Aliases(KeyBook keys, SubjectBook book) =>
        from alias in AliasesOf(keys)
        let person = book.OfPerson(alias.Person)
        where person is { ProfileId: not 0 }
        select (person.ProfileId, alias.Key);

    private async Task<SubjectBook> OpenAsync(
        HubDbContext db, string tenantId, KeyBook keys, List<(PersonKey[] Keys, DateTimeOffset At)> stated, HashSet<string> decided, CancellationToken cancellationToken)
    {
        var named = decided.Select(ConsentState.Named).OfType<PersonKey>().ToList();
        var primary = stated.Select(statement => statement.Keys is [{ Kind: KeyKind.ExternalId, Value: var id }, ..] ? id : null).OfType<string>();
        var known = await tables.LoadProfilesAsync(
            db,
            tenantId,
            new ProfileQuery
            {
                ExternalIds = [.. primary.Concat(keys.ExternalIds).Concat(Of(KeyKind.ExternalId, named)).Distinct(StringComparer.Ordinal)],
                EmailKeys = [.. Of(KeyKind.Email, named)],
                OrphanEmailKeys = [.. keys.People.Keys.Keys.Where(key => key.Kind == KeyKind.Email).Select(key => key.Value)],
                SubjectKeys = [.. decided],
                ProfileIds = [.. keys.ProfileIds.Distinct()],
            },
            cancellationToken);
        var parts = known.Count == 0 && keys.People.Keys.Count == 0
            ? []
            : await IdentityTables.LoadPartsAsync(db, tenantId, known.Select(row => row.ProfileId), keys.People.Keys.Keys.Where(key => keys.Known(key) is not null), cancellationToken);
        return new SubjectBook(keys, known, parts, rules);
    }

    /// <summary>What is denied under a key holds for everybody who claims it, whether the profile shows the key or not.</summary>
    private static async Task ClaimAsync(HubDbContext db, string tenantId, KeyBook keys, SubjectBook book, CancellationToken cancellationToken)
    {
        foreach (var (key, stand) in keys.People.Keys.Where(key => key.Key.Kind != KeyKind.ExternalId))
        {
            if (keys.Known(key) is { } before && before.State == stand.State && before.Person == stand.Person)
            {
                continue;
            }

            foreach (var person in stand.Person is { } holder ? [holder] : stand.Candidates)
            {
                book.OfPerson(person)?.Claim(SubjectKeyOf(key));
            }
        }

        foreach (var claim in keys.Claims.Where(claim => claim.A.Kind == KeyKind.ExternalId))
        {
            book.OfPerson(claim.A)?.Claim(SubjectKeyOf(claim.B));
        }

        var created = book.Entries.Where(entry => entry is { IsNew: true, ExternalId: not null }).ToDictionary(entry => new PersonKey(KeyKind.ExternalId, entry.ExternalId!));
        List<PersonKey> unreached = [.. created.Keys.Where(key => !keys.People.Keys.ContainsKey(key))];
        foreach (var claim in unreached.Count == 0 ? [] : await IdentityIntake.ClaimsOfAsync(db, tenantId, unreached, cancellationToken))
        {
            created[claim.A].Claim(SubjectKeyOf(claim.B));
        }
    }

    private async Task WriteKeysAsync(HubDbContext db, string tenantId, KeyBook keys, SubjectBook book, DateTimeOffset now, CancellationToken cancellationToken)
    {
        KeyRow[] stands = [.. keys.Changes(person => book.OfPerson(person)?.ProfileId)];
        if (stands.Length > 0)
        {
            await IdentityTables.WriteKeysAsync(db, tenantId, stands, cancellationToken);
        }

        PartRow[] parts = [.. book.MovedParts];
        if (parts.Length > 0)
        {
            await IdentityTables.WritePartsAsync(db, tenantId, parts, cancellationToken);
        }

        FormerKey[] others = [.. book.Entries.SelectMany(entry => entry.OtherKeys.Select(key => new FormerKey(entry.ProfileId, key)))];
        if (others.Length > 0)
        {
            await history.AddAsync(db, tenantId, others, now, cancellationToken);
        }
    }

    private async Task DecideAsync(HubDbContext db, string tenantId, SubjectBook book, HashSet<string> decided, CancellationToken cancellationToken)
    {
        var former = await FormerKeysAsync(db, [.. book.Entries.Where(entry => !entry.IsNew && (entry.KeysChanged || decided.Count > 0)).Select(entry => entry.ProfileId)], cancellationToken);
        foreach (var joined in book.Entries.Where(entry => entry is { Person: not null, KeysChanged: true }))
        {
            foreach (var key in former[joined.ProfileId])
            {
                joined.Person!.Claim(key.SubjectKey);
            }

            foreach (var key in former[joined.Person!.ProfileId].Select(key => key.SubjectKey).Concat(joined.Person.OtherKeys).ToList())
            {
                joined.Claim(key);
            }
        }

        var affected = book.Entries.Where(entry => entry.KeysChanged || entry.SubjectKeys.Concat(FormerKeysOf(entry)).Any(decided.Contains)).ToList();
        if (affected.Count == 0)
        {
            return;
        }

        var keys = affected.SelectMany(entry => entry.SubjectKeys.Concat(FormerKeysOf(entry))).Distinct(StringComparer.Ordinal);
        var byKey = (await consents.LoadAsync(db, tenantId, [.. keys], cancellationToken)).ToLookup(row => row.SubjectKey, StringComparer.Ordinal);
        foreach (var entry in affected)
        {
            entry.Decide(byKey.Count == 0
                ? StoredConsent.Nothing
                : ConsentState.Effective(entry.SubjectKeys.SelectMany(key => byKey[key]), FormerKeysOf(entry).SelectMany(key => byKey[key])));
        }

        IEnumerable<string> FormerKeysOf(SubjectEntry entry) =>
            [.. entry.OtherKeys, .. former[entry.ProfileId].Select(key => key.SubjectKey), .. ConsentState.KeysOf(null, entry.EarlierEmailKey)];
    }

    private async Task<ILookup<long, FormerKey>> FormerKeysAsync(HubDbContext db, long[] profileIds, CancellationToken cancellationToken) =>
        (profileIds.Length == 0 ? [] : await history.LoadAsync(db, profileIds, cancellationToken)).ToLookup(key => key.ProfileId);

    /// <summary>The key of consent of a key of a person.</summary>
    public static string SubjectKeyOf(PersonKey key) => ConsentState.KeyOf(key);

    private static IEnumerable<string> Of(KeyKind kind, IEnumerable<PersonKey> keys) => keys.Where(key => key.Kind == kind).Select(key => key.Value);
}
