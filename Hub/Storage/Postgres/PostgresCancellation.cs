using IntegrationHub.Storage.Backfills;

namespace IntegrationHub.Storage.Postgres;

/// <summary>Canceling what a run owes on PostgreSQL: its rows leave the queue with an outcome, and the next run owes their people again.</summary>
internal static class PostgresCancellation
{
    private const string StopPlanSql =
        """
        INSERT INTO run_plans (run_id, destination, audience, mode, canceled)
        SELECT correlation_id, destination, audience, mode, true FROM runs WHERE correlation_id = $1
        ON CONFLICT (run_id) DO UPDATE SET canceled = true WHERE NOT run_plans.canceled
        """;

    private const string CancelSql =
        """
        WITH gone AS (
            DELETE FROM deliveries WHERE (run_id, partition, delivery_id) IN (
                SELECT run_id, partition, delivery_id FROM deliveries WHERE run_id = $1 AND operation <> 5 ORDER BY partition, delivery_id LIMIT $2 FOR UPDATE)
            RETURNING run_id, profile_id, destination, audience, operation, attempt, maybe_sent),
        known AS (
            INSERT INTO destination_profiles (destination, profile_id, run_id)
            SELECT destination, profile_id, run_id FROM gone WHERE maybe_sent AND operation IN (1, 2)
            ON CONFLICT DO NOTHING),
        doubted AS (
            INSERT INTO destination_members AS t (destination, audience, profile_id, is_member, added_by_hub, in_doubt, confirmed_at, run_id)
            SELECT destination, audience, profile_id, false, true, true, $3, run_id FROM gone WHERE maybe_sent AND operation IN (2, 3)
            ON CONFLICT (destination, audience, profile_id) DO UPDATE SET is_member = false, in_doubt = true, added_by_hub = t.added_by_hub OR NOT t.is_member
                WHERE NOT t.is_member OR EXISTS (SELECT 1 FROM gone g WHERE g.maybe_sent AND g.operation = 3 AND g.profile_id = EXCLUDED.profile_id)),
        settled AS (
            INSERT INTO outcomes (run_id, profile_id, destination, audience, operation, outcome, code, attempts, at)
            SELECT run_id, profile_id, destination, audience, operation, 'suppressed', 'run_canceled', attempt, $3 FROM gone
            RETURNING run_id, destination, audience, profile_id),
        tallied AS (
            INSERT INTO run_tallies (run_id, outcome, code, count, at)
            SELECT run_id, 'suppressed', 'run_canceled', count(*), $3 FROM settled GROUP BY 1),
        marked AS (
            INSERT INTO audience_changes (destination, audience, profile_id)
            SELECT destination, audience, profile_id FROM settled WHERE audience <> ''
            ON CONFLICT DO NOTHING)
        SELECT count(*) FROM settled
        """;

    public static async Task<int> CancelAsync(HubDbContext db, Guid runId, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        await using (var stop = session.Command(StopPlanSql).Id(runId))
        {
            await stop.ExecuteNonQueryAsync(cancellationToken);
        }

        await PostgresLedgerTables.LockAsync(session, cancellationToken);
        await using var command = session.Command(CancelSql).Id(runId).Long(limit).Time(now);
        var canceled = (int)(long)(await command.ExecuteScalarAsync(cancellationToken))!;
        await using var events = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return canceled + await EventReplays.CancelAsync(events, runId, limit, now, cancellationToken);
    }
}
