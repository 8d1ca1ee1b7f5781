using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Standings;

/// <summary>
/// Reads how one person stands, for questions of people. Every statement finds its rows by the person's number through an index, so that it takes as long with a million people as with one. The same
/// SQL on both dialects. Holds personal data.
/// </summary>
public static class PersonBook
{
    private const int LongestChain = 8;
    private const int MostProfiles = 20;
    private const int MostPending = 50;
    private const int MostLetters = 5;

    /// <summary>A run's queue that is no longer than this is looked through whole: a row keeps the partition that it was given, whatever the setting says since.</summary>
    private const long ShortQueue = 20_000;

    /// <summary>The profile that shows a person, by the number of one of the person's profiles; null when there is none.</summary>
    public static async Task<KnownProfile?> FindAsync(HubDbContext db, long profileId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        KnownProfile? found = null;
        for (var (next, links) = ((long?)profileId, 0); next is { } id && links < LongestChain; links++)
        {
            found = (await session.ReadAsync(
                $"SELECT p.profile_id, p.person_id, p.external_id, p.email, p.phone, p.attributes, p.consent, p.version, p.occurred_at, {ProfileMarks.InSql} FROM profiles p WHERE p.profile_id = @id",
                row => new KnownProfile(
                    row.GetInt64(0), row.IsDBNull(1) ? null : row.GetInt64(1), row.TextOrNull(2), row.TextOrNull(3), row.TextOrNull(4), keys.Open(SealedColumn.ProfileAttributes, row.GetInt64(0), row.GetString(5)), row.GetString(6), row.GetInt64(7), row.Time(8))
                { TimesJson = row.TextOrNull(9) },
                cancellationToken, ("id", id))).FirstOrDefault();
            next = found?.ShownBy;
        }

        return found;
    }

    /// <summary>A key that a profile is filed under; null when it has none: its person was erased, or its keys are somebody else's now.</summary>
    public static async Task<PersonKey?> KeyOfAsync(HubDbContext db, KnownProfile profile, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(profile);
        if ((PersonKey.Of(KeyKind.ExternalId, profile.ExternalId) ?? PersonKey.Of(KeyKind.Email, profile.Email)) is { } shown)
        {
            return shown;
        }

        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var stated = await session.ReadAsync(
            "SELECT person_key FROM identity_parts WHERE tenant_id = 'default' AND profile_id = @id ORDER BY person_key LIMIT 1", row => row.GetString(0), cancellationToken, ("id", profile.ProfileId));
        return stated.Count == 0 ? null : PersonKey.ReadOrNull(stated[0]);
    }

    /// <summary>The numbers of all profiles of a person, the one that shows the person first.</summary>
    public static async Task<IReadOnlyList<long>> ProfilesOfAsync(HubDbContext db, long profileId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return [profileId, .. await session.ReadAsync("SELECT profile_id FROM profiles WHERE person_id = @id ORDER BY profile_id LIMIT @most", row => row.GetInt64(0), cancellationToken, ("id", profileId), ("most", (long)MostProfiles))];
    }

    /// <summary>What was stated of a person's profiles until a time.</summary>
    /// <param name="db">The database.</param>
    /// <param name="profileIds">The profiles.</param>
    /// <param name="until">Facts that came in later are left out.</param>
    /// <param name="most">Most facts to return.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<StatedFacts> FactsOfAsync(HubDbContext db, IReadOnlyList<long> profileIds, DateTimeOffset until, int most, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(profileIds);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var (facts, count) = (new List<StatedFact>(), 0L);
        foreach (var id in profileIds)
        {
            facts.AddRange(await session.ReadAsync(
                "SELECT position, event_id, event_type, producer, occurred_at, received_at FROM facts WHERE profile_id = @id AND received_at <= @until ORDER BY received_at DESC LIMIT @most",
                row => new StatedFact(row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.GetString(3), row.Time(4), row.Time(5)), cancellationToken, ("id", id), ("until", until), ("most", (long)most)));
            count += (long)(await session.ScalarAsync(
                "SELECT count(*) FROM (SELECT 1 FROM facts WHERE profile_id = @id AND received_at <= @until LIMIT @most) counted", cancellationToken, ("id", id), ("until", until), ("most", StatedFacts.Most + 1L)))!;
        }

        return new StatedFacts([.. facts.OrderByDescending(fact => fact.Position).Take(most)], Math.Min(count, StatedFacts.Most), count > StatedFacts.Most);
    }

    /// <summary>How a person stands in audiences, one per pair that is asked for.</summary>
    public static async Task<IReadOnlyList<AudienceStanding>> AudiencesOfAsync(HubDbContext db, long profileId, IReadOnlyCollection<AudienceRoute> routes, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT r.destination, r.audience, m.is_member, m.since, d.is_member, d.added_by_hub, d.in_doubt, d.confirmed_at FROM {session.Rows(("destination", "text"), ("audience", "text"))} r
            {session.OptionalLookup("memberships", "m", "m.audience = r.audience AND m.profile_id = @id")}
            {session.OptionalLookup("destination_members", "d", "d.destination = r.destination AND d.audience = r.audience AND d.profile_id = @id")}
            ORDER BY 1, 2
            """,
            row => new AudienceStanding(
                row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetBoolean(2), row.IsDBNull(3) ? null : row.Time(3),
                !row.IsDBNull(4) && row.GetBoolean(4), !row.IsDBNull(5) && row.GetBoolean(5), !row.IsDBNull(6) && row.GetBoolean(6), row.IsDBNull(7) ? null : row.Time(7)),
            cancellationToken, ("rows", Pairs(routes)), ("id", profileId));
    }

    /// <summary>What destinations are believed to have of a person; nothing for those that never had anything.</summary>
    public static async Task<IReadOnlyList<RemoteStanding>> RemoteOfAsync(HubDbContext db, long profileId, IReadOnlyCollection<string> destinations, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT r.destination, p.remote_id, p.content_hash, p.confirmed_at, p.run_id, p.profile_version, p.plan_version FROM {session.Rows(("destination", "text"))} r
            {session.Lookup("destination_profiles", "p", "p.destination = r.destination AND p.profile_id = @id")}
            """,
            row => new RemoteStanding(row.GetString(0), row.TextOrNull(1), row.IsDBNull(2) ? null : row.GetGuid(2), row.IsDBNull(3) ? null : row.Time(3), row.IsDBNull(4) ? null : row.GetGuid(4))
            { Confirmed = row.IsDBNull(5) || row.IsDBNull(6) ? null : (row.GetInt64(5), row.GetString(6)) },
            cancellationToken, ("rows", JsonRows.Of(destinations, (writer, name) => writer.WriteStringValue(name))), ("id", profileId));
    }

    /// <summary>What a person is owed in queues, the oldest first.</summary>
    /// <param name="db">The database.</param>
    /// <param name="profileId">The person's profile.</param>
    /// <param name="queues">Runs and streams, with how much waits in each and the partition that the person would be given in it now.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<PendingDelivery>> PendingOfAsync(HubDbContext db, long profileId, IReadOnlyCollection<(Guid RunId, long Records, int Partition)> queues, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT d.run_id, d.destination, d.lane, d.operation, d.audience, d.due_at, d.attempt, d.last_code, d.created_at, d.maybe_sent
            FROM {session.Rows(("run_id", session.IdType), ("lowest", "integer"), ("highest", "integer"))} r
            {session.Lookup("deliveries", "d", "d.run_id = r.run_id AND d.partition >= r.lowest AND d.partition <= r.highest AND d.profile_id = @id")}
            ORDER BY d.created_at LIMIT @most
            """,
            row => new PendingDelivery(
                row.GetGuid(0), row.GetString(1), row.GetString(2), OperationCode.IsKnown(row.GetInt16(3)) ? OperationCode.ToOperation(row.GetInt16(3)) : null, row.GetString(4), row.Time(5), row.GetInt32(6), row.TextOrNull(7),
                row.Time(8), row.GetBoolean(9)),
            cancellationToken,
            ("rows", JsonRows.Of(queues, (writer, queue) =>
            {
                writer.Id(queue.RunId);
                writer.WriteNumberValue(queue.Records > ShortQueue ? queue.Partition : 0);
                writer.WriteNumberValue(queue.Records > ShortQueue ? queue.Partition : int.MaxValue);
            })),
            ("id", profileId), ("most", (long)MostPending));
    }

    /// <summary>Numbers of the latest dead letters about a person, the latest first.</summary>
    public static async Task<IReadOnlyList<long>> LettersOfAsync(HubDbContext db, long profileId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            "SELECT dead_letter_id FROM dead_letters WHERE profile_id = @id ORDER BY dead_letter_id DESC LIMIT @most", row => row.GetInt64(0), cancellationToken, ("id", profileId), ("most", (long)MostLetters));
    }

    /// <summary>The latest run of each pair that is asked for.</summary>
    public static async Task<IReadOnlyList<LastRun>> LastRunsAsync(HubDbContext db, IReadOnlyCollection<AudienceRoute> routes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(routes);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var found = new List<LastRun>();
        foreach (var route in routes)
        {
            found.AddRange(await session.ReadAsync(
                """
                SELECT correlation_id, audience, destination, mode, current_state, requested_at, finished_at, verified_at, failure_code FROM audience_syncs
                WHERE audience = @audience AND destination = @destination ORDER BY requested_at DESC, correlation_id DESC LIMIT 1
                """,
                row => new LastRun(
                    row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.Time(5), row.IsDBNull(6) ? null : row.Time(6), row.IsDBNull(7) ? null : row.Time(7), row.TextOrNull(8)),
                cancellationToken, ("audience", route.Audience), ("destination", route.Destination)));
        }

        return found;
    }

    /// <summary>In what comparisons of some runs found a person to differ.</summary>
    public static async Task<IReadOnlyList<RunFinding>> FindingsOfAsync(HubDbContext db, long profileId, IReadOnlyCollection<Guid> runs, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT f.run_id, f.kind, f.cause, f.field FROM {session.Rows(("run_id", session.IdType))} r
            {session.Lookup("reconciliation_findings", "f", "f.run_id = r.run_id AND f.profile_id = @id")} ORDER BY f.finding_id LIMIT @most
            """,
            row => new RunFinding(row.GetGuid(0), row.GetString(1), row.TextOrNull(2), row.TextOrNull(3)),
            cancellationToken, ("rows", JsonRows.Of(runs, (writer, id) => writer.Id(id))), ("id", profileId), ("most", (long)MostPending));
    }

    /// <summary>Rows of the audiences' last lists that were refused and name the id.</summary>
    public static async Task<IReadOnlyList<RefusedRow>> RefusedRowsAsync(HubDbContext db, string externalId, IReadOnlyCollection<string> audiences, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(audiences);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var found = new List<RefusedRow>();
        var named = System.Text.Json.JsonSerializer.Serialize(externalId);
        foreach (var audience in audiences)
        {
            found.AddRange((await session.ReadAsync(
                """
                SELECT r.line, r.field, r.code, r.external_ids, s.snapshot_id, s.created_at
                FROM (SELECT snapshot_id, created_at FROM snapshots WHERE audience = @audience ORDER BY created_at DESC LIMIT 1) s
                JOIN snapshot_rejects r ON r.snapshot_id = s.snapshot_id WHERE r.external_ids <> '[]' ORDER BY r.line
                """,
                row => (Row: new RefusedRow(audience, row.GetGuid(4), row.GetInt64(0), row.GetString(1), row.GetString(2), row.Time(5)), Ids: row.GetString(3)),
                cancellationToken, ("audience", audience))).Where(row => row.Ids.Contains(named, StringComparison.Ordinal) || SnapshotProgress.ReadIds(row.Ids).Contains(externalId, StringComparer.Ordinal)).Select(row => row.Row));
        }

        return found;
    }

    /// <summary>Facts that were set aside and name one of the keys.</summary>
    public static async Task<IReadOnlyList<WaitingStatement>> WaitingAsync(HubDbContext db, IReadOnlyCollection<PersonKey> keys, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT DISTINCT q.quarantine_id, q.event_type, q.code, q.received_at FROM {session.Rows(("person_key", "text"))} r
            {session.Lookup("identity_waiting", "w", "w.tenant_id = 'default' AND w.person_key = r.person_key")}
            {session.Lookup("quarantined_facts", "q", "q.quarantine_id = w.quarantine_id AND q.outcome IS NULL")} ORDER BY q.received_at LIMIT @most
            """,
            row => new WaitingStatement(row.GetGuid(0), row.TextOrNull(1), row.GetString(2), row.Time(3)),
            cancellationToken, ("rows", JsonRows.Of(keys, (writer, key) => writer.WriteStringValue(key.ToString()))), ("most", (long)MostPending));
    }

    /// <summary>The policy that was first used before a time and last of those; null when none had been used by then.</summary>
    public static async Task<StoredPolicy?> PolicyAtAsync(HubDbContext db, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync(
            "SELECT version, content FROM policy_versions WHERE first_seen <= @at ORDER BY first_seen DESC, policy_id DESC LIMIT 1", row => new StoredPolicy(row.GetString(0), row.GetString(1)), cancellationToken, ("at", at))).FirstOrDefault();
    }

    private static string Pairs(IEnumerable<AudienceRoute> routes) => JsonRows.Of(routes, (writer, route) =>
    {
        writer.WriteStringValue(route.Destination);
        writer.WriteStringValue(route.Audience);
    });
}
