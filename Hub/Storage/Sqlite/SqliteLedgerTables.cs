using System.Data.Common;
using System.Text.Json;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>The ledger's tables on SQLite.</summary>
internal sealed class SqliteLedgerTables : ILedgerTables
{
    private const string AddIdsSql =
        """
        INSERT INTO fact_ids (event_id, received_at) SELECT value, @now FROM json_each(@ids) WHERE true ORDER BY key
        ON CONFLICT (event_id) DO NOTHING
        RETURNING event_id, position
        """;

    private const string AddFactsSql =
        """
        INSERT INTO facts (position, event_id, retention, tenant_id, event_type, schema_version, occurred_at, received_at, producer, correlation_id, profile_id, body)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'), json_extract(value, '$[4]'),
               json_extract(value, '$[5]'), json_extract(value, '$[6]'), json_extract(value, '$[7]'), json_extract(value, '$[8]'),
               json_extract(value, '$[9]'), nullif(json_extract(value, '$[10]'), 0), json_extract(value, '$[11]')
        FROM json_each(@rows)
        """;

    private const string LoadSql =
        """
        WITH RECURSIVE found AS (
            SELECT profile_id, person_id FROM profiles WHERE tenant_id = @tenant AND external_id IN (SELECT value FROM json_each(@ids))
            UNION SELECT profile_id, person_id FROM profiles WHERE tenant_id = @tenant AND email_key IN (SELECT value FROM json_each(@emails))
            UNION SELECT profile_id, person_id FROM profiles WHERE tenant_id = @tenant AND email_key IN (SELECT value FROM json_each(@orphans)) AND external_id IS NULL
            UNION SELECT profile_id, person_id FROM profiles
                WHERE profile_id IN (SELECT profile_id FROM former_keys WHERE tenant_id = @tenant AND subject_key IN (SELECT value FROM json_each(@keys)))
            UNION SELECT profile_id, person_id FROM profiles WHERE profile_id IN (SELECT value FROM json_each(@profiles))),
        wanted AS (
            SELECT profile_id, person_id FROM found
            UNION SELECT p.profile_id, p.person_id FROM wanted w CROSS JOIN profiles p ON p.profile_id = w.person_id)
        SELECT profile_id, external_id, email, phone, attributes, attributes_at, consent, occurred_at, version, person_id
        FROM profiles WHERE profile_id IN (SELECT profile_id FROM wanted)
        """;

    private const string CreateProfilesSql =
        """
        INSERT INTO profiles (profile_id, external_id, email, email_key, phone, attributes, attributes_at, consent, occurred_at, version, tenant_id, updated_at)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
               json_extract(value, '$[4]'), json_extract(value, '$[5]'), json_extract(value, '$[6]'), json_extract(value, '$[7]'),
               json_extract(value, '$[8]'), json_extract(value, '$[9]'), @tenant, @now
        FROM json_each(@rows)
        """;

    private const string ChangeProfilesSql =
        """
        UPDATE profiles SET external_id = i.external_id, email = i.email, email_key = i.email_key, phone = i.phone, attributes = i.attributes,
            attributes_at = i.attributes_at, consent = i.consent, occurred_at = i.occurred_at, version = i.version,
            person_id = nullif(i.person_id, 0), updated_at = @now
        FROM (SELECT json_extract(value, '$[0]') AS profile_id, json_extract(value, '$[1]') AS external_id, json_extract(value, '$[2]') AS email,
                     json_extract(value, '$[3]') AS email_key, json_extract(value, '$[4]') AS phone, json_extract(value, '$[5]') AS attributes,
                     json_extract(value, '$[6]') AS attributes_at, json_extract(value, '$[7]') AS consent,
                     json_extract(value, '$[8]') AS occurred_at, json_extract(value, '$[9]') AS version,
                     json_extract(value, '$[10]') AS person_id FROM json_each(@rows)) i
        WHERE profiles.profile_id = i.profile_id
        """;

    private const string TouchProfilesSql =
        """
        UPDATE profiles SET attributes_at = i.attributes_at, occurred_at = i.occurred_at
        FROM (SELECT json_extract(value, '$[0]') AS profile_id, json_extract(value, '$[1]') AS attributes_at,
                     json_extract(value, '$[2]') AS occurred_at FROM json_each(@rows)) i
        WHERE profiles.profile_id = i.profile_id
        """;

    // A full snapshot speaks for everybody at its time, also for those whose rows it did not have to change; so a fact of the same time is late, as it would be overruled if it came first.
    private const string WriteMembershipsSql =
        """
        INSERT INTO memberships AS m (audience, profile_id, is_member, since, occurred_at)
        SELECT i.audience, i.profile_id, i.is_member, @now, i.occurred_at
        FROM (SELECT json_extract(value, '$[0]') AS audience, json_extract(value, '$[1]') AS profile_id,
                     json_extract(value, '$[2]') AS is_member, json_extract(value, '$[3]') AS occurred_at FROM json_each(@rows)) i
        LEFT JOIN audiences a ON a.audience = i.audience
        WHERE a.audience IS NULL OR i.occurred_at > a.asserted_at
        ON CONFLICT (audience, profile_id) DO UPDATE
            SET is_member = excluded.is_member,
                since = CASE WHEN m.is_member = excluded.is_member THEN m.since ELSE excluded.since END,
                occurred_at = excluded.occurred_at
            WHERE excluded.occurred_at > m.occurred_at OR (excluded.occurred_at = m.occurred_at AND excluded.is_member AND NOT m.is_member)
        RETURNING audience, profile_id
        """;

    private const string MarkMembershipsSql =
        """
        INSERT OR IGNORE INTO audience_changes (destination, audience, profile_id)
        SELECT r.destination, r.audience, json_extract(i.value, '$[1]')
        FROM json_each(@rows) i CROSS JOIN audience_routes r ON r.audience = json_extract(i.value, '$[0]')
        """;

    private const string MarkChangedSql =
        """
        INSERT OR IGNORE INTO audience_changes (destination, audience, profile_id)
        SELECT r.destination, m.audience, m.profile_id
        FROM json_each(@ids) i CROSS JOIN memberships m ON m.profile_id = i.value AND m.is_member
        JOIN audience_routes r ON r.audience = m.audience
        """;

    /// <inheritdoc />
    /// <remarks>No lock to take: a SQLite transaction of this hub is the file's only writer from its BEGIN on.</remarks>
    public Task LockAsync(HubDbContext db, CancellationToken cancellationToken, long? config = null) => ConfigurationFence.HoldAsync(db, config, cancellationToken);

    public async Task<Dictionary<Guid, FactPlace>> AddIdsAsync(HubDbContext db, IReadOnlyList<Guid> eventIds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var rows = await session.ReadAsync(
            AddIdsSql, reader => (EventId: reader.GetGuid(0), Position: reader.GetInt64(1)), cancellationToken, ("ids", JsonRows.Ids(eventIds)), ("now", now));
        return rows.ToDictionary(row => row.EventId, row => new FactPlace(row.Position, now));
    }

    public async Task AddFactsAsync(HubDbContext db, IReadOnlyList<PlacedFact> facts, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        var rows = JsonRows.Of(facts, (writer, row) =>
        {
            writer.WriteNumberValue(row.Place.Position);
            writer.Id(row.Fact.EventId);
            writer.WriteStringValue(row.Retention);
            writer.WriteStringValue(row.Fact.TenantId);
            writer.WriteStringValue(row.Fact.EventType);
            writer.WriteNumberValue(row.Fact.SchemaVersion);
            writer.Time(row.Fact.OccurredAt);
            writer.Time(row.Place.ReceivedAt);
            writer.WriteStringValue(row.Fact.Producer);
            writer.WriteStringValue(row.Fact.CorrelationId);
            writer.WriteNumberValue(row.ProfileId);
            writer.WriteStringValue(keys.Seal(SealedColumn.FactBody, row.Fact.EventId, row.Fact.BodyJson));
        });
        await session.ExecuteAsync(AddFactsSql, cancellationToken, ("rows", rows));
    }

    public async Task TakeBackIdsAsync(HubDbContext db, IReadOnlyList<Guid> eventIds, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM fact_ids WHERE event_id IN (SELECT value FROM json_each(@ids))", cancellationToken, ("ids", JsonRows.Ids(eventIds)));
    }

    public async Task<IReadOnlyList<ProfileRow>> LoadProfilesAsync(HubDbContext db, string tenantId, ProfileQuery query, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        return await session.ReadAsync(
            LoadSql, row => ReadProfile(row, keys), cancellationToken,
            ("tenant", tenantId), ("ids", JsonRows.Texts(query.ExternalIds)), ("emails", JsonRows.Texts(query.EmailKeys)), ("orphans", JsonRows.Texts(query.OrphanEmailKeys)),
            ("keys", JsonRows.Texts(query.SubjectKeys)), ("profiles", JsonRows.Numbers(query.ProfileIds)));
    }

    public async Task WriteProfilesAsync(HubDbContext db, string tenantId, IReadOnlyList<SubjectEntry> entries, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        Action<Utf8JsonWriter, SubjectEntry> write = (writer, entry) => WriteProfile(writer, entry, keys);
        var created = entries.Where(entry => entry.IsNew).ToList();
        if (created.Count > 0)
        {
            var last = (long)(await session.ScalarAsync("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'profiles'), 0)", cancellationToken))!;
            foreach (var entry in created)
            {
                entry.ProfileId = ++last;
            }

            await session.ExecuteAsync(CreateProfilesSql, cancellationToken, ("rows", JsonRows.Of(created, write)), ("tenant", tenantId), ("now", now));
        }

        var changed = entries.Where(entry => entry.IsChanged).ToList();
        if (changed.Count > 0)
        {
            await session.ExecuteAsync(ChangeProfilesSql, cancellationToken, ("rows", JsonRows.Of(changed, write)), ("now", now));
        }

        var touched = entries.Where(entry => entry.IsTouched).ToList();
        if (touched.Count > 0)
        {
            var rows = JsonRows.Of(touched, (writer, entry) =>
            {
                writer.WriteNumberValue(entry.ProfileId);
                writer.WriteStringValue(entry.Content.AttributesAtJson);
                writer.Time(entry.Content.OccurredAt);
            });
            await session.ExecuteAsync(TouchProfilesSql, cancellationToken, ("rows", rows));
        }
    }

    public async Task WriteMembershipsAsync(HubDbContext db, IReadOnlyList<MembershipRow> memberships, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var rows = JsonRows.Of(memberships, (writer, row) =>
        {
            writer.WriteStringValue(row.Audience);
            writer.WriteNumberValue(row.ProfileId);
            writer.Flag(row.IsMember);
            writer.Time(row.OccurredAt);
        });
        var written = await session.ReadAsync(
            WriteMembershipsSql, reader => (Audience: reader.GetString(0), ProfileId: reader.GetInt64(1)), cancellationToken, ("rows", rows), ("now", now));
        var marks = JsonRows.Of(written, (writer, row) =>
        {
            writer.WriteStringValue(row.Audience);
            writer.WriteNumberValue(row.ProfileId);
        });
        await session.ExecuteAsync(MarkMembershipsSql, cancellationToken, ("rows", marks));
    }

    public async Task MarkChangedAsync(HubDbContext db, long[] profileIds, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(MarkChangedSql, cancellationToken, ("ids", JsonRows.Numbers(profileIds)));
    }

    private static ProfileRow ReadProfile(DbDataReader reader, SealingKeys keys)
    {
        var content = new ProfileContent(reader.TextOrNull(2), reader.TextOrNull(3), keys.OpenProfile(reader.GetInt64(0), reader.GetString(4)), reader.GetString(5), reader.Time(7));
        return new ProfileRow(reader.GetInt64(0), reader.TextOrNull(1), content, reader.GetString(6), reader.GetInt64(8), reader.IsDBNull(9) ? null : reader.GetInt64(9));
    }

    private static void WriteProfile(Utf8JsonWriter writer, SubjectEntry entry, SealingKeys keys)
    {
        writer.WriteNumberValue(entry.ProfileId);
        writer.WriteStringValue(entry.ExternalId);
        writer.WriteStringValue(entry.Content.Email);
        writer.WriteStringValue(entry.FoundByEmailKey);
        writer.WriteStringValue(entry.Content.Phone);
        writer.WriteStringValue(keys.Seal(SealedColumn.ProfileAttributes, entry.ProfileId, entry.Content.AttributesJson));
        writer.WriteStringValue(entry.Content.AttributesAtJson);
        writer.WriteStringValue(entry.ConsentJson);
        writer.Time(entry.Content.OccurredAt);
        writer.WriteNumberValue(entry.Version);
        writer.WriteNumberValue(entry.Person?.ProfileId ?? 0);
    }
}
