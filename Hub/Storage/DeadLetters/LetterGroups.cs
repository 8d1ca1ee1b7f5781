using IntegrationHub.Storage.Postgres;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.DeadLetters;

/// <summary>
/// Dead letters by destination, operation and code, from counts that the database keeps with every letter that comes, changes or goes (triggers): no letter is
/// read. On PostgreSQL the counts are added as rows, so that no turn waits for another, and folded here.
/// </summary>
public static class LetterGroups
{
    private const int Days = 7;

    /// <summary>All groups of a destination, or of all, the latest first.</summary>
    public static async Task<IReadOnlyList<LetterGroup>> ListAsync(HubDbContext db, string? destination, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var where = destination is null ? "" : "AND t.destination = @destination";
        (string, object?)[] parameters = destination is null ? [] : [("destination", destination)];
        var tallies = await session.ReadAsync(
            $"SELECT t.destination, t.operation, t.code, t.status, CAST(sum(t.count) AS bigint), min(t.first_at), max(t.last_at) FROM letter_tallies t WHERE true {where} GROUP BY 1, 2, 3, 4",
            row => (Key: new Key(row.GetString(0), row.GetInt16(1), row.GetString(2)), Status: row.GetString(3), Count: row.GetInt64(4),
                First: row.IsDBNull(5) ? (DateTimeOffset?)null : row.Time(5), Last: row.IsDBNull(6) ? (DateTimeOffset?)null : row.Time(6)),
            cancellationToken, parameters);
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        var days = (await session.ReadAsync(
            $"SELECT t.destination, t.operation, t.code, t.day, CAST(sum(t.count) AS bigint) FROM letter_days t WHERE t.day > @since {where} GROUP BY 1, 2, 3, 4",
            row => (Key: new Key(row.GetString(0), row.GetInt16(1), row.GetString(2)), Day: row.Time(3), Count: row.GetInt64(4)),
            cancellationToken, [.. parameters, ("since", today.AddDays(-Days))])).ToLookup(day => day.Key);
        var successes = (await session.ReadAsync(
            $"SELECT t.destination, t.operation, max(t.at) FROM last_successes t WHERE true {where} GROUP BY 1, 2",
            row => (Key: (row.GetString(0), row.GetInt16(1)), At: row.Time(2)), cancellationToken, parameters)).ToDictionary(row => row.Key, row => row.At);

        var groups = new List<LetterGroup>();
        foreach (var group in tallies.GroupBy(tally => tally.Key))
        {
            var counts = group.Where(tally => tally.Count > 0).ToDictionary(tally => tally.Status, tally => tally.Count, StringComparer.Ordinal);
            if (counts.Count == 0 || group.Min(tally => tally.First) is not { } first || group.Max(tally => tally.Last) is not { } last)
            {
                continue;
            }

            var action = await session.ScalarAsync(
                """
                SELECT max(a.action_id) FROM letter_actions a
                WHERE a.destination = @destination AND a.letter_ids IS NULL AND (a.operation IS NULL OR a.operation = @operation) AND (a.code IS NULL OR a.code = @code)
                """,
                cancellationToken, ("destination", group.Key.Destination), ("operation", group.Key.Operation), ("code", group.Key.Code));
            groups.Add(new LetterGroup(
                group.Key.Destination, OperationCode.NameOf(group.Key.Operation), group.Key.Code, counts, first, last,
                [.. Enumerable.Range(1 - Days, Days).Select(back => days[group.Key].Where(day => day.Day == today.AddDays(back)).Sum(day => day.Count))],
                successes.TryGetValue((group.Key.Destination, group.Key.Operation), out var at) ? at : null, (long?)action));
        }

        return [.. groups.OrderByDescending(group => group.LastAt)];
    }

    /// <summary>How many letters wait for somebody, by destination; a destination of which none waits may be missing.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> CountWaitingAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync(
            $"SELECT destination, CAST(sum(count) AS bigint) FROM letter_tallies WHERE status IN ({LetterStatus.Waiting}) GROUP BY destination",
            row => KeyValuePair.Create(row.GetString(0), row.GetInt64(1)), cancellationToken)).ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>Makes few rows of many that say the same, in the caller's transaction; on SQLite there are few.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="least">Rows below which nothing is done.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task FoldAsync(HubDbContext db, int least, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (session.IsSqlite
            || await session.ScalarAsync("SELECT pg_try_advisory_xact_lock(@key)", cancellationToken, ("key", (long)AdvisoryLock.LetterTallies)) is not true)
        {
            return;
        }

        await FoldAsync("letter_tallies", "destination, operation, code, status", "sum(count), min(first_at), max(last_at)");
        await FoldAsync("letter_days", "day, destination, operation, code", "sum(count)");
        await FoldAsync("letter_results", "action_id, status, code", "sum(count)");

        async Task FoldAsync(string table, string key, string sums)
        {
            if ((long)(await session.ScalarAsync($"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT @least) t", cancellationToken, ("least", (long)least)))! >= least)
            {
                await session.ExecuteAsync($"WITH gone AS (DELETE FROM {table} RETURNING *) INSERT INTO {table} SELECT {key}, {sums} FROM gone GROUP BY {key}", cancellationToken);
            }
        }
    }

    private readonly record struct Key(string Destination, short Operation, string Code);
}
