using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// Writes down, before a call that must not be repeated, what it is about to send. Whoever finds a mark in a later claim knows that its
/// writer died, or lost the lease, without saying what became of the record.
/// </summary>
internal sealed class SendingMarks(OutboxTransaction transactions, IDeliveryStore deliveries, TimeProvider time)
{
    /// <summary>Marks the records of a batch; of no use, and done without a round trip, where a repeat is harmless.</summary>
    /// <returns>What may be sent of the batch: nothing of it once the lease is lost.</returns>
    public async Task<PreparedBatch> MarkAsync(Destination destination, Lease lease, PreparedBatch batch, CancellationToken cancellationToken)
    {
        if (destination.RepeatIsHarmless(batch.Operation))
        {
            return batch;
        }

        var marked = await transactions.RunAsync(
            (db, _) => deliveries.MarkSendingAsync(db, lease, [.. batch.Records.Select(record => record.Delivery)], time.GetUtcNow(), cancellationToken), cancellationToken);
        return marked.Count == batch.Records.Count ? batch : batch with { Records = [.. batch.Records.Where(record => marked.Contains(record.Delivery.DeliveryId))] };
    }
}
