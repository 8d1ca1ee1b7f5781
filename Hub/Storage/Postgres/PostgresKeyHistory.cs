using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Storage.Postgres;

/// <summary>Former keys on PostgreSQL.</summary>
internal sealed class PostgresKeyHistory : IKeyHistory
{
    public async Task<IReadOnlyList<FormerKey>> LoadAsync(HubDbContext db, long[] profileIds, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(
            """
            SELECT f.profile_id, f.subject_key FROM unnest($1::bigint[]) AS i(profile_id)
            CROSS JOIN LATERAL (SELECT profile_id, subject_key FROM former_keys WHERE profile_id = i.profile_id OFFSET 0) f
            """).Longs(profileIds);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<FormerKey>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add(new FormerKey(reader.GetInt64(0), reader.GetString(1)));
        }

        return keys;
    }

    public async Task AddAsync(HubDbContext db, string tenantId, IReadOnlyList<FormerKey> keys, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(
            """
            INSERT INTO former_keys (tenant_id, subject_key, profile_id, until)
            SELECT $1, k.subject_key, k.profile_id, $2 FROM unnest($3::text[], $4::bigint[]) AS k(subject_key, profile_id)
            ON CONFLICT DO NOTHING
            """)
            .Text(tenantId).Time(now)
            .Texts(keys.Column<FormerKey, string?>(key => key.SubjectKey))
            .Longs(keys.Column(key => key.ProfileId));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
