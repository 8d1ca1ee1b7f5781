namespace IntegrationHub.Storage.Deliveries;

/// <summary>
/// Leases of partitions; the same SQL on both dialects. They begin and end by the database's clock, the one that all instances share, and every turn that
/// takes one raises the epoch: two turns are never one owner, even if they should bear one name.
/// </summary>
internal static class LeaseTable
{
    public static async Task<Lease?> TakeAsync(
        HubDbContext db, string destination, string lane, int partition, string owner, TimeSpan length, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(owner);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var before = await session.ScalarAsync(
            "SELECT owner FROM leases WHERE destination = @destination AND lane = @lane AND partition = @partition", cancellationToken,
            ("destination", destination), ("lane", lane), ("partition", partition)) as string;
        var epoch = await session.ScalarAsync(
            $"""
            INSERT INTO leases AS l (destination, lane, partition, owner, epoch, expires_at)
            VALUES (@destination, @lane, @partition, @owner, 1, {session.Clock} + @length)
            ON CONFLICT (destination, lane, partition) DO UPDATE
                SET owner = excluded.owner, epoch = l.epoch + 1, expires_at = excluded.expires_at
                WHERE l.expires_at <= {session.Clock}
            RETURNING epoch
            """,
            cancellationToken,
            ("destination", destination), ("lane", lane), ("partition", partition), ("owner", owner), ("length", length));
        return epoch is long value ? new Lease(destination, lane, partition, owner, value) { Follows = string.IsNullOrEmpty(before) ? null : before } : null;
    }

    public static async Task<bool> RenewAsync(HubDbContext db, Lease lease, TimeSpan length, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            $"UPDATE leases SET expires_at = {session.Clock} + @length {Held}", cancellationToken, [.. Of(lease), ("length", length)]) == 1;
    }

    /// <summary>A lease that was given back keeps its row and its epoch; the owner goes only when nothing is left in doubt.</summary>
    public static async Task ReleaseAsync(HubDbContext db, Lease lease, bool isSettled, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"UPDATE leases SET expires_at = {session.Clock}, owner = {(isSettled ? "''" : "owner")} {Held}", cancellationToken, Of(lease));
    }

    /// <summary>True while nobody else took the lease.</summary>
    public static async Task<bool> IsHeldAsync(DbSession session, Lease lease, CancellationToken cancellationToken) =>
        await session.ScalarAsync($"SELECT 1 FROM leases {Held}", cancellationToken, Of(lease)) is not null;

    private const string Held = "WHERE destination = @destination AND lane = @lane AND partition = @partition AND owner = @owner AND epoch = @epoch";

    private static (string, object?)[] Of(Lease lease) =>
        [("destination", lease.Destination), ("lane", lease.Lane), ("partition", lease.Partition), ("owner", lease.Owner), ("epoch", lease.Epoch)];
}
