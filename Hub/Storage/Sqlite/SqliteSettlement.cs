using IntegrationHub.Storage.Deliveries;
using Operation = IntegrationHub.Connectors.Abstractions.Operation;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>Settling and canceling on SQLite: one statement per table, whatever the size of the claim.</summary>
internal static class SqliteSettlement
{
    private const string FenceSql =
        """
        SELECT 1 FROM leases
        WHERE destination = @destination AND lane = @lane AND partition = @partition AND owner = @owner AND epoch = @epoch
        """;

    private const string RemoveSql =
        "DELETE FROM deliveries WHERE delivery_id IN (SELECT value FROM json_each(@ids)) RETURNING delivery_id, attempt";

    private const string LaterSql =
        """
        UPDATE deliveries SET due_at = i.due_at, attempt = attempt + i.cost, last_code = i.code, sending_since = NULL
        FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS due_at,
                     json_extract(value, '$[2]') AS cost, json_extract(value, '$[3]') AS code FROM json_each(@rows)) i
        WHERE deliveries.delivery_id = i.id
        """;

    private const string OutcomesSql =
        """
        INSERT INTO outcomes (run_id, profile_id, destination, audience, operation, outcome, code, attempts, at)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
               json_extract(value, '$[4]'), json_extract(value, '$[5]'), json_extract(value, '$[6]'), json_extract(value, '$[7]'), @at
        FROM json_each(@rows) WHERE true
        ON CONFLICT (run_id, profile_id) DO UPDATE SET
            operation = excluded.operation, outcome = excluded.outcome, code = excluded.code, attempts = excluded.attempts, at = excluded.at
            WHERE outcomes.run_id = @stream
        """;

    private const string DeadLettersSql =
        """
        INSERT INTO dead_letters (run_id, profile_id, destination, audience, operation, outcome, code, attempts, at, event_id)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
               json_extract(value, '$[4]'), json_extract(value, '$[5]'), coalesce(json_extract(value, '$[6]'), ''), json_extract(value, '$[7]'), @at,
               json_extract(value, '$[8]')
        FROM json_each(@rows) WHERE json_extract(value, '$[5]') IN ('rejected', 'dead_lettered')
        """;

    private const string TalliesSql =
        """
        INSERT INTO run_tallies (run_id, outcome, code, count)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[5]'), coalesce(json_extract(value, '$[6]'), ''), count(*)
        FROM json_each(@rows) WHERE json_extract(value, '$[0]') <> @stream GROUP BY 1, 2, 3
        """;

    private const string KnownSql =
        """
        INSERT INTO destination_profiles AS t (destination, profile_id, remote_id, content_hash, profile_version, plan_version, confirmed_at, run_id)
        SELECT @destination, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[3]'),
               json_extract(value, '$[4]'), json_extract(value, '$[5]'), json_extract(value, '$[6]'), json_extract(value, '$[7]')
        FROM json_each(@rows) WHERE true
        ON CONFLICT (destination, profile_id) DO UPDATE SET
            remote_id = CASE WHEN excluded.remote_id IS NOT NULL THEN excluded.remote_id
                WHEN excluded.profile_id IN (SELECT value FROM json_each(@forgotten)) THEN NULL ELSE t.remote_id END,
            content_hash = coalesce(excluded.content_hash, t.content_hash),
            profile_version = coalesce(excluded.profile_version, t.profile_version),
            plan_version = coalesce(excluded.plan_version, t.plan_version),
            confirmed_at = coalesce(excluded.confirmed_at, t.confirmed_at),
            run_id = excluded.run_id
        """;

    private const string MembersSql =
        """
        INSERT INTO destination_members AS t (destination, audience, profile_id, is_member, added_by_hub, confirmed_at, run_id)
        SELECT @destination, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[2]'),
               @at, json_extract(value, '$[3]')
        FROM json_each(@rows) WHERE true
        ON CONFLICT (destination, audience, profile_id) DO UPDATE SET
            is_member = excluded.is_member,
            added_by_hub = CASE WHEN t.is_member THEN t.added_by_hub ELSE excluded.added_by_hub END,
            confirmed_at = excluded.confirmed_at,
            run_id = excluded.run_id
        """;

    private const string StopPlanSql =
        """
        INSERT INTO run_plans (run_id, destination, audience, mode, canceled)
        SELECT correlation_id, destination, audience, mode, 1 FROM audience_syncs WHERE correlation_id = @run
        ON CONFLICT (run_id) DO UPDATE SET canceled = 1
        """;

    private const string CancelSql =
        """
        DELETE FROM deliveries WHERE delivery_id IN (
            SELECT delivery_id FROM deliveries WHERE run_id = @run ORDER BY partition, delivery_id LIMIT @limit)
        RETURNING run_id, profile_id, destination, audience, operation, attempt
        """;

    private const string MarkSql =
        """
        INSERT OR IGNORE INTO audience_changes (destination, audience, profile_id)
        SELECT json_extract(value, '$[2]'), json_extract(value, '$[3]'), json_extract(value, '$[1]') FROM json_each(@rows)
        """;

    public static async Task<IReadOnlyList<SettledRun>?> SettleAsync(
        HubDbContext db, Lease lease, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (await session.ScalarAsync(
            FenceSql, cancellationToken,
            ("destination", lease.Destination), ("lane", lease.Lane), ("partition", lease.Partition), ("owner", lease.Owner), ("epoch", lease.Epoch)) is null)
        {
            return null;
        }

        var final = settlements.Where(settlement => settlement.Outcome is not null).ToList();
        var removed = (await session.ReadAsync(
            RemoveSql, reader => (DeliveryId: reader.GetInt64(0), Attempt: reader.GetInt32(1)), cancellationToken,
            ("ids", JsonRows.Numbers(final.Select(settlement => settlement.Delivery.DeliveryId))))).ToDictionary(row => row.DeliveryId, row => row.Attempt);
        var stream = LiveStream.IdOf(lease.Destination, lease.Lane);
        var settled = final
            .Where(settlement => removed.ContainsKey(settlement.Delivery.DeliveryId))
            .OrderBy(settlement => settlement.Delivery.DeliveryId)
            .Select(settlement => new OutcomeRow(
                settlement.Delivery.RunId, settlement.Delivery.ProfileId, lease.Destination, settlement.Delivery.Audience,
                settlement.Delivery.Operation.ToCode(), settlement.Outcome!, settlement.Code,
                removed[settlement.Delivery.DeliveryId] + SettlementEffects.CostOf(settlement), settlement.Delivery.EventId))
            .ToList();
        await WriteOutcomesAsync(session, stream, settled, now, cancellationToken);
        await PostponeAsync(session, settlements, now, cancellationToken);
        await WriteDestinationAsync(session, lease.Destination, settlements, now, cancellationToken);

        var runs = new List<SettledRun>();
        foreach (var run in settled.Where(row => row.RunId != stream).GroupBy(row => row.RunId))
        {
            var pending = await session.ScalarAsync("SELECT 1 FROM deliveries WHERE run_id = @run LIMIT 1", cancellationToken, ("run", run.Key));
            runs.Add(new SettledRun(run.Key, run.Count(), pending is null));
        }

        return runs;
    }

    public static async Task<int> CancelAsync(HubDbContext db, Guid runId, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(StopPlanSql, cancellationToken, ("run", runId));
        var canceled = await session.ReadAsync(
            CancelSql,
            reader => new OutcomeRow(
                reader.GetGuid(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetInt16(4),
                LedgerOutcome.Suppressed, "run_canceled", reader.GetInt32(5), null),
            cancellationToken,
            ("run", runId), ("limit", limit));
        if (canceled.Count > 0)
        {
            await session.ExecuteAsync(MarkSql, cancellationToken, ("rows", await WriteOutcomesAsync(session, Guid.Empty, canceled, now, cancellationToken)));
        }

        return canceled.Count;
    }

    private static async Task<string> WriteOutcomesAsync(DbSession session, Guid stream, List<OutcomeRow> outcomes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (outcomes.Count == 0)
        {
            return "[]";
        }

        var rows = JsonRows.Of(outcomes, (writer, row) =>
        {
            writer.Id(row.RunId);
            writer.WriteNumberValue(row.ProfileId);
            writer.WriteStringValue(row.Destination);
            writer.WriteStringValue(row.Audience);
            writer.WriteNumberValue(row.Operation);
            writer.WriteStringValue(row.Outcome);
            writer.WriteStringValue(row.Code);
            writer.WriteNumberValue(row.Attempts);
            writer.OptionalId(row.EventId);
        });
        await session.ExecuteAsync(OutcomesSql, cancellationToken, ("rows", rows), ("at", now), ("stream", stream));
        await session.ExecuteAsync(TalliesSql, cancellationToken, ("rows", rows), ("stream", stream));
        await session.ExecuteAsync(DeadLettersSql, cancellationToken, ("rows", rows), ("at", now));
        return rows;
    }

    private static async Task PostponeAsync(DbSession session, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var later = settlements.Where(settlement => settlement.Outcome is null).ToList();
        if (later.Count == 0)
        {
            return;
        }

        var rows = JsonRows.Of(later, (writer, settlement) =>
        {
            writer.WriteNumberValue(settlement.Delivery.DeliveryId);
            writer.Time(settlement.DueAt ?? now);
            writer.WriteNumberValue(SettlementEffects.CostOf(settlement));
            writer.WriteStringValue(settlement.Code);
        });
        await session.ExecuteAsync(LaterSql, cancellationToken, ("rows", rows));
    }

    private static async Task WriteDestinationAsync(
        DbSession session, string destination, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var learned = settlements.Where(settlement =>
            settlement.RemoteId is not null || settlement.ForgetRemoteId || SettlementEffects.ConfirmedHashOf(settlement) is not null).ToList();
        if (learned.Count > 0)
        {
            await session.ExecuteAsync(
                KnownSql, cancellationToken,
                ("destination", destination),
                ("rows", JsonRows.Of(learned, (writer, settlement) => WriteKnown(writer, settlement, now))),
                ("forgotten", JsonRows.Numbers(learned.Where(settlement => settlement.ForgetRemoteId).Select(settlement => settlement.Delivery.ProfileId))));
        }

        var moved = settlements.Where(SettlementEffects.ChangesMembership).ToList();
        if (moved.Count > 0)
        {
            var rows = JsonRows.Of(moved, (writer, settlement) =>
            {
                writer.WriteStringValue(settlement.Delivery.Audience);
                writer.WriteNumberValue(settlement.Delivery.ProfileId);
                writer.Flag(settlement.Delivery.Operation == Operation.AddMember);
                writer.Id(settlement.Delivery.RunId);
            });
            await session.ExecuteAsync(MembersSql, cancellationToken, ("destination", destination), ("rows", rows), ("at", now));
        }
    }

    private static void WriteKnown(System.Text.Json.Utf8JsonWriter writer, Settlement settlement, DateTimeOffset now)
    {
        var hash = SettlementEffects.ConfirmedHashOf(settlement);
        writer.WriteNumberValue(settlement.Delivery.ProfileId);
        writer.WriteStringValue(settlement.RemoteId);
        writer.Flag(settlement.ForgetRemoteId);
        writer.OptionalId(hash);
        if (hash is null)
        {
            writer.WriteNullValue();
            writer.WriteNullValue();
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteNumberValue(settlement.Delivery.ProfileVersion);
            writer.WriteStringValue(settlement.PlanVersion);
            writer.Time(now);
        }

        writer.Id(settlement.Delivery.RunId);
    }

    private readonly record struct OutcomeRow(
        Guid RunId, long ProfileId, string Destination, string Audience, short Operation, string Outcome, string? Code, int Attempts, Guid? EventId);
}
