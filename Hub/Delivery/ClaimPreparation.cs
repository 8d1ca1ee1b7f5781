using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Delivery;

/// <summary>A claimed record that is ready to be sent.</summary>
internal sealed record PreparedRecord(ClaimedDelivery Delivery, BatchItem Item, Guid? ContentHash, string? Note);

/// <summary>Records for one vendor call, within the connector's limits.</summary>
internal sealed record PreparedBatch(Operation Operation, string Audience, IReadOnlyList<PreparedRecord> Records);

/// <summary>
/// Turns a claim into batches: takes the consent decision again from the current state, maps the current profile, keeps two records with
/// one identity key apart, and cuts by the connector's limits. Pure: no I/O, no clock.
/// </summary>
internal sealed class ClaimPreparation
{
    private const int RecordOverhead = 160;
    private const int FieldOverhead = 12;
    private readonly List<Settlement> _settled = [];
    private readonly List<PreparedBatch> _batches = [];

    private ClaimPreparation()
    {
    }

    /// <summary>Records that are settled without being sent: suppressed or rejected.</summary>
    public IReadOnlyList<Settlement> Settled => _settled;

    /// <summary>What is to be sent; batches share no identity key.</summary>
    public IReadOnlyList<PreparedBatch> Batches => _batches;

    /// <param name="destination">Where the claim goes.</param>
    /// <param name="claim">Claimed deliveries in order. A second one with a key that an earlier one holds is left for the next claim.</param>
    public static ClaimPreparation For(Destination destination, IReadOnlyList<ClaimedDelivery> claim)
    {
        var preparation = new ClaimPreparation();
        var keys = new HashSet<string>(claim.Count, StringComparer.Ordinal);
        foreach (var group in claim.GroupBy(delivery => (delivery.Operation, delivery.Audience)))
        {
            preparation.Cut(destination, group.Key.Operation, group.Key.Audience, group, keys);
        }

        return preparation;
    }

    private void Cut(Destination destination, Operation operation, string audience, IEnumerable<ClaimedDelivery> deliveries, HashSet<string> keys)
    {
        var limits = destination.Connector.Descriptor.Operations[operation];
        var records = new List<PreparedRecord>(limits.MaxRecords);
        var bytes = 0;
        foreach (var delivery in deliveries)
        {
            if (Prepare(destination, delivery) is not { } record || !keys.Add(record.Item.Key))
            {
                continue;
            }

            var size = Size(record.Item);
            if (records.Count == limits.MaxRecords || (bytes + size > limits.MaxBytes && records.Count > 0))
            {
                _batches.Add(new PreparedBatch(operation, audience, records));
                records = new List<PreparedRecord>(limits.MaxRecords);
                bytes = 0;
            }

            records.Add(record);
            bytes += size;
        }

        if (records.Count > 0)
        {
            _batches.Add(new PreparedBatch(operation, audience, records));
        }
    }

    private PreparedRecord? Prepare(Destination destination, ClaimedDelivery delivery)
    {
        if (delivery.Operation == Operation.RemoveMember)
        {
            var key = destination.KeyOf(delivery.ExternalId, delivery.Email) ?? delivery.RemoteId;
            if (key is null)
            {
                _settled.Add(Final(delivery, LedgerOutcome.Rejected, "identity_key_missing"));
                return null;
            }

            return new PreparedRecord(delivery, new BatchItem { RecordId = delivery.DeliveryId, Key = key, RemoteId = delivery.RemoteId }, null, null);
        }

        var consent = destination.Decide(delivery.ConsentJson);
        if (!consent.Allowed)
        {
            _settled.Add(Final(delivery, LedgerOutcome.Suppressed, consent.Code));
            return null;
        }

        var mapped = destination.Mapping.Map(new ProfileView(delivery.ExternalId, delivery.Email, delivery.Phone, delivery.AttributesJson));
        if (mapped.Rejection is { } rejection)
        {
            _settled.Add(Final(delivery, LedgerOutcome.Rejected, rejection.Code));
            return null;
        }

        var item = new BatchItem { RecordId = delivery.DeliveryId, Key = mapped.Key!, RemoteId = delivery.RemoteId, Fields = mapped.Fields };
        return new PreparedRecord(delivery, item, mapped.ContentHash, NoteOf(mapped));
    }

    private static string? NoteOf(in MappedRecord mapped) => mapped.Dropped.Count == 0 ? null : $"dropped_{mapped.Dropped[0].Field}";

    private static Settlement Final(ClaimedDelivery delivery, string outcome, string? code) => new() { Delivery = delivery, Outcome = outcome, Code = code };

    private static int Size(BatchItem item)
    {
        var size = RecordOverhead + item.Key.Length * 2;
        foreach (var field in item.Fields)
        {
            size += FieldOverhead + field.Name.Length + (field.Value.Kind == FieldKind.Text ? field.Value.Text.Length * 3 : 24);
        }

        return size;
    }
}
