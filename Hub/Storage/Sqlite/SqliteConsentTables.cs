using System.Data.Common;
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
        INSERT INTO consent_history (tenant_id, recorded_at, subject_key, purpose, status, source, decided_at, collected, expires_at, event_id, position, channel, legal_basis, evidence)
        SELECT @tenant, @now, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
               json_extract(value, '$[4]'), json_extract(value, '$[5]'), json_extract(value, '$[6]'), json_extract(value, '$[8]'), json_extract(value, '$[9]'),
               json_extract(value, '$[10]'), json_extract(value, '$[11]'), json_extract(value, '$[12]')
        FROM json_each(@rows)
        """;

    private const string KeepSql =
        $"""
        INSERT INTO consents AS c (tenant_id, subject_key, purpose, status, source, decided_at, collected, expires_at, has_evidence)
        SELECT @tenant, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
               json_extract(value, '$[4]'), json_extract(value, '$[5]'), json_extract(value, '$[6]'), json_extract(value, '$[7]')
        FROM json_each(@rows) WHERE true
        ON CONFLICT (tenant_id, subject_key, purpose) DO UPDATE
            SET status = excluded.status, source = excluded.source, decided_at = excluded.decided_at, collected = excluded.collected, expires_at = excluded.expires_at,
                has_evidence = excluded.has_evidence
            WHERE CASE WHEN (excluded.collected AND excluded.status <> '{ConsentWord.Denied}') <> (c.collected AND c.status <> '{ConsentWord.Denied}')
                THEN c.collected AND c.status <> '{ConsentWord.Denied}'
                ELSE excluded.decided_at > c.decided_at OR (excluded.decided_at = c.decided_at AND (excluded.status = '{ConsentWord.Denied}'
                    OR (c.status <> '{ConsentWord.Denied}' AND excluded.expires_at IS NOT NULL AND (c.expires_at IS NULL OR excluded.expires_at < c.expires_at))
                    OR (c.status <> '{ConsentWord.Denied}' AND excluded.expires_at IS c.expires_at AND c.has_evidence AND NOT excluded.has_evidence))) END
        """;

    private const string Columns = "subject_key, purpose, status, source, decided_at, collected, expires_at, has_evidence";

    private const string LoadSql =
        $"""
        SELECT {Columns} FROM consents
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
           OR EXISTS (SELECT 1 FROM live_routes l JOIN deliveries w ON w.run_id = l.stream_id AND w.profile_id = c.profile_id
               WHERE l.destination = r.destination AND w.{LiveLane.IsState})
        """;

    public async Task AddHistoryAsync(
        HubDbContext db, string tenantId, IReadOnlyList<(Guid EventId, long? Position, ConsentRow Decision)> decisions, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var rows = JsonRows.Of(decisions, (writer, row) =>
        {
            WriteDecision(writer, row.Decision);
            writer.Id(row.EventId);
            if (row.Position is { } position)
            {
                writer.WriteNumberValue(position);
            }
            else
            {
                writer.WriteNullValue();
            }

            writer.WriteStringValue(row.Decision.Channel);
            writer.WriteStringValue(row.Decision.LegalBasis);
            writer.WriteStringValue(row.Decision.EvidenceJson);
        });
        await session.ExecuteAsync(HistorySql, cancellationToken, ("rows", rows), ("tenant", tenantId), ("now", now));
    }

    public async Task KeepAsync(HubDbContext db, string tenantId, IReadOnlyList<ConsentRow> decisions, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(KeepSql, cancellationToken, ("rows", JsonRows.Of(decisions, WriteDecision)), ("tenant", tenantId));
    }

    public async Task<IReadOnlyList<(string TenantId, ConsentRow Decision)>> LoadEndedAsync(HubDbContext db, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT {Columns}, tenant_id FROM consents WHERE status = '{ConsentWord.Granted}' AND expires_at IS NOT NULL AND expires_at <= @now ORDER BY expires_at LIMIT @limit",
            reader => (reader.GetString(8), Row(reader)), cancellationToken, ("now", now), ("limit", limit));
    }

    public async Task EndAsync(HubDbContext db, string tenantId, IReadOnlyList<ConsentRow> grants, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            UPDATE consents SET status = '{ConsentWord.Expired}'
            WHERE tenant_id = @tenant AND (subject_key, purpose) IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(@rows))
            """, cancellationToken, ("tenant", tenantId), ("rows", JsonRows.Of(grants, WriteDecision)));
    }

    public async Task<IReadOnlyList<ConsentRow>> LoadAsync(HubDbContext db, string tenantId, string[] subjectKeys, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            LoadSql,
            Row,
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

    private static ConsentRow Row(DbDataReader reader) =>
        new(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.Time(4), reader.GetBoolean(5)) 
        {
            ExpiresAt = reader.IsDBNull(6) ? null : reader.Time(6), HasEvidence = reader.GetBoolean(7),
        };

    private static void WriteDecision(Utf8JsonWriter writer, ConsentRow row)
    {
        writer.WriteStringValue(row.SubjectKey);
        writer.WriteStringValue(row.Purpose);
        writer.WriteStringValue(row.Status);
        writer.WriteStringValue(row.Source);
        writer.Time(row.DecidedAt);
        writer.Flag(row.Collected);
        if (row.ExpiresAt is { } end)
        {
            writer.Time(end);
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.Flag(row.HasEvidence);
    }
}
