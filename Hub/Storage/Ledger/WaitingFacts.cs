using IntegrationHub.Identity;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Facts that were set aside because nobody could be told by their keys, found by these keys; each call is one statement on both dialects.</summary>
internal static class WaitingFacts
{
    /// <summary>Notes which keys facts wait for, in the caller's transaction.</summary>
    public static async Task AddAsync(HubDbContext db, IEnumerable<QuarantinedFact> facts, CancellationToken cancellationToken)
    {
        var waiting = facts.SelectMany(fact => fact.Keys.Where(key => key.Kind != KeyKind.AccountId).Distinct().Select(key => (fact.QuarantineId, fact.TenantId, Key: key.ToString()))).ToList();
        if (waiting.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            INSERT INTO identity_waiting (tenant_id, person_key, quarantine_id)
            SELECT r.tenant_id, r.person_key, {IdOf(session)} FROM {session.Rows(("quarantine_id", "text"), ("tenant_id", "text"), ("person_key", "text"))} r WHERE true
            ON CONFLICT DO NOTHING
            """,
            cancellationToken,
            ("rows", JsonRows.Of(waiting, (writer, row) =>
            {
                writer.Id(row.QuarantineId);
                writer.WriteStringValue(row.TenantId);
                writer.WriteStringValue(row.Key);
            })));
    }

    /// <summary>Keys that facts wait for and of which it is to be found out where they stand, in the order of their texts: those around a decision that cannot be read come again and again.</summary>
    /// <param name="db">The database.</param>
    /// <param name="after">Only keys that sort after this one; all when null.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<WaitingKey>> LoadUnsettledKeysAsync(HubDbContext db, WaitingKey? after, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT DISTINCT w.tenant_id, w.person_key FROM identity_waiting w {Stand(session)}
            WHERE (w.tenant_id, w.person_key) > (@tenant, @key) AND k.state IS NULL AND {UnreadableDecisions.KindIsKnown("w.person_key")} ORDER BY 1, 2 LIMIT @limit
            """,
            row => new WaitingKey(row.GetString(0), PersonKey.Read(row.GetString(1))), cancellationToken, ("tenant", after?.TenantId ?? ""), ("key", after?.Key.ToString() ?? ""), ("limit", (long)limit));
    }

    /// <summary>Facts one of whose keys somebody holds; those that somebody settled, or that are kept no more, are forgotten.</summary>
    public static async Task<IReadOnlyList<Guid>> LoadToldAsync(HubDbContext db, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            "DELETE FROM identity_waiting WHERE NOT EXISTS (SELECT 1 FROM quarantined_facts q WHERE q.quarantine_id = identity_waiting.quarantine_id AND q.outcome IS NULL)", cancellationToken);
        return await session.ReadAsync(
            $"SELECT DISTINCT w.quarantine_id FROM identity_waiting w {Stand(session)} WHERE k.state = 'held' ORDER BY 1 LIMIT @limit",
            row => row.GetGuid(0), cancellationToken, ("limit", (long)limit));
    }

    /// <summary>A fact waits no more, if one of its keys is somebody's.</summary>
    public static async Task EndAsync(HubDbContext db, Guid quarantineId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"DELETE FROM identity_waiting WHERE quarantine_id = @id AND EXISTS (SELECT 1 FROM identity_waiting w {Stand(session)} WHERE w.quarantine_id = @id AND k.state = 'held')",
            cancellationToken,
            ("id", quarantineId));
    }

    private static string Stand(DbSession session) => session.Lookup("identity_keys", "k", "k.tenant_id = w.tenant_id AND k.person_key = w.person_key");

    private static string IdOf(DbSession session) => session.IsSqlite ? "r.quarantine_id" : "CAST(r.quarantine_id AS uuid)";
}
