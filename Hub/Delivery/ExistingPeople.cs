using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage.Deliveries;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// How a destination is written that nobody is created in (<c>create: never</c>): it is read first, and whom it does not have is settled. Whoever is deleted between the read and the write is not created either,
/// since the connector is told so too.
/// </summary>
internal static class ExistingPeople
{
    /// <summary>True for a batch that could create people where nobody shall be.</summary>
    public static bool Concerns(Destination destination, PreparedBatch batch) =>
        !destination.CreatesPeople && batch is { Backfill: null, Operation: Operation.UpsertProfile or Operation.AddMember };

    /// <summary>Reads, and says what is left to be sent and what is settled by that; or what trouble the destination is in, so that nothing is to be sent.</summary>
    public static async Task<(PreparedBatch Batch, IReadOnlyList<Settlement> Settled, DestinationCondition? Trouble)> OnlyAsync(
        Destination destination, PreparedBatch batch, string lane, CancellationToken cancellationToken)
    {
        try
        {
            var found = await ProfileReader.ReadAsync(destination, [.. batch.Records.Select(record => record.Item.Key)], [], cancellationToken, lane);
            var (left, settled) = Split(batch, found.Contains);
            return (left, settled, null);
        }
        catch (DestinationException unread)
        {
            return (batch, [], unread.Condition);
        }
    }

    /// <summary>What is left of a batch, and what is settled because nobody is there. Pure.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="isThere">Whether the vendor has somebody under a key.</param>
    public static (PreparedBatch Batch, IReadOnlyList<Settlement> Settled) Split(PreparedBatch batch, Func<string, bool> isThere)
    {
        var known = batch.Records.ToLookup(record => isThere(record.Item.Key));
        return (batch with { Records = [.. known[true]], UpdateOnly = true }, [.. known[false].Select(record => new Settlement
        {
            Delivery = record.Delivery, Outcome = LedgerOutcome.Unchanged, Code = QuietWriting.NoMatch, IsNotThere = true, ForgetRemoteId = record.Delivery.RemoteId is not null,
        })]);
    }
}
