using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Postgres;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>
/// What destinations are owed when it changes who somebody is: another key, two people who are one, an alias, the end of a profile. Each is a delivery of the live lane, owed once, in the
/// transaction that changes the person, whether or not the destination is told of state live. The same SQL on both dialects; each call is one statement.
/// </summary>
internal static class IdentityDues
{
    /// <summary>Operations after which the person has another key at the destination, or none: until they are through nothing else is sent about the person.</summary>
    private const string ChangesKey = "operation IN (6, 7, 10)";

    /// <summary>As the partial index says it, so that it is used.</summary>
    private const string IsOfIdentity = "operation >= 6";

    private static string Insert(DbSession session, string operation, string profile) =>
        $"""
        INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at, named_key, other_profile_id)
        SELECT DISTINCT i.stream_id, i.destination, '{Lane.Live}', CAST({profile} % i.partitions AS integer), {operation}, {profile}, '', {session.Instant("@now")}, 0, {session.Instant("@now")}
        """;

    private static string Held(DbSession session, string alias, string profile) =>
        session.Lookup("destination_profiles", alias, $"{alias}.destination = i.destination AND {alias}.profile_id = {profile}");

    /// <summary>Owes another key to the destinations that know people by the address and have the person.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="changes">Profiles with the address that destinations have them under.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="destination">One destination alone, or null for all.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task OweKeysAsync(HubDbContext db, IReadOnlyCollection<(long ProfileId, string FormerKey)> changes, DateTimeOffset now, string? destination, CancellationToken cancellationToken)
    {
        if (changes.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            {Insert(session, "6", "r.profile_id")}, r.former_key, CAST(NULL AS bigint)
            FROM {session.Rows(("profile_id", "bigint"), ("former_key", "text"))} r CROSS JOIN identity_routes i {Held(session, "d", "r.profile_id")}
            WHERE i.stream_id IS NOT NULL AND i.identity_key = 'email' AND i.destination = coalesce(@destination, i.destination)
            ON CONFLICT DO NOTHING
            """,
            cancellationToken,
            ("now", now), ("destination", destination),
            ("rows", JsonRows.Of(changes, (writer, change) =>
            {
                writer.WriteNumberValue(change.ProfileId);
                writer.WriteStringValue(change.FormerKey);
            })));
    }

    /// <summary>Owes what each destination asks for when two profiles become one: that it joins them, or that the one that is shown no more leaves its audiences, or nothing.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="joins">Profiles that are shown no more, and the ones that show them.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task OweMergesAsync(HubDbContext db, IReadOnlyCollection<(long From, long To)> joins, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (joins.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            {Insert(session, "7", "r.to_id")}, CAST(NULL AS text), r.from_id
            FROM {session.Rows(("from_id", "bigint"), ("to_id", "bigint"))} r CROSS JOIN identity_routes i {Held(session, "d", "r.from_id")}
            WHERE i.stream_id IS NOT NULL AND i.on_merge = 'merge'
            ON CONFLICT DO NOTHING
            """,
            cancellationToken,
            ("now", now),
            ("rows", JsonRows.Of(joins, (writer, join) =>
            {
                writer.WriteNumberValue(join.From);
                writer.WriteNumberValue(join.To);
            })));
        await OweRetirementsAsync(session, [.. joins.Select(join => join.From)], "i.on_merge = 'retire'", null, now, cancellationToken);
    }

    /// <summary>Owes the deletion of profiles to the destinations that ask for it and have them.</summary>
    public static async Task OweDeletionsAsync(HubDbContext db, IReadOnlyCollection<long> profileIds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (profileIds.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            {Insert(session, "10", "r.profile_id")}, CAST(NULL AS text), CAST(NULL AS bigint)
            FROM {session.Rows(("profile_id", "bigint"))} r CROSS JOIN identity_routes i {Held(session, "d", "r.profile_id")}
            WHERE i.stream_id IS NOT NULL AND i.on_delete = 'delete'
            ON CONFLICT DO NOTHING
            """,
            cancellationToken, ("now", now), ("rows", Ids(profileIds)));
    }

    /// <summary>
    /// Whoever is about to get an alias waits until every settlement is over that a destination has got somebody, and each such settlement until the alias stands: else neither would see
    /// what the other writes, and the alias would never be owed. Taken before either writes a row that the other one writes too, and kept until the end of the transaction.
    /// </summary>
    public static async Task AwaitArrivalsAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await (session.IsSqlite ? Task.CompletedTask : session.ExecuteAsync("SELECT pg_advisory_xact_lock(@aliases)", cancellationToken, ("aliases", (long)AdvisoryLock.Aliases))); // SQLite has one writer at a time
    }

    /// <summary>
    /// Of some people, those whom a destination that holds aliases does not have: theirs are owed once it has them. When there are any, whoever is about to get an alias waits for the end of the
    /// caller's transaction.
    /// </summary>
    /// <param name="db">The context with its open transaction, which has written nothing yet.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="profileIds">The people.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<long>> FindStrangersAsync(HubDbContext db, string destination, IEnumerable<long> profileIds, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (await session.ScalarAsync("SELECT 1 FROM identity_routes WHERE destination = @destination AND stream_id IS NOT NULL AND aliases <> ''", cancellationToken, ("destination", destination)) is null)
        {
            return [];
        }

        var strangers = await session.ReadAsync(
            $"""
            SELECT r.profile_id FROM {session.Rows(("profile_id", "bigint"))} r
            WHERE NOT EXISTS (SELECT 1 FROM destination_profiles d WHERE d.destination = @destination AND d.profile_id = r.profile_id)
            """,
            row => row.GetInt64(0), cancellationToken, ("destination", destination), ("rows", Ids(profileIds)));
        await (strangers.Count == 0 || session.IsSqlite ? Task.CompletedTask : session.ExecuteAsync("SELECT pg_advisory_xact_lock_shared(@aliases)", cancellationToken, ("aliases", (long)AdvisoryLock.Aliases)));
        return strangers;
    }

    /// <summary>Owes a destination the aliases of people whom it has got just now: those that they hold since before.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="profileIds">The people.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task OweAliasesOfArrivalsAsync(HubDbContext db, string destination, IReadOnlyCollection<long> profileIds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (profileIds.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var held = await session.ReadAsync(
            $"""
            SELECT r.profile_id, k.person_key FROM {session.Rows(("profile_id", "bigint"))} r {session.Lookup("profiles", "p", "p.profile_id = r.profile_id AND p.external_id IS NOT NULL")}
            {session.Lookup("identity_keys", "k", $"k.tenant_id = p.tenant_id AND k.person = '{PersonKey.WordOf(KeyKind.ExternalId)}:' || p.external_id AND (k.person_key LIKE 'anonymous_id:%' OR k.person_key LIKE 'device_id:%') AND k.state = 'held'")}
            """,
            row => (row.GetInt64(0), PersonKey.Read(row.GetString(1))), cancellationToken, ("rows", Ids(profileIds)));
        await OweAliasesAsync(db, held, now, cancellationToken, destination);
    }

    /// <summary>Owes aliases to the destinations that hold keys of their kind and have the person: the profile that so far is known by the alias alone becomes the person's, and the person is found by it.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="aliases">Profiles with keys that they hold since now.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="destination">One destination alone, or null for all.</param>
    public static async Task OweAliasesAsync(HubDbContext db, IReadOnlyCollection<(long ProfileId, PersonKey Key)> aliases, DateTimeOffset now, CancellationToken cancellationToken, string? destination = null)
    {
        if (aliases.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            {Insert(session, "o.operation", "r.profile_id")}, r.named_key, CAST(NULL AS bigint)
            FROM {session.Rows(("profile_id", "bigint"), ("kind", "text"), ("named_key", "text"))} r CROSS JOIN identity_routes i CROSS JOIN (SELECT 9 AS operation UNION SELECT 8) o {Held(session, "d", "r.profile_id")}
            WHERE i.stream_id IS NOT NULL AND i.aliases LIKE '%,' || r.kind || ',%' AND i.destination = coalesce(@destination, i.destination)
            ORDER BY 5 DESC
            ON CONFLICT DO NOTHING
            """,
            cancellationToken,
            ("now", now), ("destination", destination),
            ("rows", JsonRows.Of(aliases, (writer, alias) =>
            {
                writer.WriteNumberValue(alias.ProfileId);
                writer.WriteStringValue(PersonKey.WordOf(alias.Key.Kind));
                writer.WriteStringValue(alias.Key.ToString());
            })));
    }

    /// <summary>What has to be through before anything else is sent about some people, or under their keys.</summary>
    /// <param name="db">The database.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="people">Profiles and the keys that they have now; looked at only where the destination is owed a change at all.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IdentityAhead> FindAheadAsync(HubDbContext db, string destination, IEnumerable<(long ProfileId, string? Key)> people, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var stream = ("stream", (object?)LiveStream.IdOf(destination, Lane.Live));
        if (await session.ScalarAsync($"SELECT 1 FROM deliveries d WHERE d.run_id = @stream AND d.{IsOfIdentity} LIMIT 1", cancellationToken, stream) is null)
        {
            return IdentityAhead.Nothing;
        }

        var claimed = people.ToList();
        var first = await session.ReadAsync(
            $"""
            SELECT r.profile_id, min(d.delivery_id) FROM {session.Rows(("profile_id", "bigint"))} r
            {session.Lookup("deliveries", "d", $"d.run_id = @stream AND d.profile_id = r.profile_id AND d.{IsOfIdentity} AND d.{ChangesKey}")}
            GROUP BY r.profile_id
            """,
            row => (ProfileId: row.GetInt64(0), DeliveryId: row.GetInt64(1)), cancellationToken, stream, ("rows", Ids(claimed.Select(person => person.ProfileId))));
        var givenUp = await session.ReadAsync(
            $"SELECT d.named_key FROM deliveries d WHERE d.run_id = @stream AND d.{IsOfIdentity} AND d.operation = 6 AND lower(d.named_key) IN (SELECT lower(r.given_key) FROM {session.Rows(("given_key", "text"))} r)",
            row => row.GetString(0), cancellationToken, stream, ("rows", JsonRows.Of(claimed.Select(person => person.Key).OfType<string>().Distinct(), (writer, key) => writer.WriteStringValue(key))));
        return new IdentityAhead(first.ToDictionary(delivery => delivery.ProfileId, delivery => delivery.DeliveryId), givenUp.ToHashSet(StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>After a settlement: what is so at the destination now stands in the books, and whom it could not join to another leaves its audiences instead.</summary>
    public static async Task FollowAsync(HubDbContext db, Lease lease, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<Settlement> ended = [.. settlements.Where(settlement => settlement is { Outcome: not null, Delivery.Operation: Operation.ChangeKey or Operation.MergeProfiles or Operation.DeleteProfile })];
        if (ended.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        List<Settlement> done = [.. ended.Where(settlement => settlement.ChangedIdentity)];
        List<Settlement> joined = [.. done.Where(settlement => settlement.Delivery.Other is not null)];
        await RemoteProfiles.JoinAsync(db, [.. joined.Select(settlement => (lease.Destination, settlement.Delivery.Other!.ProfileId, settlement.Delivery.ProfileId))], cancellationToken);
        await RekeyAsync(session, lease.Destination, [.. done.Where(settlement => settlement is { KeyHash: not null, Delivery.Operation: Operation.ChangeKey })], cancellationToken);
        await WriteAgainAsync(session, db, lease.Destination, [.. joined.Select(settlement => settlement.Delivery.ProfileId).Distinct()], now, cancellationToken);
        await ForgetAsync(session, lease.Destination, [.. done.Where(settlement => settlement.Delivery.Operation == Operation.DeleteProfile).Select(settlement => settlement.Delivery.ProfileId)], cancellationToken);
        await OweRetirementsAsync(
            session, [.. ended.Except(done).Select(settlement => settlement.Delivery.Other?.ProfileId).OfType<long>()], "i.on_merge <> 'ignore'", lease.Destination, now, cancellationToken);
    }

    /// <summary>Owes the end of the memberships that the hub made for profiles which another one shows, whether or not the destination is told live.</summary>
    private static async Task OweRetirementsAsync(DbSession session, IReadOnlyCollection<long> profileIds, string condition, string? destination, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (profileIds.Count == 0)
        {
            return;
        }

        await session.ExecuteAsync(
            $"""
            INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at)
            SELECT DISTINCT i.stream_id, i.destination, '{Lane.Live}', CAST(r.profile_id % i.partitions AS integer), 3, r.profile_id, m.audience, {session.Instant("@now")}, 0, {session.Instant("@now")}
            FROM {session.Rows(("profile_id", "bigint"))} r {session.Lookup("profiles", "p", "p.profile_id = r.profile_id AND p.person_id IS NOT NULL")}
            CROSS JOIN identity_routes i JOIN audience_routes a ON a.destination = i.destination
            {session.Lookup("destination_members", "m", "m.destination = i.destination AND m.audience = a.audience AND m.profile_id = r.profile_id")}
            WHERE i.stream_id IS NOT NULL AND {condition} AND i.destination = coalesce(@destination, i.destination) AND (m.is_member OR m.in_doubt) AND m.added_by_hub
            ON CONFLICT DO NOTHING
            """,
            cancellationToken, ("now", now), ("destination", destination), ("rows", Ids(profileIds)));
    }

    /// <summary>What the vendor takes for the key is kept where it takes several spellings for one.</summary>
    private static async Task RekeyAsync(DbSession session, string destination, List<Settlement> changed, CancellationToken cancellationToken)
    {
        if (changed.Count == 0)
        {
            return;
        }

        var hash = session.IsSqlite ? "r.key_hash" : "CAST(r.key_hash AS uuid)";
        await session.ExecuteAsync(
            $"""
            UPDATE destination_profiles SET key_hash = {hash} FROM {session.Rows(("profile_id", "bigint"), ("key_hash", "text"))} r
            WHERE destination_profiles.destination = @destination AND destination_profiles.profile_id = r.profile_id
            """,
            cancellationToken,
            ("destination", destination),
            ("rows", JsonRows.Of(changed, (writer, settlement) =>
            {
                writer.WriteNumberValue(settlement.Delivery.ProfileId);
                writer.OptionalId(settlement.KeyHash);
            })));
    }

    /// <summary>What two people had in common at the vendor is the vendor's choice: everything is written once more.</summary>
    internal static async Task WriteAgainAsync(DbSession session, HubDbContext db, string destination, long[] profileIds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (profileIds.Length == 0)
        {
            return;
        }

        await session.ExecuteAsync(
            $"""
            UPDATE destination_profiles SET content_hash = NULL, profile_version = NULL, plan_version = NULL
            WHERE destination = @destination AND profile_id IN (SELECT r.profile_id FROM {session.Rows(("profile_id", "bigint"))} r)
            """,
            cancellationToken, ("destination", destination), ("rows", Ids(profileIds)));
        await session.ExecuteAsync(
            $"""
            INSERT INTO audience_changes (destination, audience, profile_id)
            SELECT a.destination, a.audience, r.profile_id FROM {session.Rows(("profile_id", "bigint"))} r JOIN audience_routes a ON a.destination = @destination
            {session.Lookup("memberships", "m", "m.audience = a.audience AND m.profile_id = r.profile_id")}
            WHERE m.is_member
            ON CONFLICT DO NOTHING
            """,
            cancellationToken, ("destination", destination), ("rows", Ids(profileIds)));
        await LiveLane.OweAsync(db, profileIds, now, cancellationToken);
    }

    /// <summary>The destination has the profiles no more.</summary>
    private static async Task ForgetAsync(DbSession session, string destination, long[] profileIds, CancellationToken cancellationToken)
    {
        foreach (var table in profileIds.Length == 0 ? [] : new[] { "destination_members", "destination_profiles", "written_fields" })
        {
            await session.ExecuteAsync(
                $"DELETE FROM {table} WHERE destination = @destination AND {(table == "destination_members" ? "audience IN (SELECT audience FROM audience_routes) AND " : "")}profile_id IN (SELECT r.profile_id FROM {session.Rows(("profile_id", "bigint"))} r)",
                cancellationToken, ("destination", destination), ("rows", Ids(profileIds)));
        }
    }

    private static string Ids(IEnumerable<long> ids) => JsonRows.Of(ids.Distinct(), (writer, id) => writer.WriteNumberValue(id));
}
