using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Storage.Reconciliations;

/// <summary>What comparisons found, and the people to look at for it; the same SQL on both dialects, set by set and look-up by look-up.</summary>
public static class ReconciliationFindings
{
    /// <summary>The round under which members who are to be removed are staged, so that they become members whom the plan can remove.</summary>
    public const int StrangersRound = -1;

    /// <summary>The hub does not know whether the destination has the person as a member: nobody said so, or the person was not seen there.</summary>
    private const string IsDoubted = "(coalesce(m.in_doubt, false) OR d.unseen_since IS NOT NULL)";

    private const string PersonColumns = "f.profile_id, coalesce(d.remote_id, f.remote_id), p.external_id, p.email, p.phone, p.attributes, p.consent, d.content_hash";

    /// <summary>
    /// Takes over what a comparison of members noted, whom the vendor has under another id, and the keys that several of the staged members share; in the transaction of the comparison, before its staged
    /// rows go. Repeats replace.
    /// </summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="run">The comparison.</param>
    /// <param name="identityKeyKind">What the keys of the staged members are.</param>
    /// <param name="foldsKeys">True where those were staged without regard to case.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task TakeAsync(HubDbContext db, ComparisonState run, string identityKeyKind, bool foldsKeys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        (string, object?)[] parameters = [("run", run.RunId), ("destination", run.Destination)];
        await session.ExecuteAsync("DELETE FROM reconciliation_findings WHERE run_id = @run AND kind IN ('missing', 'unexpected')", cancellationToken, ("run", run.RunId));
        await session.ExecuteAsync(
            """
            INSERT INTO reconciliation_findings (run_id, kind, profile_id, remote_id, key)
            SELECT f.run_id, f.kind, f.profile_id, f.remote_id, coalesce(f.key, v.key) FROM read_back_findings f
            LEFT JOIN (SELECT m.remote_id, min(m.key) AS key FROM verification_members m WHERE m.run_id = @run AND m.remote_id IS NOT NULL GROUP BY m.remote_id) v
                ON v.remote_id = f.remote_id AND f.kind = 'unexpected'
            WHERE f.run_id = @run ORDER BY f.finding_id
            """,
            cancellationToken, ("run", run.RunId));
        await session.ExecuteAsync(
            // Whom somebody else put there is known since a run took note of them, and is as unexpected as on the first day.
            $"""
            INSERT INTO reconciliation_findings (run_id, kind, profile_id, remote_id)
            SELECT CAST(@run AS {session.IdType}), 'unexpected', m.profile_id, d.remote_id FROM destination_members m
            LEFT JOIN destination_profiles d ON d.destination = m.destination AND d.profile_id = m.profile_id
            WHERE m.destination = @destination AND m.audience = @audience AND m.is_member AND NOT m.added_by_hub
                AND NOT EXISTS (SELECT 1 FROM memberships a WHERE a.audience = m.audience AND a.profile_id = m.profile_id AND a.is_member)
                AND NOT EXISTS (SELECT 1 FROM reconciliation_findings f WHERE f.run_id = @run AND f.profile_id = m.profile_id)
            ORDER BY m.profile_id
            """,
            cancellationToken, [.. parameters, ("audience", run.Audience)]);
        await session.ExecuteAsync(
            $"""
            UPDATE reconciliation_findings SET profile_id = coalesce(
                (SELECT min(d.profile_id) FROM destination_profiles d WHERE d.destination = @destination AND d.remote_id = reconciliation_findings.remote_id),
                (SELECT min(p.profile_id) FROM profiles p WHERE p.tenant_id = 'default' AND p.{IdentityKey.ColumnOf(identityKeyKind)} = reconciliation_findings.key))
            WHERE run_id = @run AND kind = 'unexpected' AND profile_id IS NULL
            """,
            cancellationToken, parameters);
        await session.ExecuteAsync(
            // Whom a run did not see, or of whom nobody knows whether they arrived, is believed no member since; what the vendor has of them is to be told all the same.
            $"""
            INSERT INTO reconciliation_findings (run_id, kind, profile_id, remote_id)
            SELECT CAST(@run AS {session.IdType}), 'missing', a.profile_id, d.remote_id FROM memberships a
            LEFT JOIN destination_members m ON m.destination = @destination AND m.audience = a.audience AND m.profile_id = a.profile_id
            LEFT JOIN destination_profiles d ON d.destination = @destination AND d.profile_id = a.profile_id
            WHERE a.audience = @audience AND a.is_member AND NOT coalesce(m.is_member, false) AND {IsDoubted}
                AND NOT EXISTS (SELECT 1 FROM reconciliation_findings f WHERE f.run_id = @run AND f.profile_id = a.profile_id)
            ORDER BY a.profile_id
            """,
            cancellationToken, [.. parameters, ("audience", run.Audience)]);
        await MovedMembers.TakeAsync(session, run, identityKeyKind, foldsKeys, cancellationToken);
        await session.ExecuteAsync(
            """
            INSERT INTO reconciliation_findings (run_id, kind, cause, remote_id, key)
            SELECT m.run_id, 'duplicate', 'same_key', min(m.remote_id), m.key FROM verification_members m
            WHERE m.run_id = @run AND m.key IS NOT NULL AND m.remote_id IS NOT NULL GROUP BY m.run_id, m.key HAVING count(DISTINCT m.remote_id) > 1
            """,
            cancellationToken, ("run", run.RunId));
    }

    /// <summary>The next people of a kind whose cause is not known, in the order in which they were noted.</summary>
    public static async Task<IReadOnlyList<PersonToCompare>> NextAsync(HubDbContext db, ComparisonState run, string kind, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var person = PersonOf(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT f.finding_id, {PersonColumns}, coalesce(s.is_member, @no), coalesce(m.added_by_hub, @no), coalesce(m.is_member, @no), d.unseen_since IS NOT NULL, f.key IS NOT NULL
            FROM (SELECT * FROM reconciliation_findings WHERE run_id = @run AND kind = @kind AND cause IS NULL AND finding_id > @after ORDER BY finding_id LIMIT @limit) f
            {session.OptionalLookup("profiles", "p", "p.profile_id = f.profile_id")}
            {session.OptionalLookup("destination_profiles", "d", "d.destination = @destination AND d.profile_id = f.profile_id")}
            {session.OptionalLookup("memberships", "s", "s.audience = @audience AND s.profile_id = f.profile_id")}
            {session.OptionalLookup("destination_members", "m", "m.destination = @destination AND m.audience = @audience AND m.profile_id = f.profile_id")}
            ORDER BY f.finding_id
            """,
            row => person(row) with { IsBelieved = row.GetBoolean(11), IsUnseen = row.GetBoolean(12), IsListed = row.GetBoolean(13) }, cancellationToken,
            ("run", run.RunId), ("kind", kind), ("after", run.After), ("limit", limit), ("destination", run.Destination), ("audience", run.Audience), ("no", false));
    }

    /// <summary>The next members of the audience whom the destination never had, and of whom nothing is owed: no change is marked, nothing was found of them, and the vendor was not asked for them.</summary>
    public static async Task<IReadOnlyList<PersonToCompare>> NextOwedAsync(HubDbContext db, ComparisonState run, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT f.profile_id, {PersonColumns.Replace("f.remote_id", "NULL", StringComparison.Ordinal)}, f.is_member, coalesce(m.added_by_hub, @no)
            FROM memberships f
            {session.Lookup("profiles", "p", "p.profile_id = f.profile_id")}
            {session.OptionalLookup("destination_profiles", "d", "d.destination = @destination AND d.profile_id = f.profile_id")}
            {session.OptionalLookup("destination_members", "m", "m.destination = @destination AND m.audience = @audience AND m.profile_id = f.profile_id")}
            WHERE f.audience = @audience AND f.is_member AND f.profile_id > @after AND (m.profile_id IS NULL OR NOT m.is_member) AND NOT {IsDoubted}
                AND NOT EXISTS (SELECT 1 FROM audience_changes c WHERE c.destination = @destination AND c.audience = @audience AND c.profile_id = f.profile_id)
                AND NOT EXISTS (SELECT 1 FROM reconciliation_findings n WHERE n.run_id = @run AND n.profile_id = f.profile_id)
            ORDER BY f.profile_id LIMIT @limit
            """,
            PersonOf(db), cancellationToken,
            ("run", run.RunId), ("after", run.After), ("limit", limit), ("destination", run.Destination), ("audience", run.Audience), ("no", false));
    }

    /// <summary>
    /// The next members whose fields are to be read: those whom the destination confirmed and of whom nothing is owed and nothing was found, all or such a share of them as comes to
    /// the sample, the same ones whenever the run asks. Where only those are read who were changed: who holds no mark, and one of so many of the others in turn, by the day, so that what a
    /// vendor did not tell is found all the same.
    /// </summary>
    public static async Task<IReadOnlyList<PersonToCompare>> NextToReadAsync(HubDbContext db, ComparisonState run, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var share = run.IsWhole ? Slots : ShareOf(run.Sample, run.Expected);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT f.profile_id, {PersonColumns.Replace("f.remote_id", "NULL", StringComparison.Ordinal)}, f.is_member, f.added_by_hub
            FROM destination_members f
            {session.Lookup("destination_profiles", "d", "d.destination = @destination AND d.profile_id = f.profile_id")}
            {session.Lookup("profiles", "p", "p.profile_id = f.profile_id")}
            WHERE f.destination = @destination AND f.audience = @audience AND f.is_member AND f.profile_id > @after AND d.content_hash IS NOT NULL
                AND {IsSampled("f.profile_id")}
                {(run.FieldsSince is null ? "" : $"AND ({FieldMarks.Unmarked}{(run.FileTellsFields ? "" : $" OR f.profile_id % {Turns} = @turn")})")}
                AND NOT EXISTS (SELECT 1 FROM audience_changes c WHERE c.destination = @destination AND c.audience = @audience AND c.profile_id = f.profile_id)
                AND NOT EXISTS (SELECT 1 FROM reconciliation_findings n WHERE n.run_id = @run AND n.profile_id = f.profile_id)
            ORDER BY f.profile_id LIMIT @limit
            """,
            PersonOf(db), cancellationToken,
            ("run", run.RunId), ("after", run.After), ("limit", limit), ("destination", run.Destination), ("audience", run.Audience), ("seed", SeedOf(run.RunId)), ("share", share),
            ("turn", (run.ReadSince ?? run.RequestedAt).UtcTicks / TimeSpan.TicksPerDay % Turns));
    }

    /// <summary>Of the members whose fields are compared, as <see cref="NextToReadAsync"/> has them, those whom the vendor has under the given ids.</summary>
    public static async Task<IReadOnlyList<PersonToCompare>> ToldAsync(HubDbContext db, ComparisonState run, IEnumerable<string> remoteIds, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await OfAsync(
            session, PersonOf(db), run,
            $"{session.Rows(("remote_id", "text"))} r {session.Lookup("destination_profiles", "d", "d.destination = @destination AND d.remote_id = r.remote_id")}",
            Sqlite.JsonRows.Of(remoteIds, (writer, id) => writer.WriteStringValue(id)), cancellationToken);
    }

    /// <summary>Of the members whose fields are compared, as <see cref="NextToReadAsync"/> has them, those with the given ids.</summary>
    public static async Task<IReadOnlyList<PersonToCompare>> KnownAsync(HubDbContext db, ComparisonState run, IEnumerable<long> profileIds, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await OfAsync(
            session, PersonOf(db), run,
            $"{session.Rows(("profile_id", "bigint"))} r {session.Lookup("destination_profiles", "d", "d.destination = @destination AND d.profile_id = r.profile_id")}",
            Sqlite.JsonRows.Of(profileIds, (writer, id) => writer.WriteNumberValue(id)), cancellationToken);
    }

    private static async Task<IReadOnlyList<PersonToCompare>> OfAsync(DbSession session, Func<DbDataReader, PersonToCompare> person, ComparisonState run, string destinationProfiles, string rows, CancellationToken cancellationToken) =>
        await session.ReadAsync(
            $"""
            SELECT f.profile_id, {PersonColumns.Replace("f.remote_id", "NULL", StringComparison.Ordinal)}, f.is_member, f.added_by_hub
            FROM {destinationProfiles}
            {session.Lookup("destination_members", "f", "f.destination = @destination AND f.audience = @audience AND f.profile_id = d.profile_id")}
            {session.Lookup("profiles", "p", "p.profile_id = d.profile_id")}
            WHERE f.is_member AND d.content_hash IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM audience_changes c WHERE c.destination = @destination AND c.audience = @audience AND c.profile_id = f.profile_id)
                AND NOT EXISTS (SELECT 1 FROM reconciliation_findings n WHERE n.run_id = @run AND n.profile_id = f.profile_id)
            """,
            person, cancellationToken, ("run", run.RunId), ("destination", run.Destination), ("audience", run.Audience), ("rows", rows));

    /// <summary>Notes findings, in the caller's transaction.</summary>
    public static async Task AddAsync(HubDbContext db, Guid runId, IReadOnlyCollection<ReconciliationFinding> findings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(findings);
        if (findings.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var rows = findings.Select(finding => new object?[] { finding.Kind, finding.Cause, finding.ProfileId, finding.RemoteId, finding.Key, finding.Field });
        await session.ExecuteAsync(
            $"""
            INSERT INTO reconciliation_findings (run_id, kind, cause, profile_id, remote_id, key, field)
            SELECT @run, i.kind, i.cause, i.profile_id, i.remote_id, i.key, i.field
            FROM {session.Rows(("kind", "text"), ("cause", "text"), ("profile_id", "bigint"), ("remote_id", "text"), ("key", "text"), ("field", "text"))} i
            """,
            cancellationToken, ("run", runId), ("rows", JsonSerializer.Serialize(rows)));
    }

    /// <summary>Says the cause of findings, in the caller's transaction.</summary>
    public static async Task ExplainAsync(HubDbContext db, IEnumerable<(long FindingId, string Kind, string Cause)> causes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(causes);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        foreach (var (kind, cause, ids) in causes.GroupBy(each => (each.Kind, each.Cause)).Select(group => (group.Key.Kind, group.Key.Cause, group.Select(each => each.FindingId).ToList())))
        {
            await session.ExecuteAsync(
                $"UPDATE reconciliation_findings SET kind = @kind, cause = @cause WHERE finding_id IN ({List(ids)})", cancellationToken, ("kind", kind), ("cause", cause));
        }
    }

    /// <summary>Takes back findings that a second look refuted, in the caller's transaction.</summary>
    public static async Task RefuteAsync(HubDbContext db, IReadOnlyCollection<long> findingIds, CancellationToken cancellationToken)
    {
        if (findingIds.Count > 0)
        {
            await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
            await session.ExecuteAsync($"DELETE FROM reconciliation_findings WHERE finding_id IN ({List(findingIds)})", cancellationToken);
        }
    }

    /// <summary>Learns the ids under which the vendor has people now; a member who was unexpected under such an id is nobody else. In the caller's transaction.</summary>
    public static async Task LearnAsync(HubDbContext db, ComparisonState run, IReadOnlyCollection<(long ProfileId, string RemoteId)> learned, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(learned);
        if (learned.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var rows = JsonSerializer.Serialize(learned.Select(each => new object[] { each.ProfileId, each.RemoteId }));
        var input = session.Rows(("profile_id", "bigint"), ("remote_id", "text"));
        await session.ExecuteAsync(
            $"""
            UPDATE destination_profiles SET remote_id = (SELECT min(i.remote_id) FROM {input} i WHERE i.profile_id = destination_profiles.profile_id)
            WHERE destination = @destination AND profile_id IN ({List(learned.Select(each => each.ProfileId))})
            """,
            cancellationToken, ("destination", run.Destination), ("rows", rows));
        await session.ExecuteAsync(
            $"DELETE FROM reconciliation_findings WHERE run_id = @run AND kind = 'unexpected' AND remote_id IN (SELECT i.remote_id FROM {input} i)", cancellationToken, ("run", run.RunId), ("rows", rows));
    }

    /// <summary>Of people of whom a difference was seen, those of whom the hub believes the same as when it read them; others changed meanwhile.</summary>
    public static async Task<IReadOnlySet<long>> StillBelievedAsync(HubDbContext db, string destination, IEnumerable<(long ProfileId, Guid Hash)> seen, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(seen);
        var hashes = seen.Distinct().ToDictionary(each => each.ProfileId, each => each.Hash);
        if (hashes.Count == 0)
        {
            return new HashSet<long>();
        }

        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var now = await session.ReadAsync(
            $"SELECT profile_id, content_hash FROM destination_profiles WHERE destination = @destination AND content_hash IS NOT NULL AND profile_id IN ({List(hashes.Keys)})",
            row => (ProfileId: row.GetInt64(0), Hash: row.GetGuid(1)), cancellationToken, ("destination", destination));
        return now.Where(each => hashes[each.ProfileId] == each.Hash).Select(each => each.ProfileId).ToHashSet();
    }

    /// <summary>The vendor's members who should not be there, page by page, as they can be staged.</summary>
    public static async Task<IReadOnlyList<(long At, RemoteMember Member)>> NextStrangersAsync(HubDbContext db, Guid runId, long after, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            "SELECT finding_id, remote_id, key FROM reconciliation_findings WHERE run_id = @run AND kind = 'unexpected' AND finding_id > @after ORDER BY finding_id LIMIT @limit",
            row => (row.GetInt64(0), new RemoteMember(row.TextOrNull(1), row.TextOrNull(2))), cancellationToken, ("run", runId), ("after", after), ("limit", limit));
    }

    /// <summary>How many people there are of each kind; of keys that are shared, keys.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> CountAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var counts = await session.ReadAsync(
            "SELECT kind, CASE WHEN kind = 'different' THEN count(DISTINCT profile_id) ELSE count(*) END FROM reconciliation_findings WHERE run_id = @run GROUP BY kind",
            row => KeyValuePair.Create(row.GetString(0), row.GetInt64(1)), cancellationToken, ("run", runId));
        return counts.ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>How many people there are of whom a field differs.</summary>
    public static async Task<long> CountFieldsAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (long)(await session.ScalarAsync(
            "SELECT count(DISTINCT profile_id) FROM reconciliation_findings WHERE run_id = @run AND kind = 'different' AND field IS NOT NULL", cancellationToken, ("run", runId)))!;
    }

    /// <summary>How many findings there are of each kind and cause.</summary>
    public static async Task<IReadOnlyList<(string Kind, string? Cause, long Count)>> CausesAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            "SELECT kind, cause, count(*) FROM reconciliation_findings WHERE run_id = @run GROUP BY kind, cause ORDER BY kind, cause",
            row => (row.GetString(0), row.TextOrNull(1), row.GetInt64(2)), cancellationToken, ("run", runId));
    }

    /// <summary>Who differed, in the order in which they were noted.</summary>
    /// <param name="db">The context.</param>
    /// <param name="runId">The run.</param>
    /// <param name="kind">One of <see cref="FindingKind"/>, or null for all.</param>
    /// <param name="ask">Which page.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<Page<ReconciliationFinding>> ListAsync(HubDbContext db, Guid runId, string? kind, PageAsk ask, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ask);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await new PageSql(
            "f.finding_id, f.kind, f.cause, f.profile_id, f.remote_id, coalesce(p.external_id, p.email, f.key), f.field",
            "reconciliation_findings f LEFT JOIN profiles p ON p.profile_id = f.profile_id", [("f.finding_id", PlaceKind.Number)], isDescending: false)
            .Where("f.run_id = @run", "run", runId)
            .Where("f.kind = @kind", "kind", kind)
            .ReadAsync(
                session, ask,
                row => new ReconciliationFinding(
                    row.GetInt64(0), row.GetString(1), row.TextOrNull(2), row.IsDBNull(3) ? null : row.GetInt64(3), row.TextOrNull(4), row.TextOrNull(5), row.TextOrNull(6)),
                cancellationToken);
    }

    private const int Slots = 65_536;

    /// <summary>A condition in SQL that holds for <c>@share</c> of all people, by <c>@seed</c>.</summary>
    internal static string IsSampled(string profileId) => $"(({profileId} % 1000003) * 48271 + @seed) % {Slots} < @share";

    /// <summary>The share of people that comes to a sample of so many of all.</summary>
    internal static long ShareOf(long sample, long all) => sample >= all ? Slots : (long)Math.Ceiling((double)Slots * sample / all);

    /// <summary>Of a run the same, in every process.</summary>
    internal static long SeedOf(Guid runId) => runId.GetHashCode() & 0xFFFF;

    /// <summary>In so many days everybody is read once, changed or not.</summary>
    public const int Turns = 30;

    private static string List(IEnumerable<long> ids) => string.Join(',', ids.Select(id => id.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Reads rows of people as they are compared.</summary>
    internal static Func<DbDataReader, PersonToCompare> PersonOf(HubDbContext db)
    {
        var keys = SealingKeys.Of(db);
        return row => new PersonToCompare(
            row.GetInt64(0), row.IsDBNull(1) ? null : row.GetInt64(1), row.TextOrNull(2), row.TextOrNull(3), row.TextOrNull(4), row.TextOrNull(5),
            row.TextOrNull(6) is { } attributes ? keys.OpenProfile(row.GetInt64(1), attributes) : null, row.TextOrNull(7), row.IsDBNull(8) ? null : row.GetGuid(8), row.GetBoolean(9), row.GetBoolean(10));
    }
}
