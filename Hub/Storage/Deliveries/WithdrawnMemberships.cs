using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>
/// Memberships that may have to end because the person's consent is another one: owed in the urgent lane, to every destination that holds one, whether or not it is told live. Whether they end
/// is decided at the claim, by the consent of that moment. The same SQL on both dialects, in the caller's transaction.
/// </summary>
internal static class WithdrawnMemberships
{
    /// <summary>Destinations that the hub that started last knows, with the urgent stream of each.</summary>
    public static async Task<IReadOnlyList<UrgentStream>> StreamsAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            "SELECT destination, min(partitions) FROM identity_routes WHERE stream_id IS NOT NULL GROUP BY destination ORDER BY destination",
            row => new UrgentStream(row.GetString(0), LiveStream.IdOf(row.GetString(0)), row.GetInt32(1)), cancellationToken);
    }

    /// <summary>
    /// Owes a look at the memberships of people whose consent changed: those that the hub made, or may have, and those that a run or a vendor job may be making. Once more each time: the row
    /// of before may be under way. A profile that another one shows is not among them: what becomes of it there is owed by the change of identity (<see cref="IdentityDues"/>), and first.
    /// </summary>
    public static async Task OweAsync(HubDbContext db, IReadOnlyCollection<long> profileIds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (profileIds.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var rows = JsonRows.Of(profileIds, (writer, id) => writer.WriteNumberValue(id));
        foreach (var (destination, stream, partitions) in await StreamsAsync(db, cancellationToken))
        {
            await session.ExecuteAsync(
                $"""
                {Insert(session, "r")}
                FROM {session.Rows(("profile_id", "bigint"))} r {session.Lookup("profiles", "p", "p.profile_id = r.profile_id AND p.person_id IS NULL")}
                CROSS JOIN audience_routes a
                {session.OptionalLookup("destination_members", "m", "m.destination = @destination AND m.audience = a.audience AND m.profile_id = r.profile_id")}
                WHERE a.destination = @destination AND (
                    ((m.is_member OR m.in_doubt) AND m.added_by_hub)
                    OR (EXISTS (SELECT 1 FROM audience_syncs s WHERE s.audience = a.audience AND s.destination = @destination AND s.current_state IN ({RunUnderWay.States}))
                        AND EXISTS (SELECT 1 FROM memberships h WHERE h.audience = a.audience AND h.profile_id = r.profile_id AND h.is_member))
                    OR EXISTS (SELECT 1 FROM bulk_job_rows b JOIN bulk_jobs j ON j.job_id = b.job_id
                        WHERE b.profile_id = r.profile_id AND j.destination = @destination AND j.audience = a.audience))
                """,
                cancellationToken, ("stream", stream), ("destination", destination), ("partitions", partitions), ("now", now), ("rows", rows));
        }
    }

    /// <summary>After a settlement: whom it added, or may have, is looked at once more when the person changed since the claim.</summary>
    public static async Task FollowAsync(HubDbContext db, Lease lease, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<Settlement> added =
        [
            .. settlements.Where(settlement => settlement is { Outcome: not null, Undone: false, Delivery: { Operation: Operation.AddMember, Audience.Length: > 0 } }
                && (settlement.MaybeSent || settlement.Outcome is LedgerOutcome.Delivered or LedgerOutcome.Unchanged)),
        ];
        if (added.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if ((await StreamsAsync(db, cancellationToken)).FirstOrDefault(known => known.Destination == lease.Destination) is not { } route)
        {
            return;
        }

        await session.ExecuteAsync(
            $"""
            {Insert(session, "a")}
            FROM {session.Rows(("profile_id", "bigint"), ("version", "bigint"), ("audience", "text"))} a
            {session.Lookup("profiles", "p", "p.profile_id = a.profile_id")}
            {session.Lookup("destination_members", "m", "m.destination = @destination AND m.audience = a.audience AND m.profile_id = a.profile_id")}
            WHERE p.version <> a.version AND (m.is_member OR m.in_doubt) AND m.added_by_hub
            """,
            cancellationToken, ("stream", route.StreamId), ("destination", route.Destination), ("partitions", route.Partitions), ("now", now),
            ("rows", JsonRows.Of(added, (writer, settlement) =>
            {
                writer.WriteNumberValue(settlement.Delivery.ProfileId);
                writer.WriteNumberValue(settlement.Delivery.ProfileVersion);
                writer.WriteStringValue(settlement.Delivery.Audience);
            })));
    }

    private static string Insert(DbSession session, string person) =>
        $"""
        INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at)
        SELECT DISTINCT {(session.IsSqlite ? "@stream" : "CAST(@stream AS uuid)")}, @destination, '{Lane.Urgent}', CAST({person}.profile_id % @partitions AS integer), 3, {person}.profile_id, a.audience,
            {session.Instant("@now")}, 0, {session.Instant("@now")}
        """;
}
