using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>
/// How many memberships the live lane has begun and ended by itself, per destination, audience and operation, within a window that begins with the first of them; and what it left to a run
/// that a person looks at. The same SQL on both dialects.
/// </summary>
public static class LiveGuards
{
    private const string Row = "destination = @destination AND audience = @audience AND operation = @operation";

    /// <summary>Takes what may still pass, before it is sent: turns of several partitions take it one after the other. In the caller's transaction.</summary>
    /// <param name="db">The database.</param>
    /// <param name="membership">Whose, and what happens to it.</param>
    /// <param name="wanted">How many, from 1.</param>
    /// <param name="limit">How many may pass within a window, by how many members the destination had when it began.</param>
    /// <param name="window">Length of the window.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many may be sent, from 0 to <paramref name="wanted"/>.</returns>
    public static async Task<int> TakeAsync(
        HubDbContext db, GuardedMembership membership, int wanted, Func<long, decimal> limit, TimeSpan window, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(limit);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            """
            INSERT INTO live_guards (destination, audience, operation, began_at, members, passed, held) VALUES (@destination, @audience, @operation, @now, -1, 0, 0)
            ON CONFLICT (destination, audience, operation) DO NOTHING
            """,
            cancellationToken, [.. Named(membership), ("now", now)]);
        var (beganAt, members, passed) = (await session.ReadAsync(
            $"UPDATE live_guards SET passed = passed WHERE {Row} RETURNING began_at, members, passed",
            row => (row.Time(0), row.GetInt64(1), row.GetInt64(2)), cancellationToken, Named(membership))).Single();
        if (members < 0 || beganAt + window <= now)
        {
            (beganAt, passed) = (now, 0);
            members = (long)(await session.ScalarAsync(
                "SELECT count(*) FROM destination_members WHERE destination = @destination AND audience = @audience AND is_member", cancellationToken,
                ("destination", membership.Destination), ("audience", membership.Audience)))!;
        }

        var granted = (int)Math.Clamp(Math.Floor(limit(members)) - passed, 0, wanted);
        await session.ExecuteAsync(
            $"UPDATE live_guards SET began_at = @began, members = @members, passed = @passed WHERE {Row}", cancellationToken,
            [.. Named(membership), ("began", beganAt), ("members", members), ("passed", passed + granted)]);
        return granted;
    }

    /// <summary>What was taken and did not come about: it is taken again when it is tried again.</summary>
    public static async Task GiveBackAsync(HubDbContext db, GuardedMembership membership, int count, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync($"UPDATE live_guards SET passed = CASE WHEN passed > @count THEN passed - @count ELSE 0 END WHERE {Row}", cancellationToken, [.. Named(membership), ("count", (long)count)]);
    }

    /// <summary>Notes that some were held.</summary>
    public static async Task HoldAsync(HubDbContext db, GuardedMembership membership, int count, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"UPDATE live_guards SET held = held + @count, held_since = coalesce(held_since, {session.Instant("@now")}) WHERE {Row}", cancellationToken, [.. Named(membership), ("count", (long)count), ("now", now)]);
    }

    /// <summary>What is held and was not asked about yet, the longest first.</summary>
    public static async Task<IReadOnlyList<HeldMemberships>> ListHeldAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT destination, audience, operation, held, members, held_since FROM live_guards WHERE held_since IS NOT NULL AND operation {OperationCode.InRange} ORDER BY held_since, destination, audience, operation",
            row => new HeldMemberships(new GuardedMembership(row.GetString(0), row.GetString(1), OperationCode.ToOperation(row.GetInt16(2))), row.GetInt64(3), row.GetInt64(4), row.Time(5)), cancellationToken);
    }

    /// <summary>A person is asked about everything that is held of an audience: what is held from now on is asked about anew.</summary>
    public static async Task AskedAsync(HubDbContext db, string destination, string audience, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            "UPDATE live_guards SET held = 0, held_since = NULL WHERE destination = @destination AND audience = @audience", cancellationToken, ("destination", destination), ("audience", audience));
    }

    private static (string, object?)[] Named(GuardedMembership membership) =>
        [("destination", membership.Destination), ("audience", membership.Audience), ("operation", membership.Operation.ToCode())];
}
