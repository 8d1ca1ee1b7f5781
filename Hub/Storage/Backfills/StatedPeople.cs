using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Backfills;

/// <summary>The people whom chosen facts of the log are about, as whoever shows them by now: found part by part for the scope of a run. The same SQL on both dialects.</summary>
public static class StatedPeople
{
    private const int MostLookedAt = 50_000;
    private const int MostPeople = 5_000;

    // What is looked at is bounded, and the times tell in which partitions it lies.
    private const string PartSql =
        """
        SELECT max(position), min(received_at), max(received_at)
        FROM (SELECT position, received_at FROM fact_ids WHERE position > @after AND position <= @until ORDER BY position LIMIT @most) part
        """;

    /// <summary>Adds the people of the next part of the log to a run's scope, in the caller's transaction; harmless to repeat until the plan is complete.</summary>
    /// <returns>How far the log was looked at; the same position at the end.</returns>
    public static async Task<long> AddPartAsync(HubDbContext db, Guid runId, FactSelection selection, IReadOnlyList<string> types, long after, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (await FindPartAsync(session, selection, after, cancellationToken) is not { } part)
        {
            return after;
        }

        await session.ExecuteAsync(
            $"INSERT INTO run_scope (run_id, profile_id) SELECT DISTINCT {(session.IsSqlite ? "@run" : "CAST(@run AS uuid)")}, s.profile_id FROM ({Sql(session)}) s WHERE s.profile_id IS NOT NULL ON CONFLICT DO NOTHING", cancellationToken,
            [("run", runId), .. Of(part, after), .. Of(selection, types)]);
        return part.Last;
    }

    /// <summary>
    /// Leaves only those in a run's scope, whom somebody named, about whom chosen facts are, in the caller's transaction: so many people in a statement, so that none grows with the scope. A fact
    /// that is kept no more (retention by class) chooses nobody: what the log does not hold any more is not done again.
    /// </summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="runId">The run.</param>
    /// <param name="selection">Which facts.</param>
    /// <param name="types">Types of facts that are about people's state.</param>
    /// <param name="receivedSince">When the first chosen fact can have come in: the log is kept by that time, and nothing earlier is looked at. Null to look at all.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="most">How many people are looked at in a statement.</param>
    public static async Task KeepAsync(
        HubDbContext db, Guid runId, FactSelection selection, IReadOnlyList<string> types, DateTimeOffset? receivedSince, CancellationToken cancellationToken, int most = MostPeople)
    {
        ArgumentNullException.ThrowIfNull(selection);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        for (var after = 0L; await LastOfPartAsync(session, runId, after, most, cancellationToken) is { } last; after = last)
        {
            await session.ExecuteAsync(
                $"""
                DELETE FROM run_scope WHERE run_id = @run AND profile_id > @after AND profile_id <= @last AND NOT EXISTS (
                    WITH RECURSIVE family(profile_id) AS (
                        SELECT p.profile_id FROM profiles p WHERE p.profile_id = run_scope.profile_id
                        UNION SELECT p.profile_id FROM family f JOIN profiles p ON p.person_id = f.profile_id)
                    SELECT 1 FROM family f JOIN facts t ON t.profile_id = f.profile_id WHERE t.received_at >= @received AND t.position <= @until AND {Chosen(session, "t")})
                """,
                cancellationToken, [("run", runId), ("after", after), ("last", last), ("received", receivedSince ?? DateTimeOffset.MinValue), ("until", selection.Until), .. Of(selection, types)]);
        }
    }

    private static async Task<long?> LastOfPartAsync(DbSession session, Guid runId, long after, int most, CancellationToken cancellationToken) => await session.ScalarAsync(
        "SELECT max(profile_id) FROM (SELECT profile_id FROM run_scope WHERE run_id = @run AND profile_id > @after ORDER BY profile_id LIMIT @most) part",
        cancellationToken, ("run", runId), ("after", after), ("most", (long)most)) as long?;

    /// <summary>The next part of the log after a position, or null at its end.</summary>
    internal static async Task<LogPart?> FindPartAsync(DbSession session, FactSelection selection, long after, CancellationToken cancellationToken)
    {
        var parts = await session.ReadAsync(
            PartSql, reader => reader.IsDBNull(0) ? null : new LogPart(reader.GetInt64(0), reader.Time(1), reader.Time(2)), cancellationToken,
            ("after", after), ("until", selection.Until), ("most", MostLookedAt));
        return parts[0];
    }

    /// <summary>In SQL: <c>profile_id</c> of whoever shows those whom the chosen facts of a part are about; null for nobody.</summary>
    internal static string Sql(DbSession session) =>
        $"""
        SELECT {ShownProfile.Of("f.profile_id")} AS profile_id FROM (
            SELECT DISTINCT t.profile_id FROM facts t
            WHERE t.position > @after AND t.position <= @last AND t.received_at >= @from AND t.received_at <= @to AND t.profile_id IS NOT NULL AND {Chosen(session, "t")}) f
        """;

    /// <summary>The parameters of a part.</summary>
    internal static (string, object?)[] Of(LogPart part, long after) => [("after", after), ("last", part.Last), ("from", part.From), ("to", part.To)];

    /// <summary>The parameters of what is chosen.</summary>
    internal static (string, object?)[] Of(FactSelection selection, IReadOnlyList<string> types) =>
    [
        ("since", selection.From ?? DateTimeOffset.MinValue), ("before", selection.To ?? DateTimeOffset.MaxValue), ("of", selection.Run ?? ""),
        ("types", JsonRows.Texts(selection.Types is { } some ? types.Intersect(some) : types)), ("producers", JsonRows.Texts(selection.Producers ?? [])), ("anybody", selection.Producers is null),
    ];

    /// <summary>In SQL: some texts of a parameter.</summary>
    internal static string Values(DbSession session, string parameter) => session.IsSqlite ? $"SELECT value FROM json_each(@{parameter})" : $"SELECT json_array_elements_text(CAST(@{parameter} AS json))";

    private static string Chosen(DbSession session, string fact) =>
        $"{fact}.occurred_at >= @since AND {fact}.occurred_at < @before AND ({fact}.correlation_id = @of OR @of = '') AND {fact}.event_type IN ({Values(session, "types")}) AND ({fact}.producer IN ({Values(session, "producers")}) OR @anybody)";
}
