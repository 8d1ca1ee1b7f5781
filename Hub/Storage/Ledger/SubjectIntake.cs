using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>A statement on its way into the ledger. Holds personal data.</summary>
internal readonly record struct SubjectStatement(string? ExternalId, ProfileStatement Profile, bool MayCreate);

/// <summary>Brings statements and consent decisions to the profiles they are about; the part that facts and snapshots share.</summary>
internal sealed class SubjectIntake(ILedgerTables tables, IConsentTables consents, IKeyHistory history)
{
    /// <summary>
    /// Applies statements in the order given, then decisions. The caller holds the ledger's lock.
    /// </summary>
    /// <param name="byEmail">A statement may have an e-mail alone, or decisions are made under e-mails.</param>
    /// <returns>The profile id of each statement, 0 where there is no profile.</returns>
    public async Task<long[]> ApplyAsync(
        HubDbContext db,
        string tenantId,
        IReadOnlyList<SubjectStatement> statements,
        IReadOnlyList<ConsentRow> decisions,
        bool byEmail,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var decided = decisions.Select(decision => decision.SubjectKey).ToHashSet(StringComparer.Ordinal);
        var known = await tables.LoadProfilesAsync(db, tenantId, ExternalIdsOf(statements), EmailKeysOf(statements), [.. decided], !byEmail, cancellationToken);
        var book = new SubjectBook(known);
        var subjects = new SubjectEntry?[statements.Count];
        for (var i = 0; i < subjects.Length; i++)
        {
            var statement = statements[i];
            subjects[i] = statement.MayCreate
                ? book.State(statement.ExternalId, statement.Profile)
                : book.Find(statement.ExternalId, statement.Profile.Email);
        }

        await DecideAsync(db, tenantId, book, decided, cancellationToken);
        foreach (var entry in book.Entries.Where(entry => entry.IsNew || entry.IsChanged))
        {
            entry.Decide(entry.ConsentJson); // rules go by where the person lives
        }

        await tables.WriteProfilesAsync(db, tenantId, book.Entries, now, cancellationToken);
        FormerKey[] lost = [.. book.Entries.SelectMany(entry => entry.LostKeys.Distinct(StringComparer.Ordinal).Select(key => new FormerKey(entry.ProfileId, key)))];
        if (lost.Length > 0)
        {
            await history.AddAsync(db, tenantId, lost, now, cancellationToken);
        }

        long[] changed = [.. book.Entries.Where(entry => entry.IsChanged).Select(entry => entry.ProfileId)];
        if (changed.Length > 0)
        {
            await tables.MarkChangedAsync(db, changed, cancellationToken);
            var decidedAnew = book.Entries.Where(entry => entry.IsChanged).SelectMany(entry => entry.ChangedPurposes.Select(purpose => (entry.ProfileId, purpose))).ToList();
            if (decidedAnew.Count > 0)
            {
                await consents.OweAsync(db, decidedAnew, now, cancellationToken);
            }
        }

        return Array.ConvertAll(subjects, subject => subject?.ProfileId ?? 0);
    }

    /// <summary>The consent of everybody who has, or had, one of the keys is decided anew; who changes by it is told of everywhere. The caller holds the ledger's lock.</summary>
    public Task DecideAgainAsync(HubDbContext db, string tenantId, IReadOnlyList<ConsentRow> decisions, DateTimeOffset now, CancellationToken cancellationToken) => ApplyAsync(
        db,
        tenantId,
        [.. decisions.Select(row => ConsentState.Named(row.SubjectKey)).Distinct().Select(named => new SubjectStatement(named.ExternalId, new ProfileStatement(named.Email, null, null, DateTimeOffset.UnixEpoch), MayCreate: false))],
        decisions,
        byEmail: true,
        now,
        cancellationToken);

    private async Task DecideAsync(HubDbContext db, string tenantId, SubjectBook book, HashSet<string> decided, CancellationToken cancellationToken)
    {
        var former = await FormerKeysAsync(db, [.. book.Entries.Where(entry => !entry.IsNew && (entry.KeysChanged || decided.Count > 0)).Select(entry => entry.ProfileId)], cancellationToken);
        var affected = book.Entries.Where(entry => entry.KeysChanged || KeysOf(entry).Concat(FormerKeysOf(entry)).Any(decided.Contains)).ToList();
        if (affected.Count == 0)
        {
            return;
        }

        var keys = affected.SelectMany(entry => KeysOf(entry).Concat(FormerKeysOf(entry))).Distinct(StringComparer.Ordinal);
        var byKey = (await consents.LoadAsync(db, tenantId, [.. keys], cancellationToken)).ToLookup(row => row.SubjectKey, StringComparer.Ordinal);
        foreach (var entry in affected)
        {
            entry.Decide(byKey.Count == 0
                ? StoredConsent.Nothing
                : ConsentState.Effective(KeysOf(entry).SelectMany(key => byKey[key]), FormerKeysOf(entry).SelectMany(key => byKey[key])));
        }

        IEnumerable<string> FormerKeysOf(SubjectEntry entry) => 
            [.. entry.LostKeys, .. former[entry.ProfileId].Select(key => key.SubjectKey), .. ConsentState.KeysOf(null, entry.EarlierEmailKey)];
    }

    private async Task<ILookup<long, FormerKey>> FormerKeysAsync(HubDbContext db, long[] profileIds, CancellationToken cancellationToken) =>
        (profileIds.Length == 0 ? [] : await history.LoadAsync(db, profileIds, cancellationToken)).ToLookup(key => key.ProfileId);

    private static IEnumerable<string> KeysOf(SubjectEntry entry) => ConsentState.KeysOf(entry.ExternalId, entry.EmailKey);

    private static string[] ExternalIdsOf(IReadOnlyList<SubjectStatement> statements) =>
        [.. statements.Select(statement => statement.ExternalId).OfType<string>().Distinct(StringComparer.Ordinal)];

    private static string[] EmailKeysOf(IReadOnlyList<SubjectStatement> statements) =>
        [.. statements.Select(statement => NormalKey.OfEmail(statement.Profile.Email)).OfType<string>().Distinct(StringComparer.Ordinal)];
}
