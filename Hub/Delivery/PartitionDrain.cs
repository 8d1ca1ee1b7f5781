using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Privacy;
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
    LiveGuardrail guardrail,
    PolicyInForce policy,
    ClaimSettler settler,
    DestinationHealth health,
    Doorbell doorbell,
    OpenTurns turns,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<PartitionDrain> logger)
{
    /// <summary>When to look again at somebody of whom it is said first who they are at the destination.</summary>
    private static readonly TimeSpan _afterIdentity = TimeSpan.FromSeconds(1);

    private long _turns;

    /// <summary>Takes a turn on the partition; does nothing when another one holds its lease, the destination is blocked or this hub sends nothing.</summary>
    public async Task RunAsync(string destinationName, string lane, int partition, CancellationToken cancellationToken)
    {
        using var turn = turns.Open();
        if (turn is null
            || !options.Value.Sends
            || policy.IsBehind
            || destinations.Find(destinationName) is not { } destination
            || await health.FindBlockAsync(destinationName, lane, cancellationToken) is not null)
        {
            return;
        }

        var decidedBy = await policy.FindAsync(cancellationToken); // before the lease: whoever cannot say by what it decides holds nothing
        var owner = $"{instance.Name}-{Interlocked.Increment(ref _turns)}";
        var lease = await transactions.RunAsync(
            (db, _) => deliveries.TakeLeaseAsync(db, destinationName, lane, partition, owner, options.Value.LeaseLength, cancellationToken), cancellationToken);
        if (lease is null)
        {
            return;
        }

        lease = lease with { PolicyId = decidedBy, ConfigVersion = policy.ConfigVersion };
        var end = await RunAsync(destination, lease, cancellationToken);
        if (!turns.Stopping.IsCancellationRequested && (end == TurnEnd.Over || (end == TurnEnd.Empty && await HasWorkAsync(lease, cancellationToken))))
        {
            await doorbell.RingAsync([new PartitionWithWork(destinationName, lane, partition)], cancellationToken);
        }
    }

    /// <summary>What became owed between the last claim and the end of the lease was rung for in vain: nobody answers while a lease is held.</summary>
    private async Task<bool> HasWorkAsync(Lease lease, CancellationToken cancellationToken) =>
        (await transactions.ReadAsync(db => deliveries.ClaimAsync(db, lease, time.GetUtcNow(), 1, cancellationToken))).Count > 0;

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
                return TurnEnd.Waiting;
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
                return TurnEnd.Waiting;
            }

            if (turn == BulkTurn.None && await TakeOneClaimAsync(destination, lease, cancellationToken) is { } end)
            {
                return end;
            }

            if (await health.FindBlockAsync(destination.Name, lease.Lane, cancellationToken) is not null)
            {
                return TurnEnd.Waiting;
            }

            if (time.GetElapsedTime(started) >= options.Value.TimeSlice)
            {
                return TurnEnd.Over;
            }
        }

        return TurnEnd.Waiting;
    }

    /// <summary>What the turn before claimed, and said nothing of, the vendor may have; nobody else has to wait for its calls any more.</summary>
    private Task TakeUpAsync(Destination destination, Lease lease, string before, CancellationToken cancellationToken) => transactions.RunAsync(
        async (db, _) =>
        {
            await deliveries.MarkMaybeSentAsync(db, lease, BulkDrain.LargestClaim(destination, options.Value), cancellationToken);
            await deliveries.LeaveCallsOfAsync(db, lease.Destination, before, cancellationToken);
        },
        cancellationToken);

    /// <summary>Null when the turn goes on.</summary>
    private async Task<TurnEnd?> TakeOneClaimAsync(Destination destination, Lease lease, CancellationToken cancellationToken)
    {
        if (await ClaimAsync(destination, lease, cancellationToken) is not { } preparation)
        {
            return TurnEnd.Empty;
        }

        var soon = time.GetUtcNow() + _afterIdentity;
        var settlements = new List<Settlement>(await sender.UnderWay.AwaitGivenUpAsync(preparation.Settled, cancellationToken));
        settlements.AddRange(preparation.Waiting.Select(delivery => new Settlement { Delivery = delivery.WithoutProfile(), DueAt = soon, MaybeSent = delivery.MaybeSent }));
        var guarded = await guardrail.PassAsync(destination, lease, preparation.Batches, cancellationToken);
        settlements.AddRange(guarded.Held);
        var sent = await sender.SendAsync(destination, lease, guarded.Batches, cancellationToken);
        settlements.AddRange(sent);
        await guardrail.SentAsync(guarded, sent, CancellationToken.None);
        return settlements.Count > 0 && await settler.SettleAsync(lease, settlements, null, CancellationToken.None) && !cancellationToken.IsCancellationRequested
            ? null
            : TurnEnd.Waiting;
    }

    /// <summary>The claim itself ends here: its profiles are not held while the batches are on their way.</summary>
    private async Task<ClaimPreparation?> ClaimAsync(Destination destination, Lease lease, CancellationToken cancellationToken)
    {
        var limit = lease.Lane == Lane.Backfill ? destination.BackfillClaimSize(options.Value.ClaimSize) : destination.ClaimSize(options.Value.ClaimSize);
        var claim = await transactions.ReadAsync(db => deliveries.ClaimAsync(db, lease, time.GetUtcNow(), limit, cancellationToken));
        if (claim.Count == 0)
        {
            return null;
        }

        claim = lease.Lane == Lane.Backfill ? await sender.OpenWaitsAsync(claim, cancellationToken) : claim;

        var keyHolders = await transactions.ReadAsync(db => deliveries.FindKeyHoldersAsync(db, destination, claim, cancellationToken));
        var ahead = await transactions.ReadAsync(db => deliveries.FindIdentityAheadAsync(db, destination, claim, cancellationToken));
        return ClaimPreparation.For(destination, claim, mayWait: claim.Count == limit, keyHolders: keyHolders, ahead: ahead, at: time.GetUtcNow());
    }

    private enum TurnEnd
    {
        /// <summary>Nothing was due.</summary>
        Empty,

        /// <summary>What is due has to wait, for somebody who rings again.</summary>
        Waiting,

        /// <summary>The turn is over, and more may be due.</summary>
        Over,
    }

    [LoggerMessage(1143, LogLevel.Warning, "Could not renew the lease of {Destination} partition {Partition} ({Error})")]
    private partial void LogRenewalFailed(string destination, int partition, string error);
}
