using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Backfills;

/// <summary>
/// The claim of the lane of backfills: what runs that are being delivered owe, the oldest run first. An event is claimed with the fact that states it, for whoever shows the person by now, and with
/// whether the destination was told of it since the plan, or is about to be by a delivery that was there before. The same SQL on both dialects.
/// </summary>
internal static class BackfillClaim
{
    /// <summary>In SQL, of a dead letter <c>l</c>: it comes from a run by which nothing at the vendor shall start.</summary>
    public static string IsQuietLetter(DbSession session) => $"EXISTS (SELECT 1 FROM backfill_plans b WHERE b.run_id = l.run_id AND NOT coalesce({IsLoud(session)}, false))";

    /// <summary>
    /// In SQL, of a row of <c>dead_letters</c>: a profile that a backfill or a rollback was to write. Its run wrote some fields, of whom the vendor had, and kept what stood there before;
    /// a replay would write the profile as a sync does, and nothing of it could be taken back.
    /// </summary>
    public static string IsProfileOfBackfill { get; } = $"(dead_letters.operation = {Connectors.Abstractions.Operation.UpsertProfile.ToCode()} AND EXISTS (SELECT 1 FROM backfill_plans b WHERE b.run_id = dead_letters.run_id))";

    /// <summary>In SQL, of a plan <c>b</c>: whether what at the vendor starts by it shall start; null when nothing was said.</summary>
    public static string IsLoud(DbSession session) => session.IsSqlite ? "json_extract(b.scope, '$.loud')" : "CAST(b.scope ->> 'loud' AS boolean)";

    public static async Task<IReadOnlyList<ClaimedDelivery>> ReadAsync(HubDbContext db, Lease lease, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        const string Columns = "delivery_id, run_id, audience, operation, attempt, profile_id, maybe_sent, created_at, event_id, sending_since, fact_position, fact_received_at";
        var due = session.IsSqlite
            ? $"deliveries q ON q.run_id = s.correlation_id AND q.partition = @partition AND q.lane = @lane AND q.due_at <= @now AND q.operation {OperationCode.InRange}"
            : $"LATERAL (SELECT {Columns} FROM deliveries WHERE run_id = s.correlation_id AND partition = @partition AND lane = @lane AND due_at <= @now AND operation {OperationCode.InRange} ORDER BY delivery_id LIMIT @limit) q";
        return await session.ReadAsync(
            $"""
            SELECT d.delivery_id, d.run_id, d.audience, d.operation, d.attempt, p.profile_id,
                   p.external_id, p.email, p.phone, p.attributes, p.consent, p.version, dp.remote_id, d.maybe_sent, CASE WHEN d.held_until > d.created_at THEN d.held_until ELSE d.created_at END, d.event_id, d.sending_since, f.body, coalesce({IsLoud(session)}, false),
                   d.operation = 5 AND (
                       EXISTS (SELECT 1 FROM event_receipts x WHERE x.destination = @destination AND x.position = d.fact_position AND x.outcome = '{LedgerOutcome.Delivered}')
                       OR EXISTS (SELECT 1 FROM deliveries w WHERE w.fact_received_at = d.fact_received_at AND w.fact_position = d.fact_position AND w.destination = @destination AND w.delivery_id < d.delivery_id)),
                   d.takes_back, {ClaimedDeliveryReader.Position}
            FROM (
                SELECT q.{Columns.Replace(", ", ", q.", StringComparison.Ordinal)}, s.requested_at, s.held_until, s.rolls_back IS NOT NULL AS takes_back FROM backfill_runs s CROSS JOIN {due}
                WHERE s.destination = @destination AND s.current_state = '{RunState.Delivering}' AND {BackfillGate.IsOpen("s.correlation_id", session.Clock)} AND {ConfigurationFence.Holds(session.Number("@config"))}
                ORDER BY s.requested_at, q.delivery_id LIMIT @limit) d
            {session.Lookup("profiles", "p", $"p.profile_id = CASE WHEN d.operation = 5 THEN coalesce({ShownProfile.Of("d.profile_id")}, d.profile_id) ELSE d.profile_id END")}
            {session.OptionalLookup("destination_profiles", "dp", "dp.destination = @destination AND dp.profile_id = p.profile_id")}
            {session.OptionalLookup("facts", "f", "f.position = d.fact_position AND f.received_at = d.fact_received_at")}
            LEFT JOIN backfill_plans b ON b.run_id = d.run_id
            ORDER BY d.requested_at, d.delivery_id
            """,
            reader => ClaimedDeliveryReader.Read(reader, keys) with
            {
                OwedSince = reader.Time(14),
                EventId = reader.IsDBNull(15) ? null : reader.GetGuid(15),
                SendingSince = reader.IsDBNull(16) ? null : reader.Time(16),
                EventJson = keys.OpenFact(reader, 15, 17),
                IsQuiet = !reader.GetBoolean(18),
                IsOvertaken = reader.GetBoolean(19),
                TakesBack = reader.GetBoolean(20),
                Decided = DecisionPoint.Of(lease, reader.GetInt64(21)),
            },
            cancellationToken,
            ("destination", lease.Destination), ("lane", lease.Lane), ("partition", lease.Partition), ("now", now), ("limit", (long)limit), ("config", lease.ConfigVersion));
    }
}
