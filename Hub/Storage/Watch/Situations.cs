using System.Data.Common;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
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

    // One branch per kind of run.
    private const string OpenRunsSql =
        """
        WITH open_runs AS (
            SELECT correlation_id AS run_id, 'audience_sync' AS kind, current_state AS state, audience, destination, lane, requested_at, last_progress_at, stalled_since, waiting_for, read_back_at
            FROM audience_syncs WHERE finished_at IS NULL)
        SELECT run_id, kind, state, audience, destination, lane, requested_at, last_progress_at, stalled_since, waiting_for, read_back_at FROM open_runs ORDER BY requested_at
        """;

    private const string PendingSql =
        """
        SELECT destination, lane, run_id, count(*), CAST(sum(CASE WHEN due_at <= @now THEN 1 ELSE 0 END) AS bigint), CAST(sum(CASE WHEN attempt >= @failing THEN 1 ELSE 0 END) AS bigint),
               min(created_at), min(due_at), max(CASE WHEN attempt >= @failing THEN last_code END)
        FROM deliveries {0} GROUP BY destination, lane, run_id
        """;

    private const string LastBellsSql =
        """
        SELECT j.schedule, j.due_at, j.at, j.instance, j.outcome, j.code, j.detail FROM job_runs j
        WHERE j.due_at = (SELECT max(o.due_at) FROM job_runs o WHERE o.schedule = j.schedule)
        """;

    /// <summary>Reads everything. Counts the whole queue: for people, and once a minute.</summary>
    public static Task<Situation> ReadAsync(HubDbContext db, DateTimeOffset now, CancellationToken cancellationToken) => ReadAsync(db, now, null, cancellationToken);

    /// <summary>Reads what explains some runs: of the queue only theirs is counted, and their rows are the caller's.</summary>
    public static async Task<Situation> ReadAsync(HubDbContext db, DateTimeOffset now, IReadOnlyCollection<Guid>? runs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        (string, object?)[] ids = [.. (runs ?? []).Select((run, i) => ($"run{i}", (object?)run))];
        var which = runs is null ? "" : $"WHERE run_id IN ({string.Join(", ", ids.Select(id => $"@{id.Item1}"))})";
        return new Situation(now)
        {
            Runs = runs is null ? await session.ReadAsync(OpenRunsSql, ReadRun, cancellationToken) : [],
            Pending = runs is { Count: 0 } ? [] : await session.ReadAsync(
                PendingSql.Replace("{0}", which, StringComparison.Ordinal), ReadPending, cancellationToken, [("now", now), ("failing", Failing), .. ids]),
            Conditions = await session.ReadAsync(
                "SELECT destination, trouble, code, until, since, failures, mark, probe_until FROM destination_conditions ORDER BY destination", ReadCondition, cancellationToken),
            Jobs = await session.ReadAsync(
                "SELECT job_id, destination, lane, partition, run_id, audience, operation, remote_job, plan_version, started_at, poll_at FROM bulk_jobs ORDER BY job_id", ReadJob, cancellationToken),
            Leases = await session.ReadAsync(
                $"SELECT destination, lane, partition, owner, expires_at FROM leases WHERE expires_at > {session.Clock} AND owner <> ''",
                row => new HeldLease(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetString(3), row.Time(4)), cancellationToken),
            Hubs = await Heartbeats.ListAsync(db, cancellationToken),
            Bells = runs is null
                ? await session.ReadAsync(
                    LastBellsSql, row => new JobRun(row.GetString(0), row.Time(1), row.Time(2), row.GetString(3), row.GetString(4), row.TextOrNull(5), row.TextOrNull(6), []), cancellationToken)
                : [],
        };
    }

    private static OpenRun ReadRun(DbDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.Time(6), TimeOrNull(row, 7), TimeOrNull(row, 8), row.TextOrNull(9), TimeOrNull(row, 10));

    private static PendingWork ReadPending(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetGuid(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.Time(6), row.Time(7), row.TextOrNull(8));

    private static StoredCondition ReadCondition(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.Time(3), row.Time(4), row.GetInt32(5), row.GetString(6), TimeOrNull(row, 7));

    private static BulkJob ReadJob(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetGuid(4), row.GetString(5), OperationCode.ToOperation(row.GetInt16(6)), row.GetString(7), row.GetString(8),
        row.Time(9), row.Time(10));

    private static DateTimeOffset? TimeOrNull(DbDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.Time(ordinal);
}
