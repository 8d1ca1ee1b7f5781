namespace IntegrationHub.Storage.Runs;

/// <summary>
/// How many records of a run were settled when: read off its tallies, of which a claim writes one row per outcome and reason, and never off its outcomes. Spans in which none was are left out. The same SQL
/// on both dialects.
/// </summary>
/// <param name="Span">How long a point lasts: the shortest of a minute, a few minutes, hours or days that gives no more than <see cref="MostPoints"/> points.</param>
/// <param name="Points">From the first one on; empty when nothing was settled, or only before there were times, or so long ago that they were folded.</param>
public sealed record RunSeries(TimeSpan Span, IReadOnlyList<RunPoint> Points)
{
    /// <summary>A chart of more says no more.</summary>
    public const int MostPoints = 120;

    private const string Settled = "FROM run_tallies WHERE run_id = @run AND outcome <> 'planned' AND at IS NOT NULL";

    /// <summary>Lengths of which a day holds a whole number.</summary>
    private static readonly int[] _minutes = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 720, 1440];

    /// <summary>Reads that of a run; one that is not known has none.</summary>
    public static async Task<RunSeries> ReadAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var ends = await session.ReadAsync(
            $"SELECT min(at), max(at) {Settled}", row => row.IsDBNull(0) ? (TimeSpan?)null : row.Time(1) - row.Time(0), cancellationToken, ("run", runId));
        if (ends[0] is not { } length)
        {
            return new RunSeries(TimeSpan.FromMinutes(1), []);
        }

        var span = SpanFor(length);
        var counts = await session.ReadAsync(
            $"SELECT {session.SpanOf("at", "@span")}, outcome, CAST(sum(count) AS bigint) {Settled} GROUP BY 1, 2 ORDER BY 1, 2",
            row => (At: row.Time(0), Outcome: row.GetString(1), Count: row.GetInt64(2)), cancellationToken, ("run", runId), ("span", span));
        return new RunSeries(span, [.. counts.GroupBy(count => count.At).Select(point => new RunPoint(point.Key, point.ToDictionary(count => count.Outcome, count => count.Count, StringComparer.Ordinal)))]);
    }

    /// <summary>The first and the last of a run may begin and end in the middle of a span, so that one more is touched than fit into the length.</summary>
    private static TimeSpan SpanFor(TimeSpan length) => _minutes.Select(minutes => TimeSpan.FromMinutes(minutes)).Cast<TimeSpan?>().FirstOrDefault(span => length < span * (MostPoints - 1))
        ?? TimeSpan.FromDays(Math.Ceiling(length.TotalDays / (MostPoints - 1)));
}
