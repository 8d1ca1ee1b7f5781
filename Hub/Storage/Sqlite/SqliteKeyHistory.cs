using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>Former keys on SQLite.</summary>
internal sealed class SqliteKeyHistory : IKeyHistory
{
    public async Task<IReadOnlyList<FormerKey>> LoadAsync(HubDbContext db, long[] profileIds, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            "SELECT profile_id, subject_key FROM former_keys WHERE profile_id IN (SELECT value FROM json_each(@ids))",
            reader => new FormerKey(reader.GetInt64(0), reader.GetString(1)),
            cancellationToken,
            ("ids", JsonRows.Numbers(profileIds)));
    }

    public async Task AddAsync(HubDbContext db, string tenantId, IReadOnlyList<FormerKey> keys, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var rows = JsonRows.Of(keys, (writer, key) =>
        {
            writer.WriteStringValue(key.SubjectKey);
            writer.WriteNumberValue(key.ProfileId);
        });
        await session.ExecuteAsync(
            """
            INSERT OR IGNORE INTO former_keys (tenant_id, subject_key, profile_id, until)
            SELECT @tenant, json_extract(value, '$[0]'), json_extract(value, '$[1]'), @now FROM json_each(@rows)
            """, cancellationToken, ("tenant", tenantId), ("now", now), ("rows", rows));
    }
}
