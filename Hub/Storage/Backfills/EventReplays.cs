using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Backfills;

/// <summary>
/// Events that are owed again: how each stands at the destination, the plan of a run part by part, what is left of it when it is stopped, and what its receipts say. A run has many events of
/// one person: tallies count events, and the person's outcome is that of the last. The same SQL on both dialects.
/// </summary>
public static class EventReplays
{
    /// <summary>How events stand at a destination. Events of nobody known are left out.</summary>
    /// <param name="db">The database.</param>
    /// <param name="runId">The run whose scope names people.</param>
    /// <param name="destination">Name of the destination.</param>
    /// <param name="ofRun">The replay that the selection names, or null.</param>
    /// <param name="events">Where the events stand, and the profile that each was stated about.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyDictionary<long, EventStanding>> FindStandingsAsync(
        HubDbContext db, Guid runId, string destination, Guid? ofRun, IReadOnlyList<EventOwed> events, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var standings = await session.ReadAsync(
            $"""
            WITH events AS (
                SELECT r.position, i.received_at, {ShownProfile.Of("r.profile_id")} AS profile_id FROM {session.Rows(("position", "bigint"), ("profile_id", "bigint"))} r
                {session.Lookup("fact_ids", "i", "i.position = r.position")})
            SELECT e.position, p.profile_id, p.external_id, p.email, p.consent,
                EXISTS (SELECT 1 FROM run_scope s WHERE s.run_id = @run AND s.profile_id = p.profile_id),
                EXISTS (SELECT 1 FROM event_receipts x WHERE x.run_id = @of AND x.position = e.position),
                EXISTS (SELECT 1 FROM destination_profiles d WHERE d.destination = @destination AND d.profile_id = p.profile_id),
                EXISTS (SELECT 1 FROM event_receipts x WHERE x.destination = @destination AND x.position = e.position AND x.outcome = '{LedgerOutcome.Delivered}'),
                EXISTS (SELECT 1 FROM event_receipts x WHERE x.destination = @destination AND x.position = e.position AND x.outcome = '{LedgerOutcome.DeadLettered}'),
                EXISTS (SELECT 1 FROM dead_letters l WHERE l.fact_position = e.position AND l.destination = @destination AND l.status IN ({LetterStatus.Waiting}, '{LetterStatus.Replaying}')),
                EXISTS (SELECT 1 FROM deliveries w WHERE w.fact_received_at = e.received_at AND w.fact_position = e.position AND w.destination = @destination)
            FROM events e {session.Lookup("profiles", "p", "p.profile_id = e.profile_id")}
            """,
            reader => new EventStanding(reader.GetInt64(0), reader.GetInt64(1), reader.TextOrNull(2), reader.TextOrNull(3), reader.GetString(4))
            {
                IsInScope = reader.GetBoolean(5), IsOfRun = reader.GetBoolean(6), IsKnown = reader.GetBoolean(7), IsTold = reader.GetBoolean(8), IsInDoubt = reader.GetBoolean(9),
                HasLetter = reader.GetBoolean(10), IsOwed = reader.GetBoolean(11),
            },
            cancellationToken,
            ("run", runId), ("of", ofRun ?? Guid.Empty), ("destination", destination), ("rows", Rows(events)));
        return standings.ToDictionary(standing => standing.Position);
    }

    /// <summary>Writes a part of a plan: what is owed, what is not, and how far the log was looked at.</summary>
    /// <returns>False when another planner of the run was faster: nothing was written.</returns>
    public static async Task<bool> WriteAsync(
        HubDbContext db, Guid runId, string destination, (long Before, long After) cursor, IReadOnlyList<EventOwed> owed, IReadOnlyList<EventLeft> skipped, int partitions, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (await session.ExecuteAsync(
            "UPDATE run_plans SET cursor = @after WHERE run_id = @run AND cursor = @before AND NOT completed AND NOT canceled", cancellationToken,
            ("run", runId), ("before", cursor.Before), ("after", cursor.After)) == 0)
        {
            return false;
        }

        if (owed.Count > 0)
        {
            await session.ExecuteAsync(
                $"""
                INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at, event_id, fact_position, fact_received_at)
                SELECT {RunId(session)}, @destination, '{Lane.Backfill}', CAST(r.profile_id % @partitions AS integer), 5, r.profile_id, '', {session.Instant("@now")}, 0, {session.Instant("@now")}, i.event_id, i.position, i.received_at
                FROM {session.Rows(("position", "bigint"), ("profile_id", "bigint"))} r {session.Lookup("fact_ids", "i", "i.position = r.position")}
                ORDER BY i.position
                """,
                cancellationToken,
                ("run", runId), ("destination", destination), ("partitions", partitions), ("now", now), ("rows", Rows(owed)));
        }

        await TallyAsync(session, runId, [("planned", "", owed.Count + skipped.Count), .. CountsOf(skipped)], now, cancellationToken);
        await KeepAsync(session, runId, destination, skipped, now, cancellationToken);
        return true;
    }

    /// <summary>
    /// Ends what is pending of a run that was stopped, up to a limit, in the caller's transaction: what somebody was about to send is ambiguous, and a dead letter; the rest was not sent.
    /// </summary>
    /// <returns>How many events it were.</returns>
    internal static async Task<int> CancelAsync(DbSession session, Guid runId, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var pending = await session.ReadAsync(
            $"""
            SELECT delivery_id, profile_id, destination, sending_since IS NOT NULL FROM deliveries WHERE run_id = @run AND operation = 5
            ORDER BY partition, delivery_id LIMIT @limit{(session.IsSqlite ? "" : " FOR UPDATE")}
            """,
            reader => (Id: reader.GetInt64(0), ProfileId: reader.GetInt64(1), Destination: reader.GetString(2), IsInDoubt: reader.GetBoolean(3)), cancellationToken, ("run", runId), ("limit", (long)limit));
        if (pending.Count == 0)
        {
            return 0;
        }

        var doubted = JsonRows.Of(pending.Where(row => row.IsInDoubt), (writer, row) => writer.WriteNumberValue(row.Id));
        var ofDoubted = $"FROM {session.Rows(("delivery_id", "bigint"))} r JOIN deliveries d ON d.delivery_id = r.delivery_id AND d.run_id = @run";
        await session.ExecuteAsync(
            $"""
            INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at, event_id, fact_position, fact_received_at, sent_at)
            SELECT d.run_id, d.destination, '', d.profile_id, 5, '{LedgerOutcome.DeadLettered}', '{Connectors.Abstractions.ReasonCode.Ambiguous}', d.attempt, {session.Instant("@now")}, d.event_id, d.fact_position, d.fact_received_at, d.sending_since {ofDoubted}
            """,
            cancellationToken, ("run", runId), ("now", now), ("rows", doubted));
        await session.ExecuteAsync(
            $"INSERT INTO event_receipts (destination, position, outcome, at, run_id) SELECT d.destination, d.fact_position, '{LedgerOutcome.DeadLettered}', {session.Instant("@now")}, d.run_id {ofDoubted}",
            cancellationToken, ("run", runId), ("now", now), ("rows", doubted));
        await session.ExecuteAsync(
            $"DELETE FROM deliveries WHERE run_id = @run AND delivery_id IN (SELECT r.delivery_id FROM {session.Rows(("delivery_id", "bigint"))} r)",
            cancellationToken, ("run", runId), ("rows", JsonRows.Of(pending, (writer, row) => writer.WriteNumberValue(row.Id))));
        List<EventLeft> ended =
        [
            .. pending.Select(row => row.IsInDoubt
                ? new EventLeft(row.ProfileId, LedgerOutcome.DeadLettered, Connectors.Abstractions.ReasonCode.Ambiguous)
                : new EventLeft(row.ProfileId, LedgerOutcome.Suppressed, "run_canceled")),
        ];
        await TallyAsync(session, runId, CountsOf(ended), now, cancellationToken);
        await KeepAsync(session, runId, pending[0].Destination, ended, now, cancellationToken);
        return pending.Count;
    }

    /// <summary>Events of a run's plan that the destination may have been told, though nobody knows: their receipts say so, or would be gone by now.</summary>
    /// <param name="db">The database.</param>
    /// <param name="runId">The run.</param>
    /// <param name="destination">Name of the destination.</param>
    /// <param name="receiptsSince">Since when receipts are kept.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<long> CountUncertainAsync(HubDbContext db, Guid runId, string destination, DateTimeOffset receiptsSince, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var counts = await session.ReadAsync(
            $"""
            SELECT count(*) FROM deliveries d WHERE d.run_id = @run AND d.operation = 5 AND (
                EXISTS (SELECT 1 FROM event_receipts x WHERE x.destination = @destination AND x.position = d.fact_position AND x.outcome = '{LedgerOutcome.DeadLettered}')
                OR (d.fact_received_at < @since AND NOT EXISTS (SELECT 1 FROM event_receipts x WHERE x.destination = @destination AND x.position = d.fact_position)))
            """,
            reader => reader.GetInt64(0), cancellationToken, ("run", runId), ("destination", destination), ("since", receiptsSince));
        return counts[0];
    }

    /// <summary>What the receipts of a run say: events that the vendor took, and events of which nobody knows whether it did.</summary>
    public static async Task<(long Taken, long InDoubt)> CountReceiptsAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var counts = await session.ReadAsync(
            "SELECT outcome, count(*) FROM event_receipts WHERE run_id = @run GROUP BY outcome", reader => (Outcome: reader.GetString(0), Count: reader.GetInt64(1)), cancellationToken, ("run", runId));
        return (counts.Where(row => row.Outcome == LedgerOutcome.Delivered).Sum(row => row.Count), counts.Where(row => row.Outcome == LedgerOutcome.DeadLettered).Sum(row => row.Count));
    }

    private static IEnumerable<(string Outcome, string Code, int Count)> CountsOf(IReadOnlyList<EventLeft> events) =>
        events.GroupBy(row => (row.Outcome, row.Code)).Select(group => (group.Key.Outcome, group.Key.Code, group.Count()));

    private static async Task TallyAsync(DbSession session, Guid runId, IEnumerable<(string Outcome, string Code, int Count)> counts, DateTimeOffset now, CancellationToken cancellationToken) => await session.ExecuteAsync(
        $"INSERT INTO run_tallies (run_id, outcome, code, count, at) SELECT {RunId(session)}, r.outcome, r.code, r.count, {session.Instant("@now")} FROM {session.Rows(("outcome", "text"), ("code", "text"), ("count", "bigint"))} r WHERE r.count > 0",
        cancellationToken,
        ("run", runId),
        ("now", now),
        ("rows", JsonRows.Of(counts, (writer, row) =>
        {
            writer.WriteStringValue(row.Outcome);
            writer.WriteStringValue(row.Code);
            writer.WriteNumberValue(row.Count);
        })));

    /// <summary>Keeps an outcome of each person: what becomes of an event that is sent counts more than what was not.</summary>
    private static async Task KeepAsync(DbSession session, Guid runId, string destination, IReadOnlyList<EventLeft> events, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (events.Count > 0)
        {
            await session.ExecuteAsync(
                $"""
                INSERT INTO outcomes (run_id, profile_id, destination, audience, operation, outcome, code, attempts, at)
                SELECT {RunId(session)}, r.profile_id, @destination, '', 5, r.outcome, r.code, 0, {session.Instant("@now")} FROM {session.Rows(("profile_id", "bigint"), ("outcome", "text"), ("code", "text"))} r
                WHERE true ON CONFLICT DO NOTHING
                """,
                cancellationToken,
                ("run", runId), ("destination", destination), ("now", now),
                ("rows", JsonRows.Of(events.DistinctBy(row => row.ProfileId), (writer, row) =>
                {
                    writer.WriteNumberValue(row.ProfileId);
                    writer.WriteStringValue(row.Outcome);
                    writer.WriteStringValue(row.Code);
                })));
        }
    }

    private static string Rows(IReadOnlyList<EventOwed> events) => JsonRows.Of(events, (writer, row) =>
    {
        writer.WriteNumberValue(row.Position);
        writer.WriteNumberValue(row.ProfileId);
    });

    private static string RunId(DbSession session) => session.IsSqlite ? "@run" : "CAST(@run AS uuid)";
}
