using System.Text.Json;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>Consent in the ledger on SQLite.</summary>
internal sealed class SqliteConsentTables : IConsentTables
{
    private const string HistorySql =
        """
        INSERT INTO consent_history (tenant_id, recorded_at, event_id, subject_key, purpose, status, source, decided_at, collected)
        SELECT @tenant, @now, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
               json_extract(value, '$[4]'), json_extract(value, '$[5]'), json_extract(value, '$[6]')
        FROM json_each(@rows)
        """;

    private const string KeepSql =
        $"""
        INSERT INTO consents AS c (tenant_id, subject_key, purpose, status, source, decided_at, collected)
        SELECT @tenant, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
               json_extract(value, '$[4]'), json_extract(value, '$[5]')
        FROM json_each(@rows) WHERE true
        ON CONFLICT (tenant_id, subject_key, purpose) DO UPDATE
            SET status = excluded.status, source = excluded.source, decided_at = excluded.decided_at, collected = excluded.collected
            WHERE CASE WHEN (excluded.collected AND excluded.status <> '{ConsentWord.Denied}') <> (c.collected AND c.status <> '{ConsentWord.Denied}')
                THEN c.collected AND c.status <> '{ConsentWord.Denied}'
                ELSE excluded.decided_at > c.decided_at OR (excluded.decided_at = c.decided_at AND excluded.status = '{ConsentWord.Denied}') END
        """;

    private const string LoadSql =
        """
        SELECT subject_key, purpose, status, source, decided_at, collected FROM consents
        WHERE tenant_id = @tenant AND subject_key IN (SELECT value FROM json_each(@keys))
        """;

    // Whom a run that is under way may make known there in a moment is heard of there, too.
    private const string OweSql =
        $"""
        INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at)
        SELECT DISTINCT r.stream_id, r.destination, '{Lane.Urgent}', c.profile_id % r.partitions, 4, c.profile_id, '', @now, 0, @now
        FROM (SELECT json_extract(value, '$[0]') AS profile_id, json_extract(value, '$[1]') AS purpose FROM json_each(@rows)) c
        JOIN consent_routes r ON r.purpose = c.purpose
        WHERE EXISTS (SELECT 1 FROM destination_profiles p WHERE p.destination = r.destination AND p.profile_id = c.profile_id)
           OR EXISTS (SELECT 1 FROM memberships m JOIN audience_syncs s ON s.audience = m.audience
               WHERE m.profile_id = c.profile_id AND m.is_member AND s.destination = r.destination AND s.current_state IN ({RunUnderWay.States}))
           OR EXISTS (SELECT 1 FROM bulk_job_rows b JOIN bulk_jobs j ON j.job_id = b.job_id WHERE b.profile_id = c.profile_id AND j.destination = r.destination)
        """;

    public async Task AddHistoryAsync(
        HubDbContext db, string tenantId, IReadOnlyList<(Guid EventId, ConsentRow Decision)> decisions, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var rows = JsonRows.Of(decisions, (writer, row) =>
        {
            writer.Id(row.EventId);
            WriteDecision(writer, row.Decision);
        });
        await session.ExecuteAsync(HistorySql, cancellationToken, ("rows", rows), ("tenant", tenantId), ("now", now));
    }

    public async Task KeepAsync(HubDbContext db, string tenantId, IReadOnlyList<ConsentRow> decisions, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(KeepSql, cancellationToken, ("rows", JsonRows.Of(decisions, WriteDecision)), ("tenant", tenantId));
    }

    public async Task<IReadOnlyList<ConsentRow>> LoadAsync(HubDbContext db, string tenantId, string[] subjectKeys, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            LoadSql,
            reader => new ConsentRow(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.Time(4), reader.GetBoolean(5)),
            cancellationToken,
            ("tenant", tenantId), ("keys", JsonRows.Texts(subjectKeys)));
    }

    public async Task OweAsync(HubDbContext db, IReadOnlyList<(long ProfileId, string Purpose)> changes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var rows = JsonRows.Of(changes, (writer, change) =>
        {
            writer.WriteNumberValue(change.ProfileId);
            writer.WriteStringValue(change.Purpose);
        });
        await session.ExecuteAsync(OweSql, cancellationToken, ("rows", rows), ("now", now));
    }

    public async Task ReplaceRoutesAsync(HubDbContext db, IReadOnlyList<ConsentRoute> routes, int partitions, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var rows = JsonRows.Of(routes, (writer, route) =>
        {
            writer.WriteStringValue(route.Destination);
            writer.WriteStringValue(route.Purpose);
            writer.Id(LiveStream.IdOf(route.Destination));
        });
        await session.ExecuteAsync(
            """
            DELETE FROM consent_routes;
            INSERT INTO consent_routes (destination, purpose, stream_id, partitions)
            SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), @partitions FROM json_each(@rows);
            """, cancellationToken, ("rows", rows), ("partitions", partitions));
    }

    private static void WriteDecision(Utf8JsonWriter writer, ConsentRow row)
    {
        writer.WriteStringValue(row.SubjectKey);
        writer.WriteStringValue(row.Purpose);
        writer.WriteStringValue(row.Status);
        writer.WriteStringValue(row.Source);
        writer.Time(row.DecidedAt);
        writer.Flag(row.Collected);
    }
}
