using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>Settles what came of a claim in one transaction, fenced by its lease, and says how far its runs are.</summary>
internal sealed partial class ClaimSettler(OutboxTransaction transactions, IDeliveryStore deliveries, HubTelemetry telemetry, TimeProvider time, ILogger<ClaimSettler> logger)
{
    /// <summary>
    /// How long to try again when the database does not answer: what a vendor told would be lost otherwise, and be in doubt where it must not be
    /// repeated. Well within a lease.
    /// </summary>
    private static readonly double[] _pauses = [0.1, 0.3, 1, 2, 4];

    /// <summary>Settles.</summary>
    /// <param name="lease">The lease under which the records were claimed.</param>
    /// <param name="settlements">One per record that has an outcome.</param>
    /// <param name="alongside">What else belongs into the transaction, or null.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>False when the lease was lost: nothing was written.</returns>
    public async Task<bool> SettleAsync(
        Lease lease, IReadOnlyList<Settlement> settlements, Func<HubDbContext, Task>? alongside, CancellationToken cancellationToken)
    {
        for (var attempt = 0; alongside is null && attempt < _pauses.Length; attempt++)
        {
            try
            {
                return await SettleOnceAsync(lease, settlements, null, cancellationToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                LogFailed(lease.Destination, lease.Lane, lease.Partition, settlements.Count, failure.GetType().Name);
                await Task.Delay(TimeSpan.FromSeconds(_pauses[attempt]), time, cancellationToken);
            }
        }

        return await SettleOnceAsync(lease, settlements, alongside, cancellationToken);
    }

    /// <summary>Twice is as good as once: rows that are gone stay gone, with the outcome that they have.</summary>
    private async Task<bool> SettleOnceAsync(
        Lease lease, IReadOnlyList<Settlement> settlements, Func<HubDbContext, Task>? alongside, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var runs = await transactions.RunAsync<IReadOnlyList<SettledRun>?>(async (db, bus) =>
        {
            List<long> arrived = [.. settlements.Where(settlement => settlement.Arrives).Select(settlement => settlement.Delivery.ProfileId).Distinct()];
            var strangers = arrived.Count == 0 ? [] : await deliveries.FindStrangersAsync(db, lease.Destination, arrived, cancellationToken);
            var settled = await deliveries.SettleAsync(db, lease, settlements, now, cancellationToken);
            if (settled is null)
            {
                return (null, false);
            }

            await WrittenFields.SettleAsync(db, lease.Destination, settlements, now, cancellationToken);
            await deliveries.OweAliasesAsync(db, lease.Destination, strangers, now, cancellationToken);

            await (alongside?.Invoke(db) ?? Task.CompletedTask);
            await OweConsentsAgainAsync(db, lease, settlements, now, cancellationToken);
            foreach (var run in settled)
            {
                if (run.Drained)
                {
                    await RunWord.DeliveredAsync(bus, lease.Lane, run.RunId, now, cancellationToken);
                }
                else if (run.Settled > 0)
                {
                    await RunWord.ProgressedAsync(bus, lease.Lane, run.RunId, run.Settled, now, cancellationToken);
                }
            }

            return (settled, true);
        }, cancellationToken);
        if (runs is null)
        {
            LogLeaseLost(lease.Destination, lease.Lane, lease.Partition, settlements.Count);
            return false;
        }

        telemetry.Settled(lease.Destination, lease.Lane, settlements, now);
        foreach (var run in runs)
        {
            LogSettled(run.RunId, lease.Destination, lease.Lane, lease.Partition, run.Settled, settlements.Count - run.Settled, run.Drained);
        }

        return true;
    }

    /// <summary>
    /// The vendor has got people: whose consent changed while they were on their way, or was told before the vendor knew them, is owed to it once more. What
    /// was told in between may have met nobody, or may have been written over. So is the consent of whom the vendor has otherwise since a change of identity, and another key to whom it got under
    /// an address that is not theirs any more.
    /// </summary>
    private async Task OweConsentsAgainAsync(HubDbContext db, Lease lease, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var arrivals = settlements.Where(settlement => settlement.Arrives).ToList();
        var arrived = arrivals.ConvertAll(settlement => settlement.Delivery);
        List<long> changed = [.. settlements.Where(settlement => settlement is { ChangedIdentity: true, Delivery.Operation: Operation.ChangeKey or Operation.MergeProfiles }).Select(settlement => settlement.Delivery.ProfileId)];
        if (arrived.Count + changed.Count == 0)
        {
            return;
        }

        var moved = arrived.Count == 0 ? CallEntry.NobodyMoved : await deliveries.FindMovedAsync(db, arrived, cancellationToken);
        await deliveries.OweConsentsAgainAsync(
            db, lease.Destination, [.. arrived.Select(delivery => delivery.ProfileId), .. changed],
            [.. changed, .. arrived.Where(delivery => moved.TryGetValue(delivery.ProfileId, out var person) && person.ConsentJson != delivery.ConsentJson).Select(delivery => delivery.ProfileId)],
            now, cancellationToken);
        await deliveries.OweKeysAsync(db, lease.Destination, [.. arrivals.Where(HasAnotherAddress).Select(settlement => (settlement.Delivery.ProfileId, settlement.SentKey!))], now, cancellationToken);

        bool HasAnotherAddress(Settlement settlement) =>
            settlement.SentKey is not null && moved.TryGetValue(settlement.Delivery.ProfileId, out var person) && person.Email is not null && NormalKey.OfEmail(person.Email) != NormalKey.OfEmail(settlement.SentKey);
    }

    [LoggerMessage(1141, LogLevel.Information, "Run {RunId}: settled a claim of {Destination}/{Lane} partition {Partition}: {Settled} settled, {Later} for later, drained {Drained}")]
    private partial void LogSettled(Guid runId, string destination, string lane, int partition, int settled, int later, bool drained);

    [LoggerMessage(1144, LogLevel.Warning, "Could not settle {Records} records of {Destination}/{Lane} partition {Partition} ({Error}); it is tried again under the same lease")]
    private partial void LogFailed(string destination, string lane, int partition, int records, string error);

    [LoggerMessage(1142, LogLevel.Warning, "Lost the lease of {Destination}/{Lane} partition {Partition} while sending: {Records} records are left to its new owner")]
    private partial void LogLeaseLost(string destination, string lane, int partition, int records);
}
