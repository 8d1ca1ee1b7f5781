using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Npgsql;

namespace IntegrationHub.Storage.Postgres;

/// <summary>Consent in the ledger on PostgreSQL.</summary>
internal sealed class PostgresConsentTables : IConsentTables
{
    private const string Columns = "subject_key, purpose, status, source, decided_at, collected, expires_at, has_evidence";

    private const string KeepSql =
        $"""
        INSERT INTO consents AS c (tenant_id, subject_key, purpose, status, source, decided_at, collected, expires_at, has_evidence)
        SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::boolean[], $8::timestamptz[], $9::boolean[])
        ON CONFLICT (tenant_id, subject_key, purpose) DO UPDATE
            SET status = EXCLUDED.status, source = EXCLUDED.source, decided_at = EXCLUDED.decided_at, collected = EXCLUDED.collected, expires_at = EXCLUDED.expires_at,
                has_evidence = EXCLUDED.has_evidence
            WHERE CASE WHEN (EXCLUDED.collected AND EXCLUDED.status <> '{ConsentWord.Denied}') <> (c.collected AND c.status <> '{ConsentWord.Denied}')
                THEN c.collected AND c.status <> '{ConsentWord.Denied}'
                ELSE EXCLUDED.decided_at > c.decided_at OR (EXCLUDED.decided_at = c.decided_at AND (EXCLUDED.status = '{ConsentWord.Denied}'
                    OR (c.status <> '{ConsentWord.Denied}' AND EXCLUDED.expires_at < coalesce(c.expires_at, 'infinity'))
                    OR (c.status <> '{ConsentWord.Denied}' AND EXCLUDED.expires_at IS NOT DISTINCT FROM c.expires_at AND c.has_evidence AND NOT EXCLUDED.has_evidence))) END
        """;

    // Whom a run that is under way may make known there in a moment is heard of there, too.
    private const string OweSql =
        $"""
        INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, created_at)
        SELECT DISTINCT r.stream_id, r.destination, '{Lane.Urgent}', (c.profile_id % r.partitions)::integer, 4::smallint, c.profile_id, '', $3::timestamptz, $3::timestamptz
        FROM unnest($1::bigint[], $2::text[]) AS c(profile_id, purpose)
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
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(
            """
            INSERT INTO consent_history (tenant_id, recorded_at, event_id, position, channel, legal_basis, evidence, subject_key, purpose, status, source, decided_at, collected, expires_at)
            SELECT $1, $2, * FROM unnest($3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::boolean[], $14::timestamptz[])
            """)
            .Text(tenantId).Time(now)
            .Ids(decisions.Column(row => row.EventId))
            .OptionalLongs(decisions.Column(row => row.Position))
            .Texts(decisions.Column(row => row.Decision.Channel))
            .Texts(decisions.Column(row => row.Decision.LegalBasis))
            .Texts(decisions.Column(row => row.Decision.EvidenceJson));
        await WithDecisions(command, decisions.Column(row => row.Decision)).ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task KeepAsync(HubDbContext db, string tenantId, IReadOnlyList<ConsentRow> decisions, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(KeepSql).Text(tenantId);
        await WithDecisions(command, decisions).Bools(decisions.Column(row => row.HasEvidence)).ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<(string TenantId, ConsentRow Decision)>> LoadEndedAsync(HubDbContext db, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(
            $"SELECT {Columns}, tenant_id FROM consents WHERE status = '{ConsentWord.Granted}' AND expires_at IS NOT NULL AND expires_at <= $1 ORDER BY expires_at LIMIT $2").Time(now).Int(limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<(string, ConsentRow)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add((reader.GetString(8), Row(reader)));
        }

        return rows;
    }

    public async Task EndAsync(HubDbContext db, string tenantId, IReadOnlyList<ConsentRow> grants, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(
            $"""
            UPDATE consents c SET status = '{ConsentWord.Expired}' FROM unnest($2::text[], $3::text[]) AS e(subject_key, purpose)
            WHERE c.tenant_id = $1 AND c.subject_key = e.subject_key AND c.purpose = e.purpose
            """)
            .Text(tenantId)
            .Texts(grants.Column<ConsentRow, string?>(row => row.SubjectKey))
            .Texts(grants.Column<ConsentRow, string?>(row => row.Purpose));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<ConsentRow>> LoadAsync(HubDbContext db, string tenantId, string[] subjectKeys, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session
            .Command(
                $"""
                SELECT {Columns} FROM unnest($2::text[]) AS i(key)
                CROSS JOIN LATERAL (SELECT * FROM consents WHERE tenant_id = $1 AND subject_key = i.key OFFSET 0) c
                """)
            .Text(tenantId).Texts(subjectKeys);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<ConsentRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Row(reader));
        }

        return rows;
    }

    public async Task OweAsync(HubDbContext db, IReadOnlyList<(long ProfileId, string Purpose)> changes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        await using var command = session.Command(OweSql)
            .Longs([.. changes.Select(change => change.ProfileId)])
            .Texts([.. changes.Select(change => change.Purpose)])
            .Time(now);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static ConsentRow Row(NpgsqlDataReader reader) =>
        new(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4), reader.GetBoolean(5))
        {
            ExpiresAt = reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6), HasEvidence = reader.GetBoolean(7),
        };

    private static NpgsqlCommand WithDecisions(NpgsqlCommand command, IReadOnlyList<ConsentRow> decisions) => command
        .Texts(decisions.Column<ConsentRow, string?>(row => row.SubjectKey))
        .Texts(decisions.Column<ConsentRow, string?>(row => row.Purpose))
        .Texts(decisions.Column<ConsentRow, string?>(row => row.Status))
        .Texts(decisions.Column<ConsentRow, string?>(row => row.Source))
        .Times(decisions.Column<ConsentRow, DateTimeOffset?>(row => row.DecidedAt))
        .Bools(decisions.Column(row => row.Collected))
        .Times(decisions.Column(row => row.ExpiresAt));
}
