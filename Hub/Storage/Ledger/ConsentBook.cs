using System.Data.Common;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Reads what the ledger knows of one person's consent: for questions of people, not for what is sent. Holds personal data.</summary>
public static class ConsentBook
{
    private const int MostPeople = 50;
    private const int MostEntries = 10_000;

    /// <summary>The person with an id; or without one everybody who has an address.</summary>
    /// <param name="db">The database.</param>
    /// <param name="externalId">The company's id as it was given, or null.</param>
    /// <param name="email">The address as it was given, or null.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<ConsentHolder>> FindPeopleAsync(HubDbContext db, string? externalId, string? email, CancellationToken cancellationToken)
    {
        var (column, key) = NormalKey.OfId(externalId) is { } id ? ("external_id", id) : ("email_key", NormalKey.OfEmail(email));
        if (key is null)
        {
            return [];
        }

        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT q.profile_id, q.external_id, q.email_key, q.consent FROM profiles p JOIN profiles q ON q.profile_id = coalesce(p.person_id, p.profile_id)
            WHERE p.tenant_id = 'default' AND p.{column} = @key ORDER BY q.profile_id LIMIT @most
            """,
            Holder, cancellationToken, ("key", key), ("most", MostPeople));
    }

    /// <summary>People by their profiles, each once.</summary>
    internal static async Task<IReadOnlyList<ConsentHolder>> FindPeopleAsync(HubDbContext db, IReadOnlyCollection<long> profileIds, CancellationToken cancellationToken)
    {
        if (profileIds.Count == 0)
        {
            return [];
        }

        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT DISTINCT q.profile_id, q.external_id, q.email_key, q.consent FROM {session.Rows(("profile_id", "bigint"))} r
            {session.Lookup("profiles", "p", "p.profile_id = r.profile_id")} {session.Lookup("profiles", "q", "q.profile_id = coalesce(p.person_id, p.profile_id)")}
            ORDER BY q.profile_id LIMIT {MostPeople}
            """,
            Holder, cancellationToken, ("rows", JsonRows.Of(profileIds, (writer, id) => writer.WriteNumberValue(id))));
    }

    /// <summary>Position of the newest decision in the ledger: what is decided now is decided by everything up to it. 0 when there is none.</summary>
    public static async Task<long> PositionAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (long?)await session.ScalarAsync("SELECT max(position) FROM consent_history", cancellationToken) ?? 0;
    }

    /// <summary>Every decision under the keys of a person, the keys that they had, and keys that are asked for beside; in the order in which they came in.</summary>
    /// <param name="db">The database.</param>
    /// <param name="person">The person, or null when nobody is known.</param>
    /// <param name="asked">Keys in their normal form, of a known person beside the person's own.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<ConsentRecord> ReadAsync(HubDbContext db, ConsentHolder? person, IEnumerable<PersonKey> asked, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var now = ConsentState.KeysOf(person?.ExternalId, person?.EmailKey)
            .Concat(asked.Where(key => person is null || key.Kind == KeyKind.Email || (key.Kind == KeyKind.ExternalId && person.ExternalId is null)).Select(key => ConsentState.KeyOf(key))).ToHashSet(StringComparer.Ordinal);
        var former = person is null ? [] : (await session.ReadAsync(
            "SELECT subject_key FROM former_keys WHERE profile_id = @person", row => row.GetString(0), cancellationToken, ("person", person.ProfileId))).Where(key => !now.Contains(key)).ToHashSet(StringComparer.Ordinal);
        return new ConsentRecord(now, former, await EntriesAsync(session, [.. now, .. former], cancellationToken));
    }

    /// <summary>Every decision under the keys of a person whose data are asked for, in the order in which they came in.</summary>
    public static async Task<IReadOnlyList<ConsentEntry>> ReadAsync(HubDbContext db, ErasurePerson person, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(person);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await EntriesAsync(session, [.. person.SubjectKeys], cancellationToken);
    }

    private static async Task<IReadOnlyList<ConsentEntry>> EntriesAsync(DbSession session, string[] keys, CancellationToken cancellationToken)
    {
        var names = keys.Select((_, i) => FormattableString.Invariant($"key{i}")).ToArray();
        return keys.Length == 0 ? [] : await session.ReadAsync(
            $"""
            SELECT position, subject_key, purpose, status, channel, legal_basis, source, decided_at, recorded_at, expires_at, evidence, collected FROM consent_history
            WHERE tenant_id = 'default' AND subject_key IN ({string.Join(", ", names.Select(name => $"@{name}"))}) ORDER BY history_id LIMIT {MostEntries}
            """,
            row => new ConsentEntry(row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(6), row.Time(7), row.Time(8))
            {
                Position = row.IsDBNull(0) ? null : row.GetInt64(0),
                Channel = row.TextOrNull(4),
                LegalBasis = row.TextOrNull(5),
                ExpiresAt = row.IsDBNull(9) ? null : row.Time(9),
                EvidenceJson = row.TextOrNull(10),
                Travelled = row.GetBoolean(11),
            },
            cancellationToken,
            [.. keys.Select((key, i) => (names[i], (object?)key))]);
    }

    private static ConsentHolder Holder(DbDataReader row) => new(row.GetInt64(0), row.TextOrNull(1), row.TextOrNull(2), row.GetString(3));
}
