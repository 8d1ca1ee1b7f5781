using System.Collections.Concurrent;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// Decides a batch's consent once more at the last moment: when a call was admitted, and before its bytes are written. Between the claim and that
/// moment lie the wait for a place, for quota, and the calls before. One query per call finds whose profile moved; only they are decided again. When it
/// cannot be asked, nobody is sent.
/// </summary>
internal sealed class ConsentRecheck(Destination destination, PreparedBatch batch, OutboxTransaction transactions, IDeliveryStore deliveries, CancellationToken stopping)
{
    private readonly Dictionary<long, ClaimedDelivery> _claimed = batch.Records.ToDictionary(record => record.Delivery.DeliveryId, record => record.Delivery);
    private readonly ConcurrentDictionary<long, string?> _withheld = new();
    private readonly ConcurrentDictionary<long, bool> _cleared = new();

    /// <summary>What a connector asks before a call.</summary>
    public LastLook Look => FindWithheldAsync;

    /// <summary>True when the person's consent is why the record was withheld, and not that the hub stops or nobody could be asked.</summary>
    public bool IsWithheld(long deliveryId) => _withheld.ContainsKey(deliveryId);

    /// <summary>Why the person may not be sent any more; null when the record is to be claimed anew.</summary>
    public string? WhyWithheld(long deliveryId) => _withheld.GetValueOrDefault(deliveryId);

    /// <summary>True when a call that writes the record was let through, so that the vendor may have it.</summary>
    public bool WasCleared(long deliveryId) => _cleared.ContainsKey(deliveryId);

    private async ValueTask<IReadOnlySet<long>> FindWithheldAsync(IReadOnlyList<long> recordIds, CancellationToken cancellationToken)
    {
        var withheld = stopping.IsCancellationRequested ? recordIds.ToHashSet() : await DecideAsync(recordIds, cancellationToken);
        if (withheld.Count == 0)
        {
            foreach (var record in recordIds)
            {
                _cleared.TryAdd(record, true);
            }
        }

        return withheld;
    }

    private async Task<HashSet<long>> DecideAsync(IReadOnlyList<long> recordIds, CancellationToken cancellationToken)
    {
        if (!DependsOnConsent(batch.Operation))
        {
            return [];
        }

        try
        {
            var claimed = recordIds.Select(record => _claimed[record]).ToList();
            var moved = await transactions.ReadAsync(db => deliveries.FindMovedAsync(db, claimed, cancellationToken));
            return moved.Count == 0 ? [] : [.. claimed.Where(delivery => moved.TryGetValue(delivery.ProfileId, out var consent) && Withholds(delivery, consent)).Select(delivery => delivery.DeliveryId)];
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return [.. recordIds];
        }
    }

    private bool Withholds(ClaimedDelivery delivery, string? consent)
    {
        if (delivery.Operation == Operation.SetConsent)
        {
            // What is written has to be what stands: the next claim has it.
            if (consent == delivery.ConsentJson)
            {
                return false;
            }

            _withheld[delivery.DeliveryId] = null;
            return true;
        }

        var decision = consent is null ? default : destination.Decide(consent);
        if (consent is not null && decision.Allowed)
        {
            return false;
        }

        _withheld[delivery.DeliveryId] = consent is null ? null : decision.Code;
        return true;
    }

    private static bool DependsOnConsent(Operation operation) => operation is Operation.UpsertProfile or Operation.AddMember or Operation.TrackEvent or Operation.SetConsent;
}
