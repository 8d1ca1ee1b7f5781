using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Reconciliations;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// How people are written who shall not be created: everybody where the destination's file says <c>create: never</c>, else those whom the destination had and did not show the last time. It is read first, and whom it does
/// not have is settled. With <c>create: never</c> whoever is deleted between the read and the write is not created either, since the connector is told so too.
/// </summary>
internal static class ExistingPeople
{
    /// <summary>The vendor had the person and has nobody under the key any more; nobody said that they shall be there again.</summary>
    public const string DeletedThere = FindingCause.DeletedThere;

    /// <summary>True for a batch that could create people who shall not be.</summary>
    public static bool Concerns(Destination destination, PreparedBatch batch) =>
        batch is { Backfill: null, Operation: Operation.UpsertProfile or Operation.AddMember }
        && (!destination.CreatesPeople || (batch.Records.Any(record => record.Delivery.IsUnseen) && ProfileReader.CanRead(destination)));

    /// <summary>Reads, and says what is left to be sent and what is settled by that; or what trouble the destination is in, so that nothing is to be sent.</summary>
    public static async Task<(PreparedBatch Batch, IReadOnlyList<Settlement> Settled, DestinationCondition? Trouble)> OnlyAsync(
        Destination destination, PreparedBatch batch, string lane, CancellationToken cancellationToken)
    {
        try
        {
            var concerned = batch.Records.Where(record => IsConcerned(destination.CreatesPeople, record)).Select(record => record.Item.Key);
            IReadOnlyList<string> fields = destination.CreatesPeople ? [.. destination.MappedFields.Select(field => field.To).Distinct(StringComparer.Ordinal)] : [];
            var found = await ProfileReader.ReadAsync(destination, [.. concerned], fields, cancellationToken, lane);
            var (left, settled) = Split(batch, key => destination.CreatesPeople ? found[key].Any(FieldDifferences.IsAlive) : found.Contains(key), destination.CreatesPeople);
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
    /// <param name="createsPeople">Whether people whom the vendor never had are created.</param>
    public static (PreparedBatch Batch, IReadOnlyList<Settlement> Settled) Split(PreparedBatch batch, Func<string, bool> isThere, bool createsPeople)
    {
        var goes = batch.Records.ToLookup(record => !IsConcerned(createsPeople, record) || isThere(record.Item.Key));
        var (outcome, code) = createsPeople ? (LedgerOutcome.Suppressed, DeletedThere) : (LedgerOutcome.Unchanged, QuietWriting.NoMatch);
        return (batch with { Records = [.. goes[true]], UpdateOnly = batch.UpdateOnly || !createsPeople }, [.. goes[false].Select(record => new Settlement
        {
            Delivery = record.Delivery, Outcome = outcome, Code = code, IsNotThere = true, ForgetRemoteId = record.Delivery.RemoteId is not null,
        })]);
    }

    /// <summary>True for a record that could create somebody who shall not be.</summary>
    public static bool IsConcerned(bool createsPeople, PreparedRecord record) => !createsPeople || record.Delivery.IsUnseen;
}
