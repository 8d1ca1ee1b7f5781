using System.Data.Common;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Canaries;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Fields;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.Storage.Schedules;

namespace IntegrationHub.Storage.Watch;

/// <summary>
/// Reads a <see cref="Situation"/> with one statement per kind of fact, however many runs there are. A new kind of run adds its rows to <c>open_runs</c> below and is explained
/// like the others.
/// </summary>
public static class Situations
{
    /// <summary>Who failed so often is likely to fail again.</summary>
    public const int Failing = 3;

    /// <summary>A notice that was not heard for so long is over, or what it was about is not called any more.</summary>
    public static readonly TimeSpan NoticeLife = TimeSpan.FromDays(90);

    private const int MostApprovals = 1_000;

    /// <summary>
    /// So many rows of each end of a partition of a run's queue are looked at to explain it, those that wait longest and those that came last: why it waits is seen in them, and a look
    /// is quick however much that is. How much it is, is counted when it comes and goes.
    /// </summary>
    internal const int MostOfAnEnd = 200;

    // One branch per kind of run. The first one tells the types of the columns.
    private const string OpenRunsSql =
        """
        WITH open_runs AS (
            SELECT correlation_id AS run_id, CASE WHEN mode = 'reconcile' THEN 'reconciliation' ELSE 'audience_sync' END AS kind, current_state AS state, audience, destination, lane, requested_at,
                last_progress_at, stalled_since, waiting_for, read_back_at, CAST(NULL AS text) AS subject, requested_by, CAST(NULL AS uuid) AS rolls_back, CAST(NULL AS timestamptz) AS deadline
            FROM audience_syncs WHERE finished_at IS NULL
            UNION ALL
            SELECT correlation_id, CASE WHEN kind = 'rollback' THEN 'rollback' ELSE 'backfill' END, current_state, audience, destination, lane, requested_at,
                last_progress_at, stalled_since, waiting_for, read_back_at, NULL, requested_by, rolls_back, NULL
            FROM backfill_runs WHERE finished_at IS NULL
            UNION ALL
            SELECT correlation_id, 'erasure', current_state, '', '', '', requested_at,
                coalesce(destinations_at, suppressed_at, (SELECT a.ended_at FROM approvals a WHERE a.approval_id = erasures.approval_id), requested_at), NULL, waiting_for, NULL, NULL, requested_by, NULL, deadline
            FROM erasures WHERE finished_at IS NULL
            UNION ALL
            SELECT stream_id, 'letter_action', state, '', destination, 'replay', requested_at,
                NULL, failing_since, waiting_for, NULL, CAST(action_id AS text), requested_by, NULL, NULL
            FROM letter_actions WHERE finished_at IS NULL)
        SELECT run_id, kind, state, audience, destination, lane, requested_at, last_progress_at, stalled_since, waiting_for, read_back_at, subject, requested_by, rolls_back, deadline
        FROM open_runs {0} ORDER BY requested_at
        """;

    private const string DriftsSql =
        """
        SELECT audience, destination, run_id, compared_at, heal, state, missing, unexpected, different FROM (
            SELECT r.audience, r.destination, r.run_id, r.compared_at, r.heal, s.current_state AS state, r.missing, r.unexpected, r.different,
                row_number() OVER (PARTITION BY r.audience, r.destination ORDER BY r.compared_at DESC) AS place
            FROM reconciliations r JOIN audience_syncs s ON s.correlation_id = r.run_id WHERE r.compared_at IS NOT NULL AND s.finished_at IS NOT NULL) f
        WHERE place = 1 AND missing + unexpected + different > 0 ORDER BY destination, audience
        """;

    private const string RefusedErasuresSql =
        $"""
        SELECT d.request_id, d.destination, d.reason FROM erasures e JOIN erasure_destinations d ON d.request_id = e.correlation_id
        WHERE e.finished_at IS NULL AND d.action = '{DestinationErasure.NotPossible}' ORDER BY d.request_id, d.destination
        """;

    private const string RecordsSql =
        "SELECT destination, lane, run_id, CAST(sum(count) AS bigint) FROM pending_tallies {0} GROUP BY destination, lane, run_id HAVING sum(count) > 0";

    private const string LookSql =
        $$"""
        WITH RECURSIVE parts(run_id, partition) AS (
            SELECT r.run_id, (SELECT min(d.partition) FROM deliveries d WHERE d.run_id = r.run_id) FROM (SELECT run_id FROM pending_tallies {0} GROUP BY run_id HAVING sum(count) > 0) r
            UNION ALL
            SELECT p.run_id, (SELECT min(d.partition) FROM deliveries d WHERE d.run_id = p.run_id AND d.partition > p.partition) FROM parts p WHERE p.partition IS NOT NULL)
        SELECT d.destination, d.lane, d.run_id, count(*), CAST(sum(CASE WHEN d.due_at <= @now THEN 1 ELSE 0 END) AS bigint), CAST(sum(CASE WHEN d.attempt >= @failing THEN 1 ELSE 0 END) AS bigint),
               min(d.created_at), min(d.due_at), max(CASE WHEN d.attempt >= @failing THEN d.last_code END),
               max(CASE WHEN d.due_at > @now AND d.last_code <> '{{FlappingRule.Held}}' THEN d.last_code END), CAST(sum(CASE WHEN d.operation {{OperationCode.InRange}} THEN 0 ELSE 1 END) AS bigint)
        FROM parts p {1} WHERE p.partition IS NOT NULL GROUP BY d.destination, d.lane, d.run_id
        """;

    private const string Columns = "x.delivery_id, x.run_id, x.destination, x.lane, x.due_at, x.attempt, x.created_at, x.last_code, x.operation";
    private const string OfPart = "FROM deliveries x WHERE x.run_id = p.run_id AND x.partition = p.partition ORDER BY x.delivery_id";

    // Either end by the index alone, whatever the statistics say; SQLite has no LATERAL.
    private static readonly string _postgresEnds =
        $"CROSS JOIN LATERAL ((SELECT {Columns} {OfPart} LIMIT {MostOfAnEnd}) UNION (SELECT {Columns} {OfPart} DESC LIMIT {MostOfAnEnd})) d";

    private static readonly string _sqliteEnds =
        $"CROSS JOIN deliveries d ON d.delivery_id IN (SELECT * FROM (SELECT x.delivery_id {OfPart} LIMIT {MostOfAnEnd}) UNION SELECT * FROM (SELECT x.delivery_id {OfPart} DESC LIMIT {MostOfAnEnd}))";

    private const string LastBellsSql =
        """
        SELECT j.schedule, j.due_at, j.at, j.instance, j.outcome, j.code, j.detail FROM job_runs j
        WHERE j.due_at = (SELECT max(o.due_at) FROM job_runs o WHERE o.schedule = j.schedule)
        """;

    /// <summary>Reads everything that is open.</summary>
    public static Task<Situation> ReadAsync(HubDbContext db, DateTimeOffset now, CancellationToken cancellationToken) => ReadAsync(db, now, null, cancellationToken);

    /// <summary>Reads what explains some runs, of whatever kind; those that are over are not among the <see cref="Situation.Runs"/>.</summary>
    public static async Task<Situation> ReadAsync(HubDbContext db, DateTimeOffset now, IReadOnlyCollection<Guid>? runs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        (string, object?)[] ids = [.. (runs ?? []).Select((run, i) => ($"run{i}", (object?)run))];
        var ofRuns = runs is null ? "" : $"WHERE run_id IN ({string.Join(", ", ids.Select(id => $"@{id.Item1}"))})";
        return new Situation(now)
        {
            Runs = runs is { Count: 0 } ? [] : await session.ReadAsync(OpenRunsSql.Replace("{0}", ofRuns, StringComparison.Ordinal), ReadRun, cancellationToken, ids),
            Approvals = await ApprovalDesk.ListWaitingAsync(db, MostApprovals, cancellationToken),
            Pending = runs is { Count: 0 } ? [] : await ReadPendingAsync(session, ofRuns, now, ids, cancellationToken),
            Queues = runs is null ? await QueueCounts.ReadAsync(db, session, now, cancellationToken) : [],
            Conditions = await session.ReadAsync(
                "SELECT destination, trouble, code, until, since, failures, mark, probe_until FROM destination_conditions ORDER BY destination", ReadCondition, cancellationToken),
            Jobs = await session.ReadAsync(
                $"SELECT job_id, destination, lane, partition, run_id, audience, operation, remote_job, plan_version, started_at, poll_at FROM bulk_jobs WHERE operation {OperationCode.InRange} AND given_up_at IS NULL ORDER BY job_id", ReadJob, cancellationToken),
            RefusedErasures = runs is null ? await session.ReadAsync(RefusedErasuresSql, row => new RefusedErasure(row.GetGuid(0), row.GetString(1), row.TextOrNull(2) ?? ""), cancellationToken) : [],
            ReadBackWaits = (await session.ReadAsync(
                "SELECT run_id, waiting_until, file_bytes = 0 AND coalesce(cursor, '') LIKE @file FROM reconciliations WHERE waiting_until IS NOT NULL AND waiting_until > @now",
                row => KeyValuePair.Create(row.GetGuid(0), new ReadBackWait(row.Time(1), row.GetBoolean(2))), cancellationToken, ("now", now), ("file", $"{ComparisonState.FileCursor}%"))).ToDictionary(),
            Windows = await BackfillGate.FindWindowsAsync(db, runs, cancellationToken),
            ClosedWindows = await BackfillGate.FindClosedAsync(db, runs, cancellationToken),
            Leases = await session.ReadAsync(
                $"SELECT destination, lane, partition, owner, expires_at FROM leases WHERE expires_at > {session.Clock} AND owner <> ''",
                row => new HeldLease(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetString(3), row.Time(4)), cancellationToken),
            Hubs = await Heartbeats.ListAsync(db, cancellationToken),
            Configuration = runs is null ? await ConfigurationBook.ActiveAsync(db, cancellationToken) : null,
            Bells = runs is null
                ? await session.ReadAsync(
                    LastBellsSql, row => new JobRun(row.GetString(0), row.Time(1), row.Time(2), row.GetString(3), row.GetString(4), row.TextOrNull(5), row.TextOrNull(6), []), cancellationToken)
                : [],
            Canaries = runs is null ? await CanaryTrips.LatestKnownAsync(db, cancellationToken) : [],
            UnreadableDecisions = runs is null ? await UnreadableDecisions.CountAsync(db, cancellationToken) : null,
            Fields = runs is null ? await FieldVersions.ListChangedAsync(db, cancellationToken) : [],
            Notices = runs is null ? await VendorNotices.ListAsync(db, now - NoticeLife, cancellationToken) : [],
            Drifts = runs is null ? await session.ReadAsync(DriftsSql, ReadDrift, cancellationToken) : [],
        };
    }

    private static OpenRun ReadRun(DbDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.Time(6), TimeOrNull(row, 7), TimeOrNull(row, 8), row.TextOrNull(9), TimeOrNull(row, 10))
    {
        Subject = row.TextOrNull(11) ?? row.GetGuid(0).ToString(),
        RequestedBy = row.TextOrNull(12),
        RollsBack = row.IsDBNull(13) ? null : row.GetGuid(13),
        Deadline = TimeOrNull(row, 14),
    };

    private static MemberDrift ReadDrift(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetGuid(2), row.Time(3), row.GetString(4), row.GetString(5) is RunState.Completed or RunState.CompletedWithIssues, row.GetInt64(6), row.GetInt64(7), row.GetInt64(8));

    private static async Task<IReadOnlyList<PendingWork>> ReadPendingAsync(DbSession session, string ofRuns, DateTimeOffset now, (string, object?)[] ids, CancellationToken cancellationToken)
    {
        var records = (await session.ReadAsync(
            RecordsSql.Replace("{0}", ofRuns, StringComparison.Ordinal), row => KeyValuePair.Create((row.GetString(0), row.GetString(1), row.GetGuid(2)), row.GetInt64(3)), cancellationToken, ids)).ToDictionary();
        var look = LookSql.Replace("{0}", ofRuns, StringComparison.Ordinal).Replace("{1}", session.IsSqlite ? _sqliteEnds : _postgresEnds, StringComparison.Ordinal);
        return await session.ReadAsync(look, row => ReadPending(row, records), cancellationToken, [("now", now), ("failing", Failing), .. ids]);
    }

    private static PendingWork ReadPending(DbDataReader row, Dictionary<(string Destination, string Lane, Guid RunId), long> records)
    {
        var (destination, lane, run, looked) = (row.GetString(0), row.GetString(1), row.GetGuid(2), row.GetInt64(3));
        return new PendingWork(
            destination, lane, run, Math.Max(looked, records.GetValueOrDefault((destination, lane, run))), row.GetInt64(4), row.GetInt64(5), row.Time(6), row.Time(7), row.TextOrNull(8))
        { Looked = looked, LastCode = row.TextOrNull(9), Unreadable = row.GetInt64(10) };
    }

    private static StoredCondition ReadCondition(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.Time(3), row.Time(4), row.GetInt32(5), row.GetString(6), TimeOrNull(row, 7));

    private static BulkJob ReadJob(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetGuid(4), row.GetString(5), OperationCode.ToOperation(row.GetInt16(6)), row.GetString(7), row.GetString(8),
        row.Time(9), row.Time(10));

    private static DateTimeOffset? TimeOrNull(DbDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.Time(ordinal);
}
