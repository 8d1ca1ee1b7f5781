using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using MassTransit;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Delivery;

/// <summary>Works off one partition under its lease: claim, prepare, send, settle, until it is empty, blocked or its turn is over.</summary>
internal sealed partial class PartitionDrain(
    DestinationDirectory destinations,
    OutboxTransaction transactions,
    IDeliveryStore deliveries,
    BatchSender sender,
    BulkDrain bulk,
    ClaimSettler settler,
    DestinationHealth health,
    Doorbell doorbell,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<PartitionDrain> logger)
{
    private readonly string _instance = NewId.NextGuid().ToString("N")[..12];
    private long _turns;

    /// <summary>Takes a turn on the partition; does nothing when another one holds its lease or the destination is blocked.</summary>
    public async Task RunAsync(string destinationName, string lane, int partition, CancellationToken cancellationToken)
    {
        if (destinations.Find(destinationName) is not { } destination
            || await health.FindBlockAsync(destinationName, lane, cancellationToken) is not null)
        {
            return;
        }

        var owner = $"{_instance}-{Interlocked.Increment(ref _turns)}";
        var lease = await TakeLeaseAsync(destinationName, lane, partition, owner, cancellationToken);
        if (lease is null)
        {
            return;
        }

        bool moreWork;
        try
        {
            moreWork = await DrainAsync(destination, lease, cancellationToken);
        }
        finally
        {
            await transactions.RunAsync((db, _) => deliveries.ReleaseLeaseAsync(db, lease, CancellationToken.None), CancellationToken.None);
        }

        if (moreWork)
        {
            await doorbell.RingAsync([new PartitionWithWork(destinationName, lane, partition)], cancellationToken);
        }
    }

    private async Task<bool> DrainAsync(Destination destination, Lease lease, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < options.Value.TimeSlice)
        {
            await using (var renewal = LeaseRenewal.Start(
                token => TakeLeaseAsync(lease.Destination, lease.Lane, lease.Partition, lease.Owner, token),
                options.Value.LeaseLength / 3,
                time,
                failure => LogRenewalFailed(lease.Destination, lease.Partition, failure.GetType().Name),
                cancellationToken))
            {
                if (!await TakeOneClaimAsync(destination, lease, renewal.Token))
                {
                    return false;
                }
            }

            if (await health.FindBlockAsync(destination.Name, lease.Lane, cancellationToken) is not null)
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> TakeOneClaimAsync(Destination destination, Lease lease, CancellationToken cancellationToken)
    {
        if (await bulk.TakeTurnAsync(destination, lease, cancellationToken) is var turn && turn != BulkTurn.None)
        {
            return turn == BulkTurn.Settled;
        }

        if (await ClaimAsync(destination, lease, cancellationToken) is not { } preparation)
        {
            return false;
        }

        var settlements = new List<Settlement>(preparation.Settled);
        settlements.AddRange(await sender.SendAsync(destination, lease, preparation.Batches, cancellationToken));
        return settlements.Count > 0 && await settler.SettleAsync(lease, settlements, null, cancellationToken);
    }

    /// <summary>The claim itself ends here: its profiles are not held while the batches are on their way.</summary>
    private async Task<ClaimPreparation?> ClaimAsync(Destination destination, Lease lease, CancellationToken cancellationToken)
    {
        var limit = destination.ClaimSize(options.Value.ClaimSize);
        var claim = await transactions.ReadAsync(db => deliveries.ClaimAsync(db, lease, time.GetUtcNow(), limit, cancellationToken));
        return claim.Count == 0 ? null : ClaimPreparation.For(destination, claim, mayWait: claim.Count == limit);
    }

    private Task<Lease?> TakeLeaseAsync(string destination, string lane, int partition, string owner, CancellationToken cancellationToken) =>
        transactions.RunAsync((db, _) => deliveries.TakeLeaseAsync(db, destination, lane, partition, owner, time.GetUtcNow(), options.Value.LeaseLength, cancellationToken), cancellationToken);

    [LoggerMessage(1143, LogLevel.Warning, "Could not renew the lease of {Destination} partition {Partition} ({Error})")]
    private partial void LogRenewalFailed(string destination, int partition, string error);
}
