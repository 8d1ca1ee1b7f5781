using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>A statement on its way into the ledger. Holds personal data.</summary>
internal readonly record struct SubjectStatement(string? ExternalId, ProfileStatement Profile, bool MayCreate);

/// <summary>Brings statements and consent decisions to the profiles they are about; the part that facts and snapshots share.</summary>
internal sealed class SubjectIntake(ILedgerTables tables)
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
        var known = await tables.LoadProfilesAsync(db, tenantId, ExternalIdsOf(statements), EmailKeysOf(statements), !byEmail, cancellationToken);
        var book = new SubjectBook(known);
        var subjects = new SubjectEntry?[statements.Count];
        for (var i = 0; i < subjects.Length; i++)
        {
            var statement = statements[i];
            subjects[i] = statement.MayCreate
                ? book.State(statement.ExternalId, statement.Profile)
                : book.Find(statement.ExternalId, statement.Profile.Email);
        }

        await DecideAsync(db, tenantId, book, decisions, cancellationToken);
        await tables.WriteProfilesAsync(db, tenantId, book.Entries, now, cancellationToken);
        long[] changed = [.. book.Entries.Where(entry => entry.IsChanged).Select(entry => entry.ProfileId)];
        if (changed.Length > 0)
        {
            await tables.MarkChangedAsync(db, changed, cancellationToken);
            var consents = book.Entries.Where(entry => entry.IsChanged).SelectMany(entry => entry.ChangedPurposes.Select(purpose => (entry.ProfileId, purpose))).ToList();
            if (consents.Count > 0)
            {
                await tables.OweConsentsAsync(db, consents, now, cancellationToken);
            }
        }

        return Array.ConvertAll(subjects, subject => subject?.ProfileId ?? 0);
    }

    private async Task DecideAsync(HubDbContext db, string tenantId, SubjectBook book, IReadOnlyList<ConsentRow> decisions, CancellationToken cancellationToken)
    {
        var decided = decisions.Select(decision => decision.SubjectKey).ToHashSet(StringComparer.Ordinal);
        var affected = book.Entries.Where(entry => entry.KeysChanged || KeysOf(entry).Any(decided.Contains)).ToList();
        if (affected.Count == 0)
        {
            return;
        }

        var rows = await tables.LoadConsentsAsync(db, tenantId, [.. affected.SelectMany(KeysOf).Distinct(StringComparer.Ordinal)], cancellationToken);
        var byKey = rows.ToLookup(row => row.SubjectKey, StringComparer.Ordinal);
        foreach (var entry in affected)
        {
            entry.Decide(rows.Count == 0 ? ConsentState.Unknown : ConsentState.Effective(KeysOf(entry).SelectMany(key => byKey[key])));
        }
    }

    private static IEnumerable<string> KeysOf(SubjectEntry entry)
    {
        if (entry.ExternalId is { } externalId)
        {
            yield return ConsentState.KeyOfExternalId(externalId);
        }

        if (entry.EmailKey is { } emailKey)
        {
            yield return ConsentState.KeyOfEmail(emailKey);
        }
    }

    private static string[] ExternalIdsOf(IReadOnlyList<SubjectStatement> statements) =>
        [.. statements.Select(statement => statement.ExternalId).OfType<string>().Distinct(StringComparer.Ordinal)];

    private static string[] EmailKeysOf(IReadOnlyList<SubjectStatement> statements) =>
        [.. statements.Select(statement => NormalKey.OfEmail(statement.Profile.Email)).OfType<string>().Distinct(StringComparer.Ordinal)];
}
