using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Storage.Deliveries;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// How fields are written that the hub only fills (<c>mutability: fill_empty</c> in the mapping): the vendor is read first, and what has a value there stays. Between the read and the write somebody else may fill it: that is
/// seen by nobody.
/// </summary>
internal static class EmptyFields
{
    /// <summary>The record went without a field that has a value at the vendor.</summary>
    public const string Filled = "fill_empty_filled";

    /// <summary>True for a batch that could write over such a field.</summary>
    public static bool Concerns(Destination destination, PreparedBatch batch) =>
        batch is { Backfill: null, Operation: Operation.UpsertProfile or Operation.AddMember } && batch.Records.Any(record => IsConcerned(destination, record));

    /// <summary>True for a record that could write over such a field.</summary>
    public static bool IsConcerned(Destination destination, PreparedRecord record) => record.Item.Fields.Any(field => destination.FilledFields.Contains(field.Name));

    /// <summary>Reads, and says what is left to be sent and what is settled by that; or what trouble the destination is in, so that nothing is to be sent.</summary>
    public static async Task<(PreparedBatch Batch, IReadOnlyList<Settlement> Settled, DestinationCondition? Trouble)> OnlyAsync(
        Destination destination, PreparedBatch batch, string lane, CancellationToken cancellationToken)
    {
        try
        {
            var found = await ProfileReader.ReadAsync(destination, [.. batch.Records.Select(record => record.Item.Key)], [.. destination.FilledFields], cancellationToken, lane);
            var (left, settled) = Split(destination, batch, key => [.. found[key]]);
            return (left, settled, null);
        }
        catch (DestinationException unread)
        {
            return (batch, [], unread.Condition);
        }
    }

    /// <summary>What is left of a batch, and what is settled because nothing is left of it. Pure.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="shown">Whom the vendor has under a key.</param>
    public static (PreparedBatch Batch, IReadOnlyList<Settlement> Settled) Split(Destination destination, PreparedBatch batch, Func<string, IReadOnlyList<RemoteProfile>> shown)
    {
        var (left, settled) = (new List<PreparedRecord>(batch.Records.Count), new List<Settlement>());
        foreach (var record in batch.Records)
        {
            var profiles = shown(record.Item.Key);
            var kept = record.Item.Fields.Where(field => !destination.FilledFields.Contains(field.Name) || (field.Value.Kind != FieldKind.Null && !HasValue(destination, profiles, field.Name))).ToList();
            var isFilled = record.Item.Fields.Any(field => field.Value.Kind != FieldKind.Null && kept.TrueForAll(one => one.Name != field.Name));
            if (kept.Count == 0 && batch.Operation == Operation.UpsertProfile)
            {
                settled.Add(new Settlement
                {
                    Delivery = record.Delivery, Outcome = LedgerOutcome.Unchanged, Code = Filled, RemoteId = profiles is [{ RemoteId: { } id }] ? id : null, ConfirmedHash = record.ContentHash, PlanVersion = destination.PlanVersion,
                });
                continue;
            }

            left.Add(record with { Item = record.Item with { Fields = kept }, Note = isFilled ? record.Note is null ? Filled : $"{record.Note};{Filled}" : record.Note });
        }

        return (batch with { Records = left }, settled);
    }

    /// <summary>True when the vendor shows a value; whoever lies in its recycle bin shows none.</summary>
    public static bool HasValue(Destination destination, IEnumerable<RemoteProfile> profiles, string field) =>
        profiles.Where(FieldDifferences.IsAlive).Any(profile => VendorValue.Canonical(profile.Fields.GetValueOrDefault(field), destination.KindOf(field)).Length > 0);
}
