using System.Data.Common;
using System.Text.Json;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Keys, claims, decisions and parts: each call is one statement for the whole batch, in the caller's transaction, on both dialects.</summary>
internal static class IdentityTables
{
    /// <summary>Where keys stood; those that are not known are left out.</summary>
    public static async Task<IReadOnlyList<KeyRow>> LoadKeysAsync(HubDbContext db, string tenantId, IEnumerable<PersonKey> keys, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await ReadAllAsync(
            session,
            $"""
            SELECT r.person_key, k.state, k.person, k.profile_id FROM {session.Rows(("person_key", "text"))} r
            {session.Lookup("identity_keys", "k", "k.tenant_id = @tenant AND k.person_key = r.person_key")}
            """,
            ReadKey, cancellationToken, ("tenant", tenantId), ("rows", Rows(keys)));
    }

    /// <summary>What is known of claims about the same keys as the given ones.</summary>
    public static async Task<IReadOnlyList<IdentityClaim>> LoadClaimsAsync(HubDbContext db, string tenantId, IEnumerable<IdentityClaim> claims, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await ReadAllAsync(
            session,
            $"""
            SELECT r.key_a, r.key_b, c.first_day, c.last_day FROM {session.Rows(("key_a", "text"), ("key_b", "text"))} r
            {session.Lookup("identity_claims", "c", "c.tenant_id = @tenant AND c.key_a = r.key_a AND c.key_b = r.key_b")}
            """,
            ReadClaim, cancellationToken, ("tenant", tenantId), ("rows", Rows(claims)));
    }

    /// <summary>The claims whose first key is one of the given ones.</summary>
    public static async Task<IReadOnlyList<IdentityClaim>> LoadClaimsOfAsync(HubDbContext db, string tenantId, IEnumerable<PersonKey> keys, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await ReadAllAsync(
            session,
            $"""
            SELECT c.key_a, c.key_b, c.first_day, c.last_day FROM {session.Rows(("person_key", "text"))} r
            {session.Lookup("identity_claims", "c", "c.tenant_id = @tenant AND c.key_a = r.person_key")}
            """,
            ReadClaim, cancellationToken, ("tenant", tenantId), ("rows", Rows(keys)));
    }

    /// <summary>The decisions whose first key is one of the given ones; those that this version cannot read are told of by <see cref="UnreadableDecisions"/>.</summary>
    public static async Task<IReadOnlyList<IdentityDecision>> LoadDecisionsAsync(HubDbContext db, string tenantId, IEnumerable<PersonKey> keys, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await ReadAllAsync(
            session,
            $"""
            SELECT d.verdict, d.key_a, d.key_b, d.decided_at FROM {session.Rows(("person_key", "text"))} r
            {session.Lookup("identity_decisions", "d", "d.tenant_id = @tenant AND d.key_a = r.person_key")}
            """,
            row => IdentityDecision.Read(row.GetString(0), row.GetString(1), row.GetString(2), row.Time(3)),
            cancellationToken,
            ("tenant", tenantId), ("rows", Rows(keys)));
    }

    /// <summary>Every key that is reached from the given ones by claims and decisions, not through keys that are blocked; the given ones too.</summary>
    public static async Task<IReadOnlyList<KeyRow>> ReachAsync(HubDbContext db, string tenantId, IEnumerable<PersonKey> keys, CancellationToken cancellationToken)
    {
        const string Open = "NOT EXISTS (SELECT 1 FROM identity_keys k WHERE k.tenant_id = @tenant AND k.person_key = r.person_key AND k.state = 'blocked')";
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        string[] steps =
        [
            Step("identity_claims", "key_a", "key_b"), Step("identity_claims", "key_b", "key_a"), Step("identity_decisions", "key_a", "key_b"), Step("identity_decisions", "key_b", "key_a"),
        ];
        var next = session.IsSqlite
            ? string.Join(" UNION ", steps.Select(step => $"SELECT n.person_key FROM reached r CROSS JOIN {step} WHERE {Open}"))
            : $"SELECT n.person_key FROM reached r CROSS JOIN LATERAL ({string.Join(" UNION ALL ", steps)}) n WHERE {Open}";
        return await ReadAllAsync(
            session,
            $"""
            WITH RECURSIVE reached AS (SELECT person_key FROM {session.Rows(("person_key", "text"))} g UNION {next})
            SELECT r.person_key, k.state, k.person, k.profile_id FROM reached r
            LEFT JOIN {(session.IsSqlite ? "identity_keys k ON k.tenant_id = @tenant AND k.person_key = r.person_key" : "LATERAL (SELECT * FROM identity_keys i WHERE i.tenant_id = @tenant AND i.person_key = r.person_key OFFSET 0) k ON true")}
            """,
            ReadKey, cancellationToken, ("tenant", tenantId), ("rows", Rows(keys)));

        string Step(string table, string from, string to) => session.IsSqlite
            ? $"(SELECT tenant_id, {from} AS from_key, {to} AS person_key FROM {table}) n ON n.tenant_id = @tenant AND n.from_key = r.person_key"
            : $"SELECT {to} AS person_key FROM {table} WHERE tenant_id = @tenant AND {from} = r.person_key";
    }

    /// <summary>Adds claims; of one that is known the days are joined.</summary>
    public static async Task AddClaimsAsync(HubDbContext db, string tenantId, IEnumerable<IdentityClaim> claims, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var (least, greatest) = session.IsSqlite ? ("min", "max") : ("least", "greatest");
        await session.ExecuteAsync(
            $"""
            INSERT INTO identity_claims AS c (tenant_id, key_a, key_b, first_day, last_day)
            SELECT @tenant, r.key_a, r.key_b, r.first_day, r.last_day FROM {session.Rows(("key_a", "text"), ("key_b", "text"), ("first_day", "integer"), ("last_day", "integer"))} r WHERE true
            ON CONFLICT (tenant_id, key_a, key_b) DO UPDATE SET first_day = {least}(c.first_day, excluded.first_day), last_day = {greatest}(c.last_day, excluded.last_day)
            """, cancellationToken, ("tenant", tenantId), ("rows", Rows(claims)));
    }

    /// <summary>Writes where keys stand.</summary>
    public static async Task WriteKeysAsync(HubDbContext db, string tenantId, IEnumerable<KeyRow> keys, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var rows = JsonRows.Of(keys, (writer, key) =>
        {
            writer.WriteStringValue(key.Key.ToString());
            writer.WriteStringValue(key.State is { } state ? WordOf(state) : null);
            writer.WriteStringValue(key.Person?.ToString());
            WriteId(writer, key.ProfileId);
        });
        await session.ExecuteAsync(
            $"""
            INSERT INTO identity_keys (tenant_id, person_key, state, person, profile_id)
            SELECT @tenant, r.person_key, r.state, r.person, r.profile_id FROM {session.Rows(("person_key", "text"), ("state", "text"), ("person", "text"), ("profile_id", "bigint"))} r WHERE true
            ON CONFLICT (tenant_id, person_key) DO UPDATE SET state = excluded.state, person = excluded.person, profile_id = excluded.profile_id
            """, cancellationToken, ("tenant", tenantId), ("rows", rows));
    }

    /// <summary>The parts of profiles, and those that are found by keys.</summary>
    public static async Task<IReadOnlyList<PartRow>> LoadPartsAsync(HubDbContext db, string tenantId, IEnumerable<long> profileIds, IEnumerable<PersonKey> keys, CancellationToken cancellationToken)
    {
        const string Columns = "i.part_key, i.profile_id, i.email, i.phone, i.attributes, i.attributes_at, i.occurred_at";
        var sealing = SealingKeys.Of(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var parts = await session.ReadAsync(
            $"SELECT {Columns} FROM {session.Rows(("profile_id", "bigint"))} r {session.Lookup("identity_parts", "i", "i.tenant_id = @tenant AND i.profile_id = r.profile_id")}",
            row => ReadPart(row, sealing, tenantId), cancellationToken, ("tenant", tenantId), ("rows", JsonRows.Of(profileIds, (writer, id) => writer.WriteNumberValue(id))));
        var stated = Rows(keys);
        if (stated.Length > 2)
        {
            parts.AddRange(await session.ReadAsync(
                $"SELECT {Columns} FROM {session.Rows(("person_key", "text"))} r {session.Lookup("identity_parts", "i", "i.tenant_id = @tenant AND i.person_key = r.person_key")}",
                row => ReadPart(row, sealing, tenantId), cancellationToken, ("tenant", tenantId), ("rows", stated)));
        }

        return [.. parts.DistinctBy(part => part.Key).Where(part => part.Key.IsReadable)];
    }

    /// <summary>Writes parts.</summary>
    public static async Task WritePartsAsync(HubDbContext db, string tenantId, IEnumerable<PartRow> parts, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var sealing = SealingKeys.Of(db);
        var rows = JsonRows.Of(parts, (writer, part) =>
        {
            writer.WriteStringValue(part.Key.Text);
            writer.WriteStringValue(part.Key.First.ToString());
            WriteId(writer, part.ProfileId);
            writer.WriteStringValue(part.Content.Email);
            writer.WriteStringValue(part.Content.Phone);
            writer.WriteStringValue(sealing.Seal(SealedColumn.PartAttributes, SealedColumn.Joined(tenantId, part.Key.Text), part.Content.AttributesJson));
            writer.WriteStringValue(part.Content.AttributesAtJson);
            writer.WriteNumberValue(part.Content.OccurredAt.UtcTicks);
        });
        await session.ExecuteAsync(
            $"""
            INSERT INTO identity_parts (tenant_id, part_key, person_key, profile_id, email, phone, attributes, attributes_at, occurred_at)
            SELECT @tenant, r.* FROM {session.Rows(("part_key", "text"), ("person_key", "text"), ("profile_id", "bigint"), ("email", "text"), ("phone", "text"), ("attributes", "text"), ("attributes_at", "text"), ("occurred_at", "bigint"))} r WHERE true
            ON CONFLICT (tenant_id, part_key) DO UPDATE SET profile_id = excluded.profile_id, email = excluded.email, phone = excluded.phone,
                attributes = excluded.attributes, attributes_at = excluded.attributes_at, occurred_at = excluded.occurred_at
            """, cancellationToken, ("tenant", tenantId), ("rows", rows));
    }

    /// <summary>Where keys stand is to be found out anew when the rules are others than before.</summary>
    public static async Task UseRulesAsync(HubDbContext db, string rules, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (await session.ScalarAsync("SELECT rules FROM identity_rules", cancellationToken) as string == rules)
        {
            return;
        }

        await session.ExecuteAsync("DELETE FROM identity_rules", cancellationToken);
        await session.ExecuteAsync("INSERT INTO identity_rules (rules) VALUES (@rules)", cancellationToken, ("rules", rules));
        await session.ExecuteAsync("UPDATE identity_keys SET state = NULL WHERE state IS NOT NULL", cancellationToken);
    }

    public static string WordOf(KeyState state) => state switch
    {
        KeyState.Held => "held",
        KeyState.Contested => "contested",
        _ => "blocked",
    };

    private static string Rows(IEnumerable<PersonKey> keys) => JsonRows.Of(keys, (writer, key) => writer.WriteStringValue(key.ToString()));

    private static string Rows(IEnumerable<IdentityClaim> claims) => JsonRows.Of(claims, (writer, claim) =>
    {
        writer.WriteStringValue(claim.A.ToString());
        writer.WriteStringValue(claim.B.ToString());
        writer.WriteNumberValue(claim.FirstDay);
        writer.WriteNumberValue(claim.LastDay);
    });

    private static void WriteId(Utf8JsonWriter writer, long? id)
    {
        if (id is { } value)
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    /// <summary>Of keys of a kind that this version does not know nothing is known, as of those of a kind that the rules do not have.</summary>
    private static async Task<IReadOnlyList<T>> ReadAllAsync<T>(DbSession session, string sql, Func<DbDataReader, T?> read, CancellationToken cancellationToken, params (string, object?)[] parameters)
        where T : struct => [.. (await session.ReadAsync(sql, read, cancellationToken, parameters)).OfType<T>()];

    /// <summary>A key that stands as this version does not know joins nobody, and is not written over.</summary>
    private static KeyRow? ReadKey(DbDataReader row)
    {
        if (PersonKey.ReadOrNull(row.GetString(0)) is not { } key)
        {
            return null;
        }

        long? profileId = row.IsDBNull(3) ? null : row.GetInt64(3);
        var person = row.TextOrNull(2) is { } holder ? PersonKey.ReadOrNull(holder) : null;
        return row.TextOrNull(1) switch
        {
            null => new KeyRow(key, null, person, profileId),
            "held" => new KeyRow(key, KeyState.Held, person, profileId),
            "contested" => new KeyRow(key, KeyState.Contested, person, profileId),
            _ => new KeyRow(key, KeyState.Blocked, null, profileId),
        };
    }

    private static IdentityClaim? ReadClaim(DbDataReader row) => PersonKey.ReadOrNull(row.GetString(0)) is { } one && PersonKey.ReadOrNull(row.GetString(1)) is { } other
        ? new IdentityClaim(one, other, row.GetInt32(2), row.GetInt32(3))
        : null;

    private static PartRow ReadPart(DbDataReader row, SealingKeys sealing, string tenantId) => new(
        new PartKey(row.GetString(0)),
        row.IsDBNull(1) ? null : row.GetInt64(1),
        new ProfileContent(row.TextOrNull(2), row.TextOrNull(3), sealing.OpenOrKeep(SealedColumn.PartAttributes, SealedColumn.Joined(tenantId, row.GetString(0)), row.GetString(4)), row.GetString(5), new DateTimeOffset(row.GetInt64(6), TimeSpan.Zero)));
}
