using IntegrationHub.Identity;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// Keys that an erased person claimed and others claim too. A tombstone would erase the others, and nothing would send somebody under the key who may be the erased person: so whoever has it
/// is sent nothing until somebody decides whose it is (<see cref="Suppression.ErasureUndecided"/>).
/// </summary>
internal sealed class UndecidedKeys(IConsentTables consents, SubjectIntake intake)
{
    private const string Tenant = "default";
    private const int MostHolders = 20;
    private const string Source = "erasure";
    private static readonly string _purpose = Suppression.PurposeOf(Suppression.ErasureUndecided);
    private static readonly string _isHeld = $"purpose = '{_purpose}' AND status = '{ConsentWord.Denied}'"; // as the partial index says it; a tenant is a database

    /// <summary>How many keys wait for somebody to decide; so many as are counted of a list.</summary>
    public static async Task<long> CountAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (long)(await session.ScalarAsync($"SELECT count(*) FROM (SELECT 1 FROM consents WHERE {_isHeld} LIMIT {Page.MostCounted + 1}) k", cancellationToken))!;
    }

    /// <summary>Keys that wait for somebody to decide, sorted, with the people who state or stated them and are sent nothing meanwhile.</summary>
    public static async Task<IReadOnlyList<(PersonKey Key, IReadOnlyList<PersonKey> Holders)>> ListAsync(HubDbContext db, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = await session.ReadAsync($"SELECT subject_key FROM consents WHERE {_isHeld} AND {ConsentState.KindIsKnown("subject_key")} ORDER BY subject_key LIMIT @limit", row => row.GetString(0), cancellationToken, ("limit", (long)limit));
        var holders = (await session.ReadAsync(
            $"""
            SELECT r.subject_key, p.external_id FROM {session.Rows(("subject_key", "text"))} r
            {session.Lookup("former_keys", "f", $"f.tenant_id = '{Tenant}' AND f.subject_key = r.subject_key")}
            {session.Lookup("profiles", "p", "p.profile_id = f.profile_id AND p.external_id IS NOT NULL")}
            ORDER BY p.profile_id
            """,
            row => (Key: row.GetString(0), Holder: row.GetString(1)), cancellationToken, ("rows", JsonRows.Of(keys, (writer, key) => writer.WriteStringValue(key))))).ToLookup(row => row.Key, row => new PersonKey(KeyKind.ExternalId, row.Holder), StringComparer.Ordinal);
        return keys.ConvertAll(key => (ConsentState.Named(key)!.Value, (IReadOnlyList<PersonKey>)[.. holders[key].Take(MostHolders)]));
    }

    /// <summary>True when a key waits for somebody to decide.</summary>
    public async Task<bool> IsHeldAsync(HubDbContext db, PersonKey key, CancellationToken cancellationToken) =>
        (await consents.LoadAsync(db, Tenant, [ConsentStateOf(key)], cancellationToken)).Any(row => row.Purpose == _purpose && row.IsDenied);

    /// <summary>Keeps from being sent whoever has the keys. The caller holds the ledger's lock.</summary>
    public Task HoldAsync(HubDbContext db, IEnumerable<PersonKey> keys, DateTimeOffset now, CancellationToken cancellationToken) =>
        DecideAsync(db, keys.Select(ConsentStateOf), ConsentWord.Denied, now, cancellationToken);

    /// <summary>Somebody decided about a key: it holds nobody back any more. The caller holds the ledger's lock.</summary>
    public async Task ReleaseAsync(HubDbContext db, PersonKey key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var held = await consents.LoadAsync(db, Tenant, [ConsentStateOf(key)], cancellationToken);
        await DecideAsync(db, held.Where(row => row.Purpose == _purpose && row.IsDenied).Select(row => row.SubjectKey), ConsentWord.Granted, now, cancellationToken);
    }

    private async Task DecideAsync(HubDbContext db, IEnumerable<string> subjectKeys, string status, DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<ConsentRow> rows = [.. subjectKeys.Distinct(StringComparer.Ordinal).Select(key => new ConsentRow(key, _purpose, status, Source, now, Collected: false))];
        if (rows.Count == 0)
        {
            return;
        }

        await consents.AddHistoryAsync(db, Tenant, rows.ConvertAll(row => (Guid.CreateVersion7(now), (long?)null, row)), now, cancellationToken);
        await consents.KeepAsync(db, Tenant, rows, cancellationToken);
        await intake.DecideAgainAsync(db, Tenant, rows, now, cancellationToken);
    }

    private static string ConsentStateOf(PersonKey key) => ConsentState.KeyOf(key);
}
