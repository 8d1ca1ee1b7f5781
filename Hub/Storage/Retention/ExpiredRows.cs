using IntegrationHub.Storage.Postgres;
using IntegrationHub.Storage.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Retention;

/// <summary>Rows that were kept long enough and that nothing needs any more; the same SQL on both dialects, for rows that lie in no partitions (<see cref="ILogPartitions"/>).</summary>
public static class ExpiredRows
{
    private const string ExpiredFactsSql =
        """
        SELECT position FROM facts t WHERE t.retention = @class AND t.received_at < @before
            AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.fact_position = t.position)
        ORDER BY t.received_at LIMIT @limit
        """;

    private const string AbandonSql =
        """
        UPDATE snapshots SET state = 'failed', failure_code = 'abandoned'
        WHERE state IN ('loading', 'loaded') AND created_at < @before
            AND NOT EXISTS (SELECT 1 FROM audience_syncs r WHERE r.audience = snapshots.audience AND r.snapshot_id = snapshots.snapshot_id AND r.finished_at IS NULL)
        """;

    private const string EmptyReceiptsSql =
        """
        UPDATE webhook_receipts SET body = NULL
        WHERE receipt_id IN (
            SELECT t.receipt_id FROM webhook_receipts t
            WHERE t.body IS NOT NULL AND t.state = 'done' AND t.received_at < @before ORDER BY t.received_at LIMIT @limit)
        """;

    // The latest first: those before them were swept before.
    private static readonly Owner _endedRun = new(
        "run_id", "SELECT o.correlation_id FROM runs o WHERE o.finished_at < @before AND {0} ORDER BY o.finished_at DESC LIMIT 1", "o.correlation_id");

    private static readonly Owner _replacedSnapshot = new(
        "snapshot_id",
        """
        SELECT o.snapshot_id FROM snapshots o
        WHERE o.state IN ('applied', 'failed') AND coalesce(o.applied_at, o.created_at) < @before
            AND NOT EXISTS (SELECT 1 FROM audiences a WHERE a.snapshot_id = o.snapshot_id) AND {0} LIMIT 1
        """,
        "o.snapshot_id");

    private static readonly Owner _endedSnapshot = new(
        "snapshot_id", "SELECT o.snapshot_id FROM snapshots o WHERE o.state IN ('applied', 'failed') AND o.created_at < @before AND {0} LIMIT 1", "o.snapshot_id");

    private static readonly OwnedTable[] _runRecords =
    [
        new("outcomes", "profile_id"), new("read_back_findings", "finding_id"), new("read_backs", "round"), new("verification_members", null), new("reconciliation_findings", "finding_id"), new("event_volumes", "event_name"), new("run_events", "seq"),
    ];

    private static readonly OwnedTable[] _rejects = [new("snapshot_rejects", null), new("snapshot_repeats", "line")];

    private static readonly OwnedTable[] _staged = [new("snapshot_rows", "line"), new("snapshot_members", "profile_id")];

    /// <summary>What a run has beside its records; it goes before the run itself, which tells that it goes.</summary>
    private static readonly string[] _ofRuns = ["run_tallies", "run_plans", "reconciliations", "backfill_plans"];

    private static readonly string _isRunEmpty = string.Concat(
        _runRecords.Select(table => table.Name).Concat(["dead_letters", "before_images", "deliveries"]).Select(table => $" AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.run_id = o.correlation_id)"));

    private static readonly string _expiredSnapshotsSql =
        $"""
        t.state IN ('applied', 'failed') AND coalesce(t.applied_at, t.created_at) < @before
            AND NOT EXISTS (SELECT 1 FROM audiences a WHERE a.snapshot_id = t.snapshot_id)
            AND NOT EXISTS (SELECT 1 FROM audience_syncs r WHERE r.snapshot_id = t.snapshot_id)
            {string.Concat(_rejects.Concat(_staged).Select(table => $"AND NOT EXISTS (SELECT 1 FROM {table.Name} s WHERE s.snapshot_id = t.snapshot_id) "))}
        ORDER BY t.created_at
        """;

    /// <summary>Deletes some, in the caller's transaction; call it again in another one while it deletes as many as it may.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="rows">Which rows.</param>
    /// <param name="before">Older ones are not kept.</param>
    /// <param name="limit">Most rows to delete, from 1.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many were deleted, or null when another instance deletes at this moment.</returns>
    public static async Task<int?> DeleteAsync(HubDbContext db, RetentionClass rows, DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (db.Database.IsNpgsql()
            && await session.ScalarAsync("SELECT pg_try_advisory_xact_lock(@key)", cancellationToken, ("key", (long)AdvisoryLock.Retention)) is not true)
        {
            return null;
        }

        return rows switch
        {
            RetentionClass.ShortFacts => await DeleteFactsAsync("short"),
            RetentionClass.Facts => await DeleteFactsAsync("standard"),
            RetentionClass.LongFacts => await DeleteFactsAsync("long"),
            RetentionClass.EventReceipts => await DeleteAgedAsync("event_receipts", session.RowAddress, "t.at < @before ORDER BY t.at"),
            RetentionClass.LiveCounts => await DeleteAgedAsync("live_counts", session.RowAddress, "t.minute < @before ORDER BY t.minute"),
            RetentionClass.ConsentHistory => await DeleteAgedAsync("consent_history", "history_id", "t.recorded_at < @before ORDER BY t.recorded_at"),
            RetentionClass.RunRecords => await DeleteOwnedAsync(_endedRun, _runRecords, FoldTalliesAsync),
            RetentionClass.DeadLetters => await DeleteAgedAsync("dead_letters", "dead_letter_id", "t.at < @before AND t.status <> 'replaying' ORDER BY t.at"),
            RetentionClass.LetterActions => await DeleteLetterActionsAsync(),
            RetentionClass.LetterDays => await DeleteAgedAsync("letter_days", session.RowAddress, "t.day < @before ORDER BY t.day"),
            RetentionClass.Rejects => await DeleteOwnedAsync(_replacedSnapshot, _rejects),
            RetentionClass.Quarantine => await DeleteAgedAsync("quarantined_facts", "quarantine_id", "t.received_at < @before ORDER BY t.received_at"),
            RetentionClass.WebhookReceipts => await DeleteAgedAsync("webhook_receipts", "receipt_id", "t.state = 'done' AND t.received_at < @before ORDER BY t.received_at"),
            RetentionClass.BeforeImages => await DeleteAgedAsync("before_images", session.RowAddress, "t.taken_at < @before ORDER BY t.taken_at"),
            RetentionClass.JobRuns => await DeleteAgedAsync("job_runs", session.RowAddress, "t.at < @before ORDER BY t.at"),
            RetentionClass.WebhookBodies => await session.ExecuteAsync(EmptyReceiptsSql, cancellationToken, ("before", before), ("limit", limit)),
            RetentionClass.FactVolumes => await DeleteAgedAsync("fact_volumes", session.RowAddress, "t.hour < @before ORDER BY t.hour"),
            RetentionClass.Violations => await DeleteAgedAsync("violations", session.RowAddress, "t.last_at < @before ORDER BY t.last_at"),
            RetentionClass.DeliveryMinutes => await DeleteAgedAsync("delivery_minutes", session.RowAddress, "t.minute < @before ORDER BY t.minute"),
            RetentionClass.Instances => await DeleteAgedAsync("instances", session.RowAddress, "t.seen_at < @before ORDER BY t.seen_at"),
            RetentionClass.Alerts => await DeleteAgedAsync("alerts", "alert_id", "t.resolved_at < @before ORDER BY t.resolved_at"),
            RetentionClass.AlertSends => await DeleteAgedAsync("alert_sends", "send_id", "t.at < @before ORDER BY t.at"),
            RetentionClass.MatchRates => await DeleteAgedAsync("match_rates", session.RowAddress, "t.at < @before ORDER BY t.at"),
            RetentionClass.EventsOwed => await DeleteAgedAsync("events_owed", session.RowAddress, "t.received_at < @before ORDER BY t.received_at"),
            RetentionClass.CanaryTrips => await DeleteAgedAsync("canary_trips", session.RowAddress, "t.stated_at < @before ORDER BY t.stated_at"),
            RetentionClass.ToldDenials => await DeleteAgedAsync("told_denials", session.RowAddress, "t.ended_at < @before ORDER BY t.ended_at"),
            RetentionClass.FieldVersions => await DeleteAgedAsync("vendor_fields", session.RowAddress, "NOT t.is_current AND t.seen_at < @before ORDER BY t.seen_at"),
            RetentionClass.VendorNotices => await DeleteAgedAsync("vendor_notices", session.RowAddress, "t.last_seen < @before ORDER BY t.last_seen"),
            RetentionClass.IdempotencyKeys => await DeleteAgedAsync("idempotency_keys", session.RowAddress, "t.at < @before ORDER BY t.at"),
            RetentionClass.Runs => await DeleteRunsAsync("audience_syncs") + await DeleteRunsAsync("backfill_runs"),
            RetentionClass.Snapshots => await DeleteAgedAsync("snapshots", "snapshot_id", _expiredSnapshotsSql),
            _ => await DeleteAbandonedAsync(),
        };

        Task<int> DeleteAgedAsync(string table, string key, string expired) => session.ExecuteAsync(
            $"DELETE FROM {table} WHERE {key} IN (SELECT t.{key} FROM {table} t WHERE {expired} LIMIT @limit)", cancellationToken, ("before", before), ("limit", limit));

        // One table, as on SQLite; in partitions they are dropped (ILogPartitions). The ids go with their facts.
        async Task<int> DeleteFactsAsync(string facts)
        {
            var positions = await session.ReadAsync(ExpiredFactsSql, reader => reader.GetInt64(0), cancellationToken, ("class", facts), ("before", before), ("limit", limit));
            var list = JsonRows.Numbers(positions);
            await session.ExecuteAsync("DELETE FROM fact_ids WHERE position IN (SELECT value FROM json_each(@list))", cancellationToken, ("list", list));
            return await session.ExecuteAsync("DELETE FROM facts WHERE position IN (SELECT value FROM json_each(@list))", cancellationToken, ("list", list));
        }

        async Task<int> DeleteLetterActionsAsync()
        {
            await session.ExecuteAsync(
                "DELETE FROM letter_results WHERE action_id IN (SELECT t.action_id FROM letter_actions t WHERE t.finished_at < @before ORDER BY t.finished_at LIMIT @limit)", cancellationToken, ("before", before), ("limit", limit));
            return await DeleteAgedAsync("letter_actions", "action_id", "t.finished_at < @before ORDER BY t.finished_at");
        }

        async Task<int> DeleteRunsAsync(string table)
        {
            var expired = $"SELECT o.correlation_id FROM {table} o WHERE o.finished_at < @before{_isRunEmpty} ORDER BY o.finished_at, o.correlation_id LIMIT @limit";
            foreach (var part in _ofRuns)
            {
                await session.ExecuteAsync($"DELETE FROM {part} WHERE run_id IN ({expired})", cancellationToken, ("before", before), ("limit", limit));
            }

            return await session.ExecuteAsync($"DELETE FROM {table} WHERE correlation_id IN ({expired})", cancellationToken, ("before", before), ("limit", limit));
        }

        // First nobody can apply it any more, then its rows go: half a list would tell that the other half left.
        async Task<int> DeleteAbandonedAsync()
        {
            await session.ExecuteAsync(AbandonSql, cancellationToken, ("before", before));
            return await DeleteOwnedAsync(_endedSnapshot, _staged);
        }

        async Task<int> DeleteOwnedAsync(Owner owner, OwnedTable[] tables, Func<object, Task>? keep = null)
        {
            var deleted = 0;
            foreach (var table in tables)
            {
                var key = table.Key is null ? session.RowAddress : $"{owner.Column}, {table.Key}";
                var find = owner.FindSql.Replace("{0}", $"(SELECT 1 FROM {table.Name} t WHERE t.{owner.Column} = {owner.Id} LIMIT 1) IS NOT NULL", StringComparison.Ordinal);
                while (deleted < limit && await session.ScalarAsync(find, cancellationToken, ("before", before)) is { } id)
                {
                    if (keep is not null)
                    {
                        await keep(id);
                    }

                    deleted += await session.ExecuteAsync(
                        $"DELETE FROM {table.Name} WHERE ({key}) IN (SELECT {key} FROM {table.Name} WHERE {owner.Column} = @id LIMIT @limit)",
                        cancellationToken, ("id", id), ("limit", limit - deleted));
                }
            }

            return deleted;
        }

        // A run keeps its counts for ever: one row per outcome and reason instead of one per batch.
        async Task FoldTalliesAsync(object run)
        {
            var folded = await session.ReadAsync(
                "SELECT outcome, code, CAST(sum(count) AS bigint), count(*) FROM run_tallies WHERE run_id = @run GROUP BY outcome, code",
                reader => (Outcome: reader.GetString(0), Code: reader.GetString(1), Count: reader.GetInt64(2), Rows: reader.GetInt64(3)),
                cancellationToken, ("run", run));
            foreach (var tally in folded.Where(tally => tally.Rows > 1))
            {
                await session.ExecuteAsync(
                    "DELETE FROM run_tallies WHERE run_id = @run AND outcome = @outcome AND code = @code", cancellationToken, ("run", run), ("outcome", tally.Outcome), ("code", tally.Code));
                await session.ExecuteAsync(
                    "INSERT INTO run_tallies (run_id, outcome, code, count) VALUES (@run, @outcome, @code, @count)", cancellationToken,
                    ("run", run), ("outcome", tally.Outcome), ("code", tally.Code), ("count", tally.Count));
            }
        }
    }

    /// <summary>What rows belong to.</summary>
    /// <param name="Column">The rows' column that names it.</param>
    /// <param name="FindSql">Finds one that is over, where <c>{0}</c> says that it has rows left.</param>
    /// <param name="Id">Its id in that statement.</param>
    private sealed record Owner(string Column, string FindSql, string Id);

    /// <summary>A table of rows that go with their owner.</summary>
    /// <param name="Name">The table.</param>
    /// <param name="Key">What tells its rows of one owner apart; null when no column does.</param>
    private sealed record OwnedTable(string Name, string? Key);
}
