using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// How fields are written that are written once (<c>mutability: write_once</c> in the mapping): what was written to a person is left out of every later record. A field of which nobody knows whether it
/// arrived is sent again with the same value alone.
/// </summary>
internal sealed class OnceFields(OutboxTransaction transactions)
{
    /// <summary>The record went without a field that was written before.</summary>
    public const string Written = "written_once";

    /// <summary>The record went without a field that may have been written before with another value.</summary>
    public const string InDoubt = "written_once_in_doubt";

    /// <summary>Offers the fields of a batch, which is committed before its call; what may not be sent is left out.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What is left to be sent, and what is settled because nothing is left of it.</returns>
    public async Task<(PreparedBatch Batch, IReadOnlyList<Settlement> Settled)> OfferAsync(Destination destination, PreparedBatch batch, CancellationToken cancellationToken)
    {
        var offers = destination.OnceFields.Count == 0 ? [] : batch.Records.SelectMany(record => Of(destination, record).Select(field => (record.Delivery.ProfileId, field.Name, HashOf(field.Value)))).ToList();
        if (offers.Count == 0)
        {
            return (batch, []);
        }

        if (batch.Records.All(static record => record.Delivery.TakesBack))
        {
            return (batch with { Records = [.. batch.Records.Select(record => record with { Offered = [.. Of(destination, record).Select(static field => new OfferedField(field.Name, IsFirst: false))] })] }, []);
        }

        return Split(destination, batch, await transactions.RunAsync((db, _) => WrittenFields.OfferAsync(db, destination.Name, offers, cancellationToken), cancellationToken));
    }

    /// <summary>What is left of a batch, and what is settled because nothing is left of it. Pure.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="offered">How its fields stand after they were offered.</param>
    public static (PreparedBatch Batch, IReadOnlyList<Settlement> Settled) Split(
        Destination destination, PreparedBatch batch, IReadOnlyDictionary<(long ProfileId, string Field), (WrittenField Stands, bool IsFirst)> offered)
    {
        var (left, settled) = (new List<PreparedRecord>(batch.Records.Count), new List<Settlement>());
        foreach (var record in batch.Records)
        {
            var (kept, names, notes) = (new List<Field>(record.Item.Fields.Count), new List<OfferedField>(), new SortedSet<string>(StringComparer.Ordinal));
            foreach (var field in record.Item.Fields)
            {
                if (!destination.OnceFields.Contains(field.Name))
                {
                    kept.Add(field);
                }
                else if (field.Value.Kind != FieldKind.Null && offered[(record.Delivery.ProfileId, field.Name)] is var (stands, isFirst))
                {
                    if (WhyNot(stands, field.Value) is { } why)
                    {
                        notes.Add(why);
                    }
                    else
                    {
                        kept.Add(field);
                        names.Add(new OfferedField(field.Name, isFirst));
                    }
                }
            }

            var note = notes.Count == 0 ? record.Note : string.Join(';', notes.Prepend(record.Note).OfType<string>());
            if (kept.Count == 0 && notes.Count > 0 && batch.Operation == Operation.UpsertProfile)
            {
                settled.Add(new Settlement { Delivery = record.Delivery, Outcome = LedgerOutcome.Unchanged, Code = note, ConfirmedHash = record.ContentHash, PlanVersion = destination.PlanVersion });
                continue;
            }

            left.Add(record with { Item = record.Item with { Fields = kept }, Offered = names, Note = note });
        }

        return (batch with { Records = left }, settled);
    }

    /// <summary>Why a value may not be sent; null when it may.</summary>
    public static string? WhyNot(WrittenField stands, in FieldValue value) => stands.OfferedHash is not { } hash ? Written : hash == HashOf(value) ? null : InDoubt;

    private static IEnumerable<Field> Of(Destination destination, PreparedRecord record) =>
        record.Item.Fields.Where(field => destination.OnceFields.Contains(field.Name) && (field.Value.Kind != FieldKind.Null || record.Delivery.TakesBack));

    private static string HashOf(in FieldValue value) => VendorValue.HashOf(VendorValue.Canonical(value));
}
