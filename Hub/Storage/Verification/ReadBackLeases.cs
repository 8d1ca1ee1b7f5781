using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.Verification;

/// <summary>Leases of read-backs; they stand in the table of leases under a lane in which nothing is ever delivered.</summary>
internal sealed class ReadBackLeases : IReadBackLeases
{
    private const int Partition = 0;

    public async Task<ReadBackLease?> TakeAsync(HubDbContext db, string destination, string audience, string owner, TimeSpan length, CancellationToken cancellationToken)
    {
        var lease = await LeaseTable.TakeAsync(db, destination, LaneOf(audience), Partition, owner, length, cancellationToken);
        return lease is null ? null : new ReadBackLease(destination, audience, owner, lease.Epoch);
    }

    public Task<bool> RenewAsync(HubDbContext db, ReadBackLease lease, TimeSpan length, CancellationToken cancellationToken) =>
        LeaseTable.RenewAsync(db, Of(lease), length, cancellationToken);

    public Task ReleaseAsync(HubDbContext db, ReadBackLease lease, CancellationToken cancellationToken) =>
        LeaseTable.ReleaseAsync(db, Of(lease), isSettled: true, cancellationToken);

    private static Lease Of(ReadBackLease lease) => new(lease.Destination, LaneOf(lease.Audience), Partition, lease.Owner, lease.Epoch);

    private static string LaneOf(string audience) => $"read-back:{audience}";
}
