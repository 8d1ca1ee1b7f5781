using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.DeadLetters;

/// <summary>
/// The claim of the replay lane: letters that are owed again, with how the person stands now, as in the live lane, and whether the destination was told the same
/// since the letter died. The same SQL on both dialects.
/// </summary>
internal static class ReplayClaim
{
    public static async Task<IReadOnlyList<ClaimedDelivery>> ReadAsync(HubDbContext db, Lease lease, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        return await session.ReadAsync(
            $"""
            SELECT d.delivery_id, d.run_id, d.audience, d.operation, d.attempt, d.profile_id,
                   p.external_id, p.email, p.phone, p.attributes, p.consent, p.version, dp.remote_id, d.maybe_sent, d.event_id, d.sending_since, f.body,
                   CASE WHEN d.operation > 3 THEN NULL
                       WHEN d.audience <> '' THEN coalesce((SELECT m.is_member FROM memberships m WHERE m.audience = d.audience AND m.profile_id = d.profile_id), false)
                       ELSE coalesce((SELECT m.is_member FROM memberships m JOIN audience_routes r ON r.audience = m.audience
                           WHERE m.profile_id = d.profile_id AND m.is_member AND r.destination = @destination LIMIT 1), false) END,
                   coalesce(dm.is_member, false), coalesce(dm.added_by_hub, false), coalesce(dm.in_doubt, false), p.person_id IS NOT NULL, dp.content_hash,
                   d.letter_id, v.changes,
                   CASE WHEN d.operation = 5 THEN EXISTS (SELECT 1 FROM event_receipts x WHERE x.destination = @destination AND x.position = d.fact_position AND x.outcome = '{LedgerOutcome.Delivered}')
                       WHEN d.operation = 4 THEN EXISTS (SELECT 1 FROM outcomes o WHERE o.run_id = @urgent AND o.profile_id = d.profile_id AND o.operation = 4
                           AND o.outcome IN ('{LedgerOutcome.Delivered}', '{LedgerOutcome.Unchanged}') AND o.at > l.at)
                       ELSE false END,
                   d.created_at, {BackfillClaim.IsQuietLetter(session)}, {ClaimedDeliveryReader.IsUnseen}, l.version
            FROM (
                SELECT delivery_id, run_id, audience, operation, attempt, profile_id, maybe_sent, event_id, fact_position, fact_received_at, sending_since, letter_id, created_at FROM deliveries
                WHERE run_id = @stream AND partition = @partition AND lane = @lane AND due_at <= @now AND operation {OperationCode.InRange} AND {ConfigurationFence.Holds(session.Number("@config"))}
                ORDER BY delivery_id LIMIT @limit) d
            {session.Lookup("profiles", "p", "p.profile_id = d.profile_id")}
            {session.Lookup("dead_letters", "l", "l.dead_letter_id = d.letter_id")}
            {session.OptionalLookup("letter_versions", "v", "v.letter_id = d.letter_id AND v.version = l.version")}
            {session.OptionalLookup("destination_profiles", "dp", "dp.destination = @destination AND dp.profile_id = d.profile_id")}
            {session.OptionalLookup("destination_members", "dm", "dm.destination = @destination AND dm.audience = d.audience AND dm.profile_id = d.profile_id")}
            {session.OptionalLookup("facts", "f", "f.position = d.fact_position AND f.received_at = d.fact_received_at")}
            ORDER BY d.delivery_id
            """,
            row => ClaimedDeliveryReader.ReadLive(row, keys) with { LetterId = row.GetInt64(23), CorrectionJson = row.TextOrNull(24) is { } changes ? keys.OpenOrNothing(SealedColumn.LetterChanges, SealedColumn.Joined(row.GetInt64(23), row.GetInt32(29)), changes) : null, IsOvertaken = row.GetBoolean(25), OwedSince = row.Time(26), IsQuiet = row.GetBoolean(27), IsUnseen = row.GetBoolean(28) },
            cancellationToken,
            ("destination", lease.Destination), ("lane", lease.Lane), ("partition", lease.Partition), ("now", now), ("limit", (long)limit),
            ("stream", LiveStream.IdOf(lease.Destination, lease.Lane)), ("urgent", LiveStream.IdOf(lease.Destination)), ("config", lease.ConfigVersion));
    }
}
