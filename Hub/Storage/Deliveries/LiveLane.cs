using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sqlite;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>
/// State in the live lane: changed people and memberships are owed to the destinations that take them live, once however often they change before they are
/// claimed. The same SQL on both dialects; each call is one statement, in the caller's transaction.
/// </summary>
internal static class LiveLane
{
    /// <summary>Rows of the queue that are such a delivery: the others of the lane are events, and what identity owes.</summary>
    public const string IsState = $"lane = '{Lane.Live}' AND operation <= 3";

    private const string Insert = "INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at)";

    // The row that is there is locked and nothing else: who settles it waits for what changes here, and finds it changed. One that waits for a value to come to rest waits no more.
    private const string Coalesce =
        $"ON CONFLICT (run_id, profile_id, audience) WHERE {IsState} DO UPDATE SET last_code = NULL, due_at = excluded.due_at, created_at = excluded.created_at WHERE deliveries.last_code = '{FlappingRule.Held}'";

    /// <summary>Owes changed people to every destination that takes an audience of theirs live.</summary>
    public static async Task OweAsync(HubDbContext db, IReadOnlyList<long> profileIds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (!await IsUsedAsync(session, null, cancellationToken))
        {
            return;
        }

        await session.ExecuteAsync(
            $"""
            {Insert}
            SELECT DISTINCT r.stream_id, r.destination, '{Lane.Live}', CAST(i.profile_id % r.partitions AS integer), CASE WHEN d.is_member THEN 1 ELSE 2 END, i.profile_id,
                CASE WHEN d.is_member THEN '' ELSE m.audience END, {session.Instant("@now")}, 0, {session.Instant("@now")}
            FROM {session.Rows(("profile_id", "bigint"))} i
            {session.Lookup("memberships", "m", "m.profile_id = i.profile_id AND m.is_member")}
            {session.Lookup("live_routes", "r", "r.audience = m.audience")}
            {session.OptionalLookup("destination_members", "d", "d.destination = r.destination AND d.audience = m.audience AND d.profile_id = i.profile_id")}
            WHERE true
            {Coalesce}
            """,
            cancellationToken, ("rows", JsonRows.Of(profileIds, (writer, id) => writer.WriteNumberValue(id))), ("now", now));
    }

    /// <summary>Owes memberships that the destination holds otherwise than they were just stated.</summary>
    public static async Task OweAsync(HubDbContext db, IReadOnlyList<MembershipRow> memberships, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (!await IsUsedAsync(session, null, cancellationToken))
        {
            return;
        }

        await session.ExecuteAsync(
            $"""
            {Insert}
            SELECT DISTINCT r.stream_id, r.destination, '{Lane.Live}', CAST(i.profile_id % r.partitions AS integer), CASE WHEN m.is_member THEN 2 ELSE 3 END, i.profile_id,
                i.audience, {session.Instant("@now")}, 0, {session.Instant("@now")}
            FROM {session.Rows(("audience", "text"), ("profile_id", "bigint"))} i
            {session.Lookup("live_routes", "r", "r.audience = i.audience")}
            {session.Lookup("memberships", "m", "m.audience = i.audience AND m.profile_id = i.profile_id")}
            {session.OptionalLookup("destination_members", "d", "d.destination = r.destination AND d.audience = i.audience AND d.profile_id = i.profile_id")}
            WHERE m.is_member <> coalesce(d.is_member, false) OR coalesce(d.in_doubt, false)
            {Coalesce}
            """,
            cancellationToken,
            ("rows", JsonRows.Of(memberships, (writer, row) =>
            {
                writer.WriteStringValue(row.Audience);
                writer.WriteNumberValue(row.ProfileId);
            })),
            ("now", now));
    }

    /// <summary>
    /// After a settlement, of a run or of the lane itself: whoever changed, joined or left since the claim is owed once more, for what was sent may have been
    /// written over what is newer. Counts what the lane settled.
    /// </summary>
    public static async Task FollowAsync(HubDbContext db, Lease lease, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await LiveCounts.AddAsync(session, lease, settlements, now, cancellationToken);
        await DeliveryMinutes.AddAsync(session, lease, settlements, now, cancellationToken);
        List<Settlement> sent = [.. settlements.Where(IsOfState)];
        if (sent.Count == 0 || (lease.Lane != Lane.Live && !await IsUsedAsync(session, lease.Destination, cancellationToken)))
        {
            return;
        }

        await session.ExecuteAsync(
            $"""
            {Insert}
            SELECT DISTINCT r.stream_id, r.destination, '{Lane.Live}', CAST(i.profile_id % r.partitions AS integer), CASE WHEN m.is_member THEN 2 ELSE 3 END, i.profile_id,
                m.audience, {session.Instant("@now")}, 0, {session.Instant("@now")}
            FROM {session.Rows(("profile_id", "bigint"), ("version", "bigint"), ("audience", "text"), ("was_member", "boolean"))} i
            {session.Lookup("profiles", "p", "p.profile_id = i.profile_id")}
            {session.Lookup("live_routes", "r", "r.destination = @destination")}
            {session.Lookup("memberships", "m", "m.audience = r.audience AND m.profile_id = i.profile_id")}
            WHERE (p.version <> i.version AND m.is_member) OR (m.audience = i.audience AND m.is_member <> i.was_member)
            ON CONFLICT DO NOTHING
            """,
            cancellationToken,
            ("rows", JsonRows.Of(sent, (writer, settlement) =>
            {
                writer.WriteNumberValue(settlement.Delivery.ProfileId);
                writer.WriteNumberValue(settlement.Delivery.ProfileVersion);
                writer.WriteStringValue(settlement.Delivery.Audience);
                writer.WriteBooleanValue(settlement.Delivery.State?.IsMember ?? settlement.Delivery.Operation != Operation.RemoveMember);
            })),
            ("destination", lease.Destination), ("now", now));
        List<Settlement> held = [.. sent.Where(settlement => settlement is { Delivery.HeldUntil: not null, Outcome: LedgerOutcome.Delivered or LedgerOutcome.Unchanged })];
        if (held.Count > 0)
        {
            await OweHeldAsync(session, lease.Destination, held, cancellationToken);
        }
    }

    /// <summary>Owes what is held for when it will have come to rest. Whoever changed meanwhile is owed already, and looked at again then.</summary>
    private static Task<int> OweHeldAsync(DbSession session, string destination, List<Settlement> held, CancellationToken cancellationToken) => session.ExecuteAsync(
        $"""
        INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at, last_code)
        SELECT DISTINCT r.stream_id, r.destination, '{Lane.Live}', CAST(i.profile_id % r.partitions AS integer), 1, i.profile_id, '', i.due_at, 0, i.due_at, '{FlappingRule.Held}'
        FROM {session.Rows(("profile_id", "bigint"), ("due_at", session.IsSqlite ? "integer" : "timestamptz"))} i
        {session.Lookup("live_routes", "r", "r.destination = @destination")}
        WHERE true
        ON CONFLICT DO NOTHING
        """,
        cancellationToken,
        ("destination", destination),
        ("rows", JsonRows.Of(held, (writer, settlement) =>
        {
            writer.WriteNumberValue(settlement.Delivery.ProfileId);
            if (session.IsSqlite)
            {
                writer.Time(settlement.Delivery.HeldUntil!.Value);
            }
            else
            {
                writer.WriteStringValue(settlement.Delivery.HeldUntil!.Value.ToUniversalTime());
            }
        })));

    /// <summary>Replaces the routes. What waits for a destination that is gone from them leaves the queue: its audience's next run brings it.</summary>
    public static async Task RouteAsync(HubDbContext db, IReadOnlyList<AudienceRoute> routes, int partitions, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var before = await session.ReadAsync("SELECT DISTINCT destination, stream_id FROM live_routes", reader => (Destination: reader.GetString(0), Stream: reader.GetGuid(1)), cancellationToken);
        await session.ExecuteAsync("DELETE FROM live_routes", cancellationToken);
        foreach (var (destination, stream) in before.Where(known => routes.All(route => route.Destination != known.Destination)))
        {
            await session.ExecuteAsync($"DELETE FROM deliveries WHERE run_id = @stream AND {IsState}", cancellationToken, ("stream", stream));
        }

        await session.ExecuteAsync(
            $"""
            INSERT INTO live_routes (audience, destination, stream_id, partitions)
            SELECT DISTINCT r.audience, r.destination, CAST(r.stream_id AS {session.IdType}), @partitions FROM {session.Rows(("audience", "text"), ("destination", "text"), ("stream_id", "text"))} r
            """,
            cancellationToken,
            ("rows", JsonRows.Of(routes, (writer, route) =>
            {
                writer.WriteStringValue(route.Audience);
                writer.WriteStringValue(route.Destination);
                writer.Id(LiveStream.IdOf(route.Destination, Lane.Live));
            })),
            ("partitions", partitions));
    }

    /// <summary>What the lane decided is asked again whatever came of it; what a run did, when the vendor may have it.</summary>
    private static bool IsOfState(Settlement settlement) =>
        settlement.Outcome is not null && settlement.Delivery.Operation is Operation.UpsertProfile or Operation.AddMember or Operation.RemoveMember
        && (settlement.Delivery.State is not null || settlement.Outcome is LedgerOutcome.Delivered or LedgerOutcome.Unchanged || settlement.Undone || settlement.MaybeSent);

    private static async Task<bool> IsUsedAsync(DbSession session, string? destination, CancellationToken cancellationToken) =>
        await session.ScalarAsync(
            destination is null ? "SELECT 1 FROM live_routes LIMIT 1" : "SELECT 1 FROM live_routes WHERE destination = @destination LIMIT 1",
            cancellationToken, destination is null ? [] : [("destination", destination)]) is not null;
}
