using System.Globalization;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// Decisions about who is who that this version cannot read: a newer one wrote them, or they are damaged. What they say nobody here knows, so whom they name stands as he or she stands and is sent
/// nothing until they can be read; everybody else goes on (decision 0065). Each call is one statement on both dialects.
/// </summary>
public static class UnreadableDecisions
{
    private const string Tenant = "default";

    /// <summary>True in SQL for a decision that cannot be read, as the partial indexes have it.</summary>
    public static string IsOne { get; } =
        $"(verdict NOT IN ({string.Join(", ", IdentityDecision.Words.Select(word => $"'{word}'"))}) OR NOT {KindIsKnown("key_a")} OR NOT {KindIsKnown("key_b")})";

    /// <summary>True in SQL when this version knows the kind of a key.</summary>
    public static string KindIsKnown(string column) => $"({string.Join(" OR ", PersonKey.Words.Select(word => $"{column} LIKE '{word}:%'"))})";

    /// <summary>True in SQL when there is any at all: by the index alone.</summary>
    internal static string AnySql { get; } = $"SELECT EXISTS (SELECT 1 FROM identity_decisions WHERE {IsOne})";

    /// <summary>How many there are and since when; looks at a thousand.</summary>
    public static async Task<(long Count, DateTimeOffset Since)?> CountAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var found = await session.ReadAsync(
            $"SELECT count(*), min(decided_at) FROM (SELECT decided_at FROM identity_decisions WHERE {IsOne} LIMIT 1000) d",
            row => row.GetInt64(0) == 0 ? ((long, DateTimeOffset)?)null : (row.GetInt64(0), row.Time(1)), cancellationToken);
        return found[0];
    }

    /// <summary>Ids of those that name one of the keys, and the keys that they name, as far as they can be read.</summary>
    internal static async Task<IReadOnlyList<(long Id, PersonKey? A, PersonKey? B)>> FindAsync(HubDbContext db, string tenantId, IEnumerable<PersonKey> keys, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        string Side(string column) => $"SELECT d.decision_id, d.key_a, d.key_b FROM {session.Rows(("person_key", "text"))} r {session.Lookup($"(SELECT * FROM identity_decisions WHERE {IsOne})", "d", $"d.tenant_id = @tenant AND d.{column} = r.person_key")}";
        return await session.ReadAsync(
            $"{Side("key_a")} UNION {Side("key_b")} ORDER BY 1", row => (row.GetInt64(0), PersonKey.ReadOrNull(row.GetString(1)), PersonKey.ReadOrNull(row.GetString(2))), cancellationToken,
            ("tenant", tenantId), ("rows", JsonRows.Of(keys, (writer, key) => writer.WriteStringValue(key.ToString()))));
    }

    /// <summary>Of profiles those whose person is named by one, under any key that the person has or had.</summary>
    internal static async Task<IReadOnlySet<long>> FindNamedAsync(HubDbContext db, IEnumerable<long> profileIds, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var people = $"""
            SELECT r.profile_id AS asked, g.profile_id, g.external_id, g.email_key FROM {session.Rows(("profile_id", "bigint"))} r
            {session.Lookup("profiles", "p", "p.profile_id = r.profile_id")}
            {session.Lookup("profiles", "g", "(g.profile_id = coalesce(p.person_id, p.profile_id) OR g.person_id = coalesce(p.person_id, p.profile_id))")}
            """;
        return (await session.ReadAsync(
            $"""
            WITH people AS ({people}),
            keys AS (
                SELECT asked, 'external_id:' || external_id AS person_key FROM people WHERE external_id IS NOT NULL
                UNION SELECT asked, 'email:' || email_key FROM people WHERE email_key IS NOT NULL
                UNION SELECT o.asked, CASE WHEN f.subject_key LIKE 'id:%' THEN 'external_id:' || substr(f.subject_key, 4) ELSE f.subject_key END FROM people o {session.Lookup("former_keys", "f", "f.profile_id = o.profile_id")}
                UNION SELECT o.asked, i.person_key FROM people o {session.Lookup("identity_parts", "i", $"i.tenant_id = '{Tenant}' AND i.profile_id = o.profile_id")})
            SELECT DISTINCT k.asked FROM keys k
            WHERE EXISTS (SELECT 1 FROM identity_decisions WHERE tenant_id = '{Tenant}' AND key_a = k.person_key AND {IsOne})
               OR EXISTS (SELECT 1 FROM identity_decisions WHERE tenant_id = '{Tenant}' AND key_b = k.person_key AND {IsOne})
            """,
            row => row.GetInt64(0), cancellationToken, ("rows", JsonRows.Of(profileIds.Distinct(), (writer, id) => writer.WriteNumberValue(id))))).ToHashSet();
    }

    /// <summary>True when there is any at all.</summary>
    internal static async Task<bool> AnyAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return Convert.ToBoolean(await session.ScalarAsync(AnySql, cancellationToken), CultureInfo.InvariantCulture);
    }
}
