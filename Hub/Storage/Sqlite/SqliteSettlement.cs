using System.Data.Common;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>Settling a claim on SQLite: one statement per table, whatever its size.</summary>
internal static class SqliteSettlement
{
    private const string RemoveSql =
        "DELETE FROM deliveries WHERE delivery_id IN (SELECT value FROM json_each(@ids)) RETURNING delivery_id, attempt, fact_position, fact_received_at, letter_id, named_key, other_profile_id, sending_since";

    private const string LaterSql =
        """
        UPDATE deliveries SET due_at = i.due_at, attempt = attempt + i.cost, last_code = i.code, sending_since = NULL, maybe_sent = maybe_sent OR i.maybe
        FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS due_at,
                     json_extract(value, '$[2]') AS cost, json_extract(value, '$[3]') AS code, json_extract(value, '$[4]') AS maybe FROM json_each(@rows)) i
        WHERE deliveries.delivery_id = i.id
        RETURNING deliveries.delivery_id
        """;

    private const string SuccessSql =
        $"""
        INSERT INTO last_successes (destination, operation, lane, partition, at)
        SELECT DISTINCT @destination, json_extract(value, '$[4]'), @lane, @partition, @at FROM json_each(@rows) WHERE json_extract(value, '$[5]') = '{LedgerOutcome.Delivered}'
        ON CONFLICT (destination, operation, lane, partition) DO UPDATE SET at = excluded.at
        """;

    public static async Task<IReadOnlyList<SettledRun>?> SettleAsync(
        HubDbContext db, Lease lease, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (!await LeaseTable.IsHeldAsync(session, lease, cancellationToken))
        {
            return null;
        }

        var final = settlements.Where(settlement => settlement.Outcome is not null).ToList();
        var removed = (await session.ReadAsync(
            RemoveSql, reader => (DeliveryId: reader.GetInt64(0), Attempt: reader.GetInt32(1), Row: new OutcomeRow
            {
                Place = PlaceOf(reader), LetterId = NumberOrNull(reader, 4), NamedKey = reader.TextOrNull(5), OtherProfileId = NumberOrNull(reader, 6), SendingSince = NumberOrNull(reader, 7),
            }), cancellationToken,
            ("ids", JsonRows.Numbers(final.Select(settlement => settlement.Delivery.DeliveryId))))).ToDictionary(row => row.DeliveryId);
        var stream = LiveStream.IdOf(lease.Destination, lease.Lane);
        var settled = final
            .Where(settlement => removed.ContainsKey(settlement.Delivery.DeliveryId))
            .OrderBy(settlement => settlement.Delivery.DeliveryId)
            .Select(settlement => removed[settlement.Delivery.DeliveryId].Row with
            {
                RunId = settlement.Delivery.RunId, ProfileId = settlement.Delivery.ProfileId, Destination = lease.Destination, Audience = settlement.Delivery.Audience,
                Operation = settlement.Delivery.Operation.ToCode(), Outcome = settlement.Outcome!, Code = settlement.Code,
                Attempts = removed[settlement.Delivery.DeliveryId].Attempt + SettlementEffects.CostOf(settlement), EventId = settlement.Delivery.EventId, Decided = settlement.Delivery.Decided,
            })
            .ToList();
        var rows = await SqliteOutcomes.WriteAsync(session, stream, settled, now, cancellationToken);
        await session.ExecuteAsync(
            SuccessSql, cancellationToken, ("destination", lease.Destination), ("lane", lease.Lane), ("partition", lease.Partition), ("rows", rows), ("at", now));
        var postponed = await PostponeAsync(session, settlements, now, cancellationToken);
        await SqliteDestinationState.WriteAsync(session, lease.Destination, settlements, now, cancellationToken);
        await SqliteDestinationState.DoubtAsync(
            session,
            [.. settlements.Where(settlement => SettlementEffects.LeavesDoubt(settlement) && !postponed.Contains(settlement.Delivery.DeliveryId))
                .Select(settlement => new MaybeSentRow(lease.Destination, settlement.Delivery.Audience, settlement.Delivery.ProfileId, settlement.Delivery.RunId, settlement.Delivery.Operation == Connectors.Abstractions.Operation.RemoveMember))],
            now, cancellationToken);

        var runs = new List<SettledRun>();
        foreach (var run in settled.Where(row => row.RunId != stream).GroupBy(row => row.RunId))
        {
            var pending = await session.ScalarAsync("SELECT 1 FROM deliveries WHERE run_id = @run LIMIT 1", cancellationToken, ("run", run.Key));
            runs.Add(new SettledRun(run.Key, run.Count(), pending is null));
        }

        return runs;
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

    private static FactPlace? PlaceOf(DbDataReader reader) => reader.IsDBNull(2) ? null : new FactPlace(reader.GetInt64(2), reader.Time(3));

    private static long? NumberOrNull(DbDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetInt64(ordinal);
}
