using System.Data.Common;
using System.Text.Json;

namespace IntegrationHub.Storage.Schedules;

/// <summary>The book of bells: each has one row, so that it rings once, whichever hub hears it.</summary>
public static class JobRuns
{
    private const string Columns = "j.schedule, j.due_at, j.at, j.instance, j.outcome, j.code, j.detail, j.run_ids";

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

    private static JobRun Read(DbDataReader row) => new(
        row.GetString(0), row.Time(1), row.Time(2), row.GetString(3), row.GetString(4), row.TextOrNull(5), row.TextOrNull(6), JsonSerializer.Deserialize<List<Guid>>(row.GetString(7))!);
}
