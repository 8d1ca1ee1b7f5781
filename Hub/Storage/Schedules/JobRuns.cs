using System.Data.Common;
using System.Text.Json;
using IntegrationHub.Storage.Postgres;

namespace IntegrationHub.Storage.Schedules;

/// <summary>The book of bells: each has one row, so that it rings once, whichever hub hears it.</summary>
public static class JobRuns
{
    private const string Columns = "j.schedule, j.due_at, j.at, j.instance, j.outcome, j.code, j.detail, j.run_ids, j.attempts, j.began_at, j.ended_at";

    /// <summary>Notes what became of a bell, in the caller's transaction. False when that is noted already; then nothing is.</summary>
    public static async Task<bool> AddAsync(HubDbContext db, JobRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(run);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            """
            INSERT INTO job_runs (schedule, due_at, at, instance, outcome, code, detail, run_ids)
            VALUES (@schedule, @due, @at, @instance, @outcome, @code, @detail, @runs) ON CONFLICT (schedule, due_at) DO NOTHING
            """,
            cancellationToken,
            ("schedule", run.Schedule), ("due", run.DueAt), ("at", run.At), ("instance", run.Instance), ("outcome", run.Outcome), ("code", run.Code), ("detail", run.Detail),
            ("runs", JsonSerializer.Serialize(run.RunIds))) == 1;
    }

    /// <summary>The latest bells of a schedule, the last one first.</summary>
    /// <param name="db">The context.</param>
    /// <param name="schedule">Name of the schedule.</param>
    /// <param name="limit">Most of them, from 1.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<IReadOnlyList<JobRun>> ListAsync(HubDbContext db, string schedule, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync($"SELECT {Columns} FROM job_runs j WHERE j.schedule = @schedule ORDER BY j.due_at DESC LIMIT @limit", Read, cancellationToken, ("schedule", schedule), ("limit", limit));
    }

    /// <summary>Lets one at a time look which bells of a schedule were missed, until the caller's transaction is over.</summary>
    public static async Task LockAsync(HubDbContext db, string schedule, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await (session.IsSqlite
            ? Task.CompletedTask // SQLite has one writer at a time
            : session.ExecuteAsync("SELECT pg_advisory_xact_lock(@key, hashtext(@schedule))", cancellationToken, ("key", AdvisoryLock.MissedBells), ("schedule", schedule)));
    }

    /// <summary>When the last bell of a schedule was due of which more became than that it was missed; null when there is none.</summary>
    public static async Task<DateTimeOffset?> LastRungAsync(HubDbContext db, string schedule, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT due_at FROM job_runs WHERE schedule = @schedule AND outcome <> '{JobOutcome.Missed}' ORDER BY due_at DESC LIMIT 1", row => row.Time(0), cancellationToken, ("schedule", schedule)) is [var due]
            ? due
            : null;
    }

    /// <summary>How many bells of a schedule were missed since a time.</summary>
    public static async Task<long> CountMissedAsync(HubDbContext db, string schedule, DateTimeOffset since, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (long)(await session.ScalarAsync(
            $"SELECT count(*) FROM job_runs WHERE schedule = @schedule AND due_at >= @since AND outcome = '{JobOutcome.Missed}'", cancellationToken, ("schedule", schedule), ("since", since)))!;
    }

    /// <summary>
    /// Takes the job that waits longest, or whose hub died over it, in the caller's transaction. A job is worked on once at a time over all hubs; of several bells of it the latest is
    /// taken, and those before it are over with it.
    /// </summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="jobs">Names of the jobs that this hub can do.</param>
    /// <param name="instance">Name of this hub.</param>
    /// <param name="hold">So long it is this hub's, unless it is held for longer.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The job; null when none waits.</returns>
    public static async Task<JobRun?> TakeAsync(HubDbContext db, IReadOnlyCollection<string> jobs, string instance, TimeSpan hold, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(jobs);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        (string, object?)[] names = [.. jobs.Select((job, place) => ($"job{place}", (object?)job))];
        var taken = await session.ReadAsync(
            $"""
            UPDATE job_runs SET outcome = '{JobOutcome.Working}', instance = @instance, attempts = attempts + 1, began_at = @now, held_until = {session.Clock} + @hold
            WHERE (schedule, due_at) = (
                SELECT o.schedule, o.due_at FROM job_runs o
                WHERE o.outcome IN ('{JobOutcome.Due}', '{JobOutcome.Working}') AND (o.held_until IS NULL OR o.held_until <= {session.Clock}) AND o.schedule IN ({string.Join(", ", names.Select(name => $"@{name.Item1}"))})
                    AND NOT EXISTS (SELECT 1 FROM job_runs b WHERE b.schedule = o.schedule AND b.outcome IN ('{JobOutcome.Due}', '{JobOutcome.Working}')
                        AND (b.due_at > o.due_at OR (b.outcome = '{JobOutcome.Working}' AND b.held_until > {session.Clock})))
                ORDER BY o.due_at LIMIT 1 {(session.IsSqlite ? "" : "FOR UPDATE SKIP LOCKED")})
            RETURNING {Columns.Replace("j.", "", StringComparison.Ordinal)}
            """,
            Read, cancellationToken, [("instance", instance), ("hold", hold), ("now", now), .. names]);
        if (taken is not [var job])
        {
            return null;
        }

        await session.ExecuteAsync(
            $"""
            UPDATE job_runs SET outcome = '{JobOutcome.Overlapped}', detail = @why, ended_at = @now
            WHERE schedule = @schedule AND due_at < @due AND outcome IN ('{JobOutcome.Due}', '{JobOutcome.Working}')
            """,
            cancellationToken, ("schedule", job.Schedule), ("due", job.DueAt), ("now", now), ("why", "A later bell of it rang before it was over, and its work is done with that one's."));
        return job;
    }

    /// <summary>Holds a job for another while; false when it is somebody else's.</summary>
    public static Task<bool> HoldAsync(HubDbContext db, JobRun job, TimeSpan hold, CancellationToken cancellationToken) =>
        ChangeAsync(db, job, session => $"held_until = {session.Clock} + @hold", [("hold", hold)], cancellationToken);

    /// <summary>Says what became of a job, in the caller's transaction; false when it is somebody else's.</summary>
    public static Task<bool> EndAsync(HubDbContext db, JobRun ended, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ended);
        return ChangeAsync(
            db, ended, session => $"outcome = @outcome, code = @code, detail = @detail, ended_at = {session.Instant("@ended")}, held_until = NULL",
            [("outcome", ended.Outcome), ("code", ended.Code), ("detail", ended.Detail), ("ended", ended.EndedAt)], cancellationToken);
    }

    /// <summary>Gives a job back, to be taken again by whichever hub after a while; false when it is somebody else's.</summary>
    public static Task<bool> GiveBackAsync(HubDbContext db, JobRun job, TimeSpan pause, CancellationToken cancellationToken) =>
        ChangeAsync(db, job, session => $"outcome = '{JobOutcome.Due}', code = @code, detail = @detail, held_until = {session.Clock} + @pause", [("code", job.Code), ("detail", job.Detail), ("pause", pause)], cancellationToken);

    private static async Task<bool> ChangeAsync(
        HubDbContext db, JobRun job, Func<DbSession, string> change, (string, object?)[] parameters, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            $"UPDATE job_runs SET {change(session)} WHERE schedule = @schedule AND due_at = @due AND outcome = '{JobOutcome.Working}' AND instance = @instance AND attempts = @attempts",
            cancellationToken, [("schedule", job.Schedule), ("due", job.DueAt), ("instance", job.Instance), ("attempts", job.Attempts), .. parameters]) == 1;
    }

    private static JobRun Read(DbDataReader row)
    {
        var isReadable = StoredList.TryRead<Guid>(row, 7, out var runs);
        return new JobRun(row.GetString(0), row.Time(1), row.Time(2), row.GetString(3), row.GetString(4), row.TextOrNull(5), row.TextOrNull(6), runs)
        {
            Attempts = row.GetInt32(8),
            BeganAt = row.IsDBNull(9) ? null : row.Time(9),
            EndedAt = row.IsDBNull(10) ? null : row.Time(10),
            Unreadable = isReadable ? null : "run_ids",
        };
    }
}
