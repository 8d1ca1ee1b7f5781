using System.Data.Common;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

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
        "DELETE FROM deliveries WHERE delivery_id IN (SELECT value FROM json_each(@ids)) RETURNING delivery_id, attempt, fact_position, fact_received_at, letter_id";

    private const string LaterSql =
        """
        UPDATE deliveries SET due_at = i.due_at, attempt = attempt + i.cost, last_code = i.code, sending_since = NULL, maybe_sent = maybe_sent OR i.maybe
        FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS due_at,
                     json_extract(value, '$[2]') AS cost, json_extract(value, '$[3]') AS code, json_extract(value, '$[4]') AS maybe FROM json_each(@rows)) i
        WHERE deliveries.delivery_id = i.id
        RETURNING deliveries.delivery_id
        """;

    private const string OutcomesSql =
        """
        INSERT INTO outcomes (run_id, profile_id, destination, audience, operation, outcome, code, attempts, at)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
               json_extract(value, '$[4]'), json_extract(value, '$[5]'), json_extract(value, '$[6]'), json_extract(value, '$[7]'), @at
        FROM json_each(@rows) WHERE json_extract(value, '$[11]') IS NULL AND (json_extract(value, '$[0]') <> @stream OR json_extract(value, '$[4]') > 3)
        ON CONFLICT (run_id, profile_id) DO UPDATE SET
            operation = excluded.operation, outcome = excluded.outcome, code = excluded.code, attempts = excluded.attempts, at = excluded.at
            WHERE outcomes.run_id = @stream
        """;

    private const string DeadLettersSql =
        """
        INSERT INTO dead_letters (run_id, profile_id, destination, audience, operation, outcome, code, attempts, at, event_id, fact_position, fact_received_at)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
               json_extract(value, '$[4]'), json_extract(value, '$[5]'), coalesce(json_extract(value, '$[6]'), ''), json_extract(value, '$[7]'), @at,
               json_extract(value, '$[8]'), json_extract(value, '$[9]'), json_extract(value, '$[10]')
        FROM json_each(@rows) WHERE json_extract(value, '$[11]') IS NULL AND json_extract(value, '$[5]') IN ('rejected', 'dead_lettered')
        """;

    private const string AnswerSql =
        $"""
        UPDATE dead_letters AS l SET {LetterAnswer.Named}
        FROM (SELECT json_extract(value, '$[5]') AS outcome, json_extract(value, '$[6]') AS code, json_extract(value, '$[7]') AS attempts, json_extract(value, '$[11]') AS letter_id
            FROM json_each(@rows) WHERE json_extract(value, '$[11]') IS NOT NULL) g
        WHERE l.dead_letter_id = g.letter_id AND l.status = '{LetterStatus.Replaying}'
        """;

    private const string SuccessSql =
        $"""
        INSERT INTO last_successes (destination, operation, lane, partition, at)
        SELECT DISTINCT @destination, json_extract(value, '$[4]'), @lane, @partition, @at FROM json_each(@rows) WHERE json_extract(value, '$[5]') = '{LedgerOutcome.Delivered}'
        ON CONFLICT (destination, operation, lane, partition) DO UPDATE SET at = excluded.at
        """;

    private const string ReceiptsSql =
        """
        INSERT INTO event_receipts (destination, position, outcome, at)
        SELECT json_extract(value, '$[2]'), json_extract(value, '$[9]'), json_extract(value, '$[5]'), @at
        FROM json_each(@rows) WHERE json_extract(value, '$[9]') IS NOT NULL
        """;

    private const string TalliesSql =
        """
        INSERT INTO run_tallies (run_id, outcome, code, count)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[5]'), coalesce(json_extract(value, '$[6]'), ''), count(*)
        FROM json_each(@rows) WHERE json_extract(value, '$[0]') <> @stream GROUP BY 1, 2, 3
        """;

    private const string KnownSql =
        """
        INSERT INTO destination_profiles AS t (destination, profile_id, remote_id, content_hash, profile_version, plan_version, confirmed_at, run_id, key_hash)
        SELECT @destination, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
               json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]'), json_extract(value, '$[6]'), json_extract(value, '$[7]')
        FROM json_each(@rows) WHERE true
        ON CONFLICT (destination, profile_id) DO UPDATE SET
            remote_id = CASE WHEN excluded.remote_id IS NOT NULL THEN excluded.remote_id
                WHEN excluded.profile_id IN (SELECT value FROM json_each(@forgotten)) THEN NULL ELSE t.remote_id END,
            content_hash = coalesce(excluded.content_hash, t.content_hash),
            profile_version = coalesce(excluded.profile_version, t.profile_version),
            plan_version = coalesce(excluded.plan_version, t.plan_version),
            confirmed_at = coalesce(excluded.confirmed_at, t.confirmed_at),
            key_hash = coalesce(excluded.key_hash, t.key_hash),
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
            in_doubt = 0,
            confirmed_at = excluded.confirmed_at,
            run_id = excluded.run_id
        """;

    private const string DoubtSql =
        """
        INSERT INTO destination_members AS t (destination, audience, profile_id, is_member, added_by_hub, in_doubt, confirmed_at, run_id)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), 0, 1, 1, @at, json_extract(value, '$[3]')
        FROM json_each(@rows) WHERE true
        ON CONFLICT (destination, audience, profile_id) DO UPDATE SET in_doubt = 1, added_by_hub = 1 WHERE NOT t.is_member
        """;

    private const string MaybeKnownSql =
        """
        INSERT OR IGNORE INTO destination_profiles (destination, profile_id, run_id)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[2]'), json_extract(value, '$[3]') FROM json_each(@rows)
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
        RETURNING run_id, profile_id, destination, audience, operation, attempt, maybe_sent
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
            RemoveSql, reader => (DeliveryId: reader.GetInt64(0), Attempt: reader.GetInt32(1), Place: PlaceOf(reader), Letter: reader.IsDBNull(4) ? (long?)null : reader.GetInt64(4)), cancellationToken,
            ("ids", JsonRows.Numbers(final.Select(settlement => settlement.Delivery.DeliveryId))))).ToDictionary(row => row.DeliveryId);
        var stream = LiveStream.IdOf(lease.Destination, lease.Lane);
        var settled = final
            .Where(settlement => removed.ContainsKey(settlement.Delivery.DeliveryId))
            .OrderBy(settlement => settlement.Delivery.DeliveryId)
            .Select(settlement => new OutcomeRow(
                settlement.Delivery.RunId, settlement.Delivery.ProfileId, lease.Destination, settlement.Delivery.Audience,
                settlement.Delivery.Operation.ToCode(), settlement.Outcome!, settlement.Code,
                removed[settlement.Delivery.DeliveryId].Attempt + SettlementEffects.CostOf(settlement), settlement.Delivery.EventId) { Place = removed[settlement.Delivery.DeliveryId].Place, LetterId = removed[settlement.Delivery.DeliveryId].Letter })
            .ToList();
        var rows = await WriteOutcomesAsync(session, stream, settled, now, cancellationToken);
        await session.ExecuteAsync(
            SuccessSql, cancellationToken, ("destination", lease.Destination), ("lane", lease.Lane), ("partition", lease.Partition), ("rows", rows), ("at", now));
        var postponed = await PostponeAsync(session, settlements, now, cancellationToken);
        await WriteDestinationAsync(session, lease.Destination, settlements, now, cancellationToken);
        await DoubtAsync(
            session,
            [.. settlements.Where(settlement => SettlementEffects.LeavesDoubt(settlement) && !postponed.Contains(settlement.Delivery.DeliveryId))
                .Select(settlement => (lease.Destination, settlement.Delivery.Audience, settlement.Delivery.ProfileId, settlement.Delivery.RunId))],
            now, cancellationToken);

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
                LedgerOutcome.Suppressed, "run_canceled", reader.GetInt32(5), null) { MaybeSent = reader.GetBoolean(6) },
            cancellationToken,
            ("run", runId), ("limit", limit));
        if (canceled.Count > 0)
        {
            await DoubtAsync(
                session,
                [.. canceled.Where(row => row.MaybeSent && row.Operation == Operation.AddMember.ToCode()).Select(row => (row.Destination, row.Audience, row.ProfileId, row.RunId))],
                now, cancellationToken);
            await session.ExecuteAsync(MaybeKnownSql, cancellationToken, ("rows", DoubtRows(canceled
                .Where(row => row.MaybeSent && (row.Operation == Operation.AddMember.ToCode() || row.Operation == Operation.UpsertProfile.ToCode()))
                .Select(row => (row.Destination, row.Audience, row.ProfileId, row.RunId)))));
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
            writer.OptionalNumber(row.Place?.Position);
            writer.OptionalNumber(row.Place?.ReceivedAt.UtcTicks);
            writer.OptionalNumber(row.LetterId);
        });
        await session.ExecuteAsync(OutcomesSql, cancellationToken, ("rows", rows), ("at", now), ("stream", stream));
        await session.ExecuteAsync(TalliesSql, cancellationToken, ("rows", rows), ("stream", stream));
        await session.ExecuteAsync(DeadLettersSql, cancellationToken, ("rows", rows), ("at", now));
        if (outcomes.Exists(row => row.LetterId is not null))
        {
            await session.ExecuteAsync(AnswerSql, cancellationToken, ("rows", rows), ("at", now));
        }

        if (outcomes.Exists(row => row.Place is not null))
        {
            await session.ExecuteAsync(ReceiptsSql, cancellationToken, ("rows", rows), ("at", now));
        }

        return rows;
    }

    /// <returns>Those that are still in the queue.</returns>
    private static async Task<HashSet<long>> PostponeAsync(DbSession session, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var later = settlements.Where(settlement => settlement.Outcome is null).ToList();
        if (later.Count == 0)
        {
            return [];
        }

        var rows = JsonRows.Of(later, (writer, settlement) =>
        {
            writer.WriteNumberValue(settlement.Delivery.DeliveryId);
            writer.Time(settlement.DueAt ?? now);
            writer.WriteNumberValue(SettlementEffects.CostOf(settlement));
            writer.WriteStringValue(settlement.Code);
            writer.Flag(settlement.MaybeSent);
        });
        return [.. await session.ReadAsync(LaterSql, reader => reader.GetInt64(0), cancellationToken, ("rows", rows))];
    }

    private static async Task WriteDestinationAsync(
        DbSession session, string destination, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var learned = settlements.Where(SettlementEffects.MakesKnown).ToList();
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
                writer.Flag(SettlementEffects.IsMember(settlement));
                writer.Id(settlement.Delivery.RunId);
            });
            await session.ExecuteAsync(MembersSql, cancellationToken, ("destination", destination), ("rows", rows), ("at", now));
        }
    }

    private static FactPlace? PlaceOf(DbDataReader reader) => reader.IsDBNull(2) ? null : new FactPlace(reader.GetInt64(2), reader.Time(3));

    private static Task DoubtAsync(
        DbSession session, IReadOnlyList<(string Destination, string Audience, long ProfileId, Guid RunId)> people, DateTimeOffset now, CancellationToken cancellationToken) =>
        people.Count == 0 ? Task.CompletedTask : session.ExecuteAsync(DoubtSql, cancellationToken, ("rows", DoubtRows(people)), ("at", now));

    private static string DoubtRows(IEnumerable<(string Destination, string Audience, long ProfileId, Guid RunId)> people) => JsonRows.Of(people, (writer, person) =>
    {
        writer.WriteStringValue(person.Destination);
        writer.WriteStringValue(person.Audience);
        writer.WriteNumberValue(person.ProfileId);
        writer.Id(person.RunId);
    });

    private static void WriteKnown(System.Text.Json.Utf8JsonWriter writer, Settlement settlement, DateTimeOffset now)
    {
        var hash = SettlementEffects.ConfirmedHashOf(settlement);
        writer.WriteNumberValue(settlement.Delivery.ProfileId);
        writer.WriteStringValue(settlement.RemoteId);
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
        writer.OptionalId(settlement.KeyHash);
    }

    private readonly record struct OutcomeRow(
        Guid RunId, long ProfileId, string Destination, string Audience, short Operation, string Outcome, string? Code, int Attempts, Guid? EventId)
    {
        public bool MaybeSent { get; init; }

        /// <summary>Where the event stands in the log; null when it is none.</summary>
        public FactPlace? Place { get; init; }

        /// <summary>The dead letter that was sent again, or null.</summary>
        public long? LetterId { get; init; }
    }
}
