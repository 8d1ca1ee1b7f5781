using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using MassTransit;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Delivery;

/// <summary>Works off one partition under its lease: claim, prepare, send, settle, until it is empty, blocked or its turn is over.</summary>
internal sealed partial class PartitionDrain(
    HubInstance instance,
    DestinationDirectory destinations,
    OutboxTransaction transactions,
    IDeliveryStore deliveries,
    BatchSender sender,
    BulkDrain bulk,
    ClaimSettler settler,
    DestinationHealth health,
    Doorbell doorbell,
    OpenTurns turns,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<PartitionDrain> logger)
{
    private long _turns;

    /// <summary>Takes a turn on the partition; does nothing when another one holds its lease or the destination is blocked.</summary>
    public async Task RunAsync(string destinationName, string lane, int partition, CancellationToken cancellationToken)
    {
        using var turn = turns.Open();
        if (turn is null
            || destinations.Find(destinationName) is not { } destination
            || await health.FindBlockAsync(destinationName, lane, cancellationToken) is not null)
        {
            return;
        }

        var owner = $"{instance.Name}-{Interlocked.Increment(ref _turns)}";
        var lease = await transactions.RunAsync(
            (db, _) => deliveries.TakeLeaseAsync(db, destinationName, lane, partition, owner, options.Value.LeaseLength, cancellationToken), cancellationToken);
        if (lease is null)
        {
            return;
        }

        var end = await RunAsync(destination, lease, cancellationToken);
        if ((end == TurnEnd.MoreWork || (end == TurnEnd.Empty && lease.IsLive && await HasComeAsync(lease, cancellationToken))) && !turns.Stopping.IsCancellationRequested)
        {
            await doorbell.RingAsync([new PartitionWithWork(destinationName, lane, partition)], cancellationToken);
        }
    }

    /// <summary>Whoever rang while the lease was held was not heard: what came after the last claim would wait for the sweeper.</summary>
    private async Task<bool> HasComeAsync(Lease lease, CancellationToken cancellationToken) =>
        (await transactions.ReadAsync(db => deliveries.FindLiveWorkAsync(db, time.GetUtcNow(), cancellationToken))).Contains(new PartitionWithWork(lease.Destination, lease.Lane, lease.Partition));

    /// <summary>Works under the lease and gives it back.</summary>
    private async Task<TurnEnd> RunAsync(Destination destination, Lease lease, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, turns.Ended);
        var isSettled = false;
        try
        {
            await using var renewal = LeaseRenewal.Start(
                token => transactions.RunAsync((db, _) => deliveries.RenewLeaseAsync(db, lease, options.Value.LeaseLength, token), token),
                options.Value.LeaseLength,
                time,
                failure => LogRenewalFailed(lease.Destination, lease.Partition, failure.GetType().Name),
                ended.Token);
            try
            {
                var end = await DrainAsync(destination, lease, renewal.Token);
                isSettled = true;
                return end;
            }
            catch (OperationCanceledException) when (renewal.Token.IsCancellationRequested)
            {
                // Lost, or stopped: its next owner goes on.
                return TurnEnd.Stuck;
            }
        }
        finally
        {
            await transactions.RunAsync((db, _) => deliveries.ReleaseLeaseAsync(db, lease, isSettled, CancellationToken.None), CancellationToken.None);
        }
    }

    private async Task<TurnEnd> DrainAsync(Destination destination, Lease lease, CancellationToken cancellationToken)
    {
        if (lease.Follows is { } before)
        {
            await TakeUpAsync(destination, lease, before, cancellationToken);
        }

        var started = time.GetTimestamp();
        var tryBulk = true;
        while (!turns.Stopping.IsCancellationRequested)
        {
            var turn = tryBulk ? await bulk.TakeTurnAsync(destination, lease, cancellationToken) : BulkTurn.None;
            tryBulk = turn == BulkTurn.Settled;
            if (turn == BulkTurn.Waiting)
            {
                return TurnEnd.Stuck;
            }

            if (turn == BulkTurn.None && await TakeOneClaimAsync(destination, lease, cancellationToken) is not TurnEnd.MoreWork and var end)
            {
                return end;
            }

            if (await health.FindBlockAsync(destination.Name, lease.Lane, cancellationToken) is not null)
            {
                return TurnEnd.Stuck;
            }

            if (time.GetElapsedTime(started) >= options.Value.TimeSlice)
            {
                return TurnEnd.MoreWork;
            }
        }

        return TurnEnd.Stuck;
    }

    /// <summary>What the turn before claimed, and said nothing of, the vendor may have; nobody else has to wait for its calls any more.</summary>
    private Task TakeUpAsync(Destination destination, Lease lease, string before, CancellationToken cancellationToken) => transactions.RunAsync(
        async (db, _) =>
        {
            await deliveries.MarkMaybeSentAsync(db, lease, BulkDrain.LargestClaim(destination, options.Value), cancellationToken);
            await deliveries.LeaveCallsOfAsync(db, lease.Destination, before, cancellationToken);
        },
        cancellationToken);

    private async Task<TurnEnd> TakeOneClaimAsync(Destination destination, Lease lease, CancellationToken cancellationToken)
    {
        if (await ClaimAsync(destination, lease, cancellationToken) is not { } preparation)
        {
            return TurnEnd.Empty;
        }

        var settlements = new List<Settlement>(await sender.UnderWay.AwaitGivenUpAsync(preparation.Settled, cancellationToken));
        settlements.AddRange(await sender.SendAsync(destination, lease, preparation.Batches, cancellationToken));
        return settlements.Count > 0 && await settler.SettleAsync(lease, settlements, null, CancellationToken.None) && !cancellationToken.IsCancellationRequested ? TurnEnd.MoreWork : TurnEnd.Stuck;
    }

    /// <summary>The claim itself ends here: its profiles are not held while the batches are on their way.</summary>
    private async Task<ClaimPreparation?> ClaimAsync(Destination destination, Lease lease, CancellationToken cancellationToken)
    {
        var limit = destination.ClaimSize(options.Value.ClaimSize);
        var claim = await transactions.ReadAsync(db => deliveries.ClaimAsync(db, lease, time.GetUtcNow(), limit, cancellationToken));
        if (claim.Count == 0)
        {
            return null;
        }

        var keyHolders = await transactions.ReadAsync(db => deliveries.FindKeyHoldersAsync(db, destination, claim, cancellationToken));
        return ClaimPreparation.For(destination, claim, mayWait: claim.Count == limit, keyHolders: keyHolders);
    }

    [LoggerMessage(1143, LogLevel.Warning, "Could not renew the lease of {Destination} partition {Partition} ({Error})")]
    private partial void LogRenewalFailed(string destination, int partition, string error);

    /// <summary>How a turn, or a claim of it, came to its end.</summary>
    private enum TurnEnd
    {
        /// <summary>Nothing is due.</summary>
        Empty,

        /// <summary>Nothing goes on for now: the destination is in trouble, the lease is lost, or the hub stops.</summary>
        Stuck,

        /// <summary>There may be more to do.</summary>
        MoreWork,
    }
}
