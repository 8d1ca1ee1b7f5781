using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;
using Npgsql;
using NpgsqlTypes;

namespace IntegrationHub.Storage.Postgres;

/// <summary>The ledger's tables on PostgreSQL.</summary>
internal sealed class PostgresLedgerTables(PostgresPartitions partitions) : ILedgerTables
{
    private const string LockSql = "SELECT pg_advisory_xact_lock($1)";

    private const string AddIdsSql =
        """
        INSERT INTO fact_ids (event_id, received_at)
        SELECT event_id, $1 FROM unnest($2::uuid[]) WITH ORDINALITY AS i(event_id, place) ORDER BY place
        ON CONFLICT (event_id) DO NOTHING
        RETURNING event_id, position
        """;

    private const string CopyFactsSql =
        """
        COPY facts (position, event_id, retention, tenant_id, event_type, schema_version, occurred_at, received_at, producer, correlation_id, profile_id, body)
        FROM STDIN (FORMAT binary)
        """;

    // Key by key: of a list of keys the planner may make a filter over everybody.
    private const string LoadSql =
        """
        WITH RECURSIVE found AS MATERIALIZED (
            SELECT p.profile_id, p.person_id FROM unnest($2::text[]) AS i(key)
            CROSS JOIN LATERAL (SELECT profile_id, person_id FROM profiles WHERE tenant_id = $1 AND external_id = i.key OFFSET 0) p
            UNION
            SELECT p.profile_id, p.person_id FROM unnest($3::text[]) AS i(key)
            CROSS JOIN LATERAL (SELECT profile_id, person_id FROM profiles WHERE tenant_id = $1 AND email_key = i.key OFFSET 0) p
            UNION
            SELECT p.profile_id, p.person_id FROM unnest($4::text[]) AS i(key)
            CROSS JOIN LATERAL (SELECT profile_id, person_id, external_id FROM profiles WHERE tenant_id = $1 AND email_key = i.key OFFSET 0) p
            WHERE p.external_id IS NULL
            UNION
            SELECT p.profile_id, p.person_id FROM unnest($5::text[]) AS i(key)
            CROSS JOIN LATERAL (SELECT profile_id FROM former_keys WHERE tenant_id = $1 AND subject_key = i.key OFFSET 0) f
            CROSS JOIN LATERAL (SELECT profile_id, person_id FROM profiles WHERE profile_id = f.profile_id OFFSET 0) p
            UNION
            SELECT p.profile_id, p.person_id FROM unnest($6::bigint[]) AS i(id)
            CROSS JOIN LATERAL (SELECT profile_id, person_id FROM profiles WHERE profile_id = i.id OFFSET 0) p),
        wanted AS (
            SELECT profile_id, person_id FROM found
            UNION SELECT p.profile_id, p.person_id FROM wanted w CROSS JOIN LATERAL (SELECT profile_id, person_id FROM profiles WHERE profile_id = w.person_id OFFSET 0) p WHERE w.person_id IS NOT NULL)
        SELECT p.profile_id, p.external_id, p.email, p.phone, p.attributes, p.attributes_at, p.consent, p.occurred_at, p.version, p.person_id
        FROM wanted w CROSS JOIN LATERAL (SELECT * FROM profiles WHERE profile_id = w.profile_id OFFSET 0) p
        """;

    private const string CopyProfilesSql =
        """
        COPY profiles (profile_id, tenant_id, external_id, email, email_key, phone, attributes, attributes_at, consent, occurred_at, version, updated_at)
        FROM STDIN (FORMAT binary)
        """;

    private const string ChangeProfilesSql =
        """
        UPDATE profiles p SET external_id = i.external_id, email = i.email, email_key = i.email_key, phone = i.phone,
            attributes = i.attributes, attributes_at = i.attributes_at, consent = i.consent,
            occurred_at = i.occurred_at, version = i.version, person_id = nullif(i.person_id, 0), updated_at = $1
        FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::bigint[], $12::bigint[])
            AS i(profile_id, external_id, email, email_key, phone, attributes, attributes_at, consent, occurred_at, version, person_id)
        WHERE p.profile_id = i.profile_id
        """;

    private const string TouchProfilesSql =
        """
        UPDATE profiles p SET attributes_at = i.attributes_at, occurred_at = i.occurred_at
        FROM unnest($1::bigint[], $2::text[], $3::timestamptz[]) AS i(profile_id, attributes_at, occurred_at)
        WHERE p.profile_id = i.profile_id
        """;

    // A full snapshot speaks for everybody at its time, also for those whose rows it did not have to change; so a fact of the same time is late, as it would be overruled if it came first.
    private const string WriteMembershipsSql =
        """
        WITH written AS (
            INSERT INTO memberships AS m (audience, profile_id, is_member, since, occurred_at)
            SELECT i.audience, i.profile_id, i.is_member, $1, i.occurred_at
            FROM unnest($2::text[], $3::bigint[], $4::boolean[], $5::timestamptz[]) AS i(audience, profile_id, is_member, occurred_at)
            LEFT JOIN audiences a ON a.audience = i.audience
            WHERE a.audience IS NULL OR i.occurred_at > a.asserted_at
            ON CONFLICT (audience, profile_id) DO UPDATE
                SET is_member = EXCLUDED.is_member,
                    since = CASE WHEN m.is_member = EXCLUDED.is_member THEN m.since ELSE EXCLUDED.since END,
                    occurred_at = EXCLUDED.occurred_at
                WHERE EXCLUDED.occurred_at > m.occurred_at OR (EXCLUDED.occurred_at = m.occurred_at AND EXCLUDED.is_member AND NOT m.is_member)
            RETURNING audience, profile_id)
        INSERT INTO audience_changes (destination, audience, profile_id)
        SELECT r.destination, w.audience, w.profile_id FROM written w JOIN audience_routes r ON r.audience = w.audience
        ON CONFLICT DO NOTHING
        """;

    private const string MarkChangedSql =
        """
        INSERT INTO audience_changes (destination, audience, profile_id)
        SELECT r.destination, m.audience, m.profile_id
        FROM unnest($1::bigint[]) AS i(profile_id)
        JOIN memberships m ON m.profile_id = i.profile_id AND m.is_member
        JOIN audience_routes r ON r.audience = m.audience
        ON CONFLICT DO NOTHING
        """;

    /// <inheritdoc />
    /// <remarks>Two statements of one round trip: the second one sees what was committed while the first one waited. Whoever puts a version in force holds the ledger when he does.</remarks>
    public async Task LockAsync(HubDbContext db, CancellationToken cancellationToken, long? config = null)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        if (config is not { } version)
        {
            await LockAsync(session, cancellationToken);
            return;
        }

        await using var batch = session.Batch(
            new NpgsqlBatchCommand(LockSql) { Parameters = { new NpgsqlParameter<long> { TypedValue = AdvisoryLock.Ledger } } },
            new NpgsqlBatchCommand("SELECT 1 FROM config_active WHERE version = $1") { Parameters = { new NpgsqlParameter<long> { TypedValue = version } } });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.NextResultAsync(cancellationToken) || !await reader.ReadAsync(cancellationToken))
        {
            throw new ConfigurationBehindException(version);
        }
    }

    public static async Task LockAsync(PostgresSession session, CancellationToken cancellationToken)
    {
        await using var command = session.Command(LockSql).Long(AdvisoryLock.Ledger);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<Dictionary<Guid, FactPlace>> AddIdsAsync(HubDbContext db, IReadOnlyList<Guid> eventIds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        await using var command = session.Command(AddIdsSql).Time(now).Ids([.. eventIds]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var places = new Dictionary<Guid, FactPlace>(eventIds.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            places.Add(reader.GetGuid(0), new FactPlace(reader.GetInt64(1), now));
        }

        return places;
    }

    public async Task AddFactsAsync(HubDbContext db, IReadOnlyList<PlacedFact> facts, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        foreach (var (table, place) in facts.Select(row => (PartitionedTable.Of(row.Class), row.Place.ReceivedAt)).Distinct())
        {
            await partitions.CoverAsync(table, place, cancellationToken);
        }

        var keys = SealingKeys.Of(db);
        await using var copy = await session.Connection.BeginBinaryImportAsync(CopyFactsSql, cancellationToken);
        foreach (var row in facts)
        {
            var (fact, place, _, profileId) = row;
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(place.Position, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(fact.EventId, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(row.Retention, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(fact.TenantId, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(fact.EventType, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(fact.SchemaVersion, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(fact.OccurredAt.ToUniversalTime(), NpgsqlDbType.TimestampTz, cancellationToken);
            await copy.WriteAsync(place.ReceivedAt.ToUniversalTime(), NpgsqlDbType.TimestampTz, cancellationToken);
            await copy.WriteAsync(fact.Producer, NpgsqlDbType.Text, cancellationToken);
            await copy.TextAsync(fact.CorrelationId, cancellationToken);
            await (profileId == 0 ? copy.WriteNullAsync(cancellationToken) : copy.WriteAsync(profileId, NpgsqlDbType.Bigint, cancellationToken));
            await copy.WriteAsync(keys.Seal(SealedColumn.FactBody, fact.EventId, fact.BodyJson), NpgsqlDbType.Text, cancellationToken);
        }

        try
        {
            await copy.CompleteAsync(cancellationToken);
        }
        catch (PostgresException dropped) when (dropped.SqlState == PostgresErrorCodes.CheckViolation)
        {
            partitions.Forget();
            throw new InvalidOperationException("The log's partition of this time was dropped meanwhile; it is made when the facts are given again."); // and not the facts' fault, which the exception within would say
        }
    }

    public async Task TakeBackIdsAsync(HubDbContext db, IReadOnlyList<Guid> eventIds, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        await using var command = session.Command("DELETE FROM fact_ids WHERE event_id = ANY ($1)").Ids([.. eventIds]);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<ProfileRow>> LoadProfilesAsync(HubDbContext db, string tenantId, ProfileQuery query, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(LoadSql)
            .Text(tenantId).Texts(query.ExternalIds).Texts(query.EmailKeys).Texts(query.OrphanEmailKeys).Texts(query.SubjectKeys).Longs(query.ProfileIds);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = SealingKeys.Of(db);
        var rows = new List<ProfileRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var content = new ProfileContent(
                reader.TextOrNull(2), reader.TextOrNull(3), keys.OpenProfile(reader.GetInt64(0), reader.GetString(4)), reader.GetString(5), reader.GetFieldValue<DateTimeOffset>(7));
            rows.Add(new ProfileRow(reader.GetInt64(0), reader.TextOrNull(1), content, reader.GetString(6), reader.GetInt64(8), reader.IsDBNull(9) ? null : reader.GetInt64(9)));
        }

        return rows;
    }

    public async Task WriteProfilesAsync(HubDbContext db, string tenantId, IReadOnlyList<SubjectEntry> entries, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        var created = entries.Where(entry => entry.IsNew).ToList();
        if (created.Count > 0)
        {
            await CreateProfilesAsync(session, keys, tenantId, created, now, cancellationToken);
        }

        var changed = entries.Where(entry => entry.IsChanged).ToList();
        if (changed.Count > 0)
        {
            await using var command = session.Command(ChangeProfilesSql)
                .Time(now)
                .Longs(changed.Column(entry => entry.ProfileId))
                .Texts(changed.Column(entry => entry.ExternalId))
                .Texts(changed.Column(entry => entry.Content.Email))
                .Texts(changed.Column(entry => entry.FoundByEmailKey))
                .Texts(changed.Column(entry => entry.Content.Phone))
                .Texts(changed.Column<SubjectEntry, string?>(entry => keys.Seal(SealedColumn.ProfileAttributes, entry.ProfileId, entry.Content.AttributesJson)))
                .Texts(changed.Column<SubjectEntry, string?>(entry => entry.Content.AttributesAtJson))
                .Texts(changed.Column<SubjectEntry, string?>(entry => entry.ConsentJson))
                .Times(changed.Column<SubjectEntry, DateTimeOffset?>(entry => entry.Content.OccurredAt))
                .Longs(changed.Column(entry => entry.Version))
                .Longs(changed.Column(entry => entry.Person?.ProfileId ?? 0));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        var touched = entries.Where(entry => entry.IsTouched).ToList();
        if (touched.Count > 0)
        {
            await using var command = session.Command(TouchProfilesSql)
                .Longs(touched.Column(entry => entry.ProfileId))
                .Texts(touched.Column<SubjectEntry, string?>(entry => entry.Content.AttributesAtJson))
                .Times(touched.Column<SubjectEntry, DateTimeOffset?>(entry => entry.Content.OccurredAt));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public async Task WriteMembershipsAsync(HubDbContext db, IReadOnlyList<MembershipRow> memberships, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(WriteMembershipsSql)
            .Time(now)
            .Texts(memberships.Column<MembershipRow, string?>(row => row.Audience))
            .Longs(memberships.Column(row => row.ProfileId))
            .Bools(memberships.Column(row => row.IsMember))
            .Times(memberships.Column<MembershipRow, DateTimeOffset?>(row => row.OccurredAt));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task MarkChangedAsync(HubDbContext db, long[] profileIds, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(MarkChangedSql).Longs(profileIds);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task CreateProfilesAsync(PostgresSession session, SealingKeys keys, string tenantId, List<SubjectEntry> created, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using (var command = session
            .Command("SELECT nextval(pg_get_serial_sequence('profiles', 'profile_id')) FROM generate_series(1, $1)").Int(created.Count))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            for (var i = 0; await reader.ReadAsync(cancellationToken); i++)
            {
                created[i].ProfileId = reader.GetInt64(0);
            }
        }

        await using var copy = await session.Connection.BeginBinaryImportAsync(CopyProfilesSql, cancellationToken);
        foreach (var entry in created)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(entry.ProfileId, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(tenantId, NpgsqlDbType.Text, cancellationToken);
            await copy.TextAsync(entry.ExternalId, cancellationToken);
            await copy.TextAsync(entry.Content.Email, cancellationToken);
            await copy.TextAsync(entry.EmailKey, cancellationToken);
            await copy.TextAsync(entry.Content.Phone, cancellationToken);
            await copy.WriteAsync(keys.Seal(SealedColumn.ProfileAttributes, entry.ProfileId, entry.Content.AttributesJson), NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(entry.Content.AttributesAtJson, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(entry.ConsentJson, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(entry.Content.OccurredAt.ToUniversalTime(), NpgsqlDbType.TimestampTz, cancellationToken);
            await copy.WriteAsync(entry.Version, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(now.ToUniversalTime(), NpgsqlDbType.TimestampTz, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }
}
