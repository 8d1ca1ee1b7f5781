using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>
/// Writes fields and consent of people. A skipped lead may carry no id, so the answers to these calls belong to records by position;
/// with another length no position can be trusted.
/// </summary>
internal sealed class MarketoProfiles(MarketoOptions options, MarketoPeople people, MarketoClient client, MarketoDelivery delivery)
{
    /// <summary>
    /// Creates or updates people and learns their lead ids. Somebody whose id is known and who has nothing to write is left out of an
    /// addition to a list.
    /// </summary>
    public Task UpsertAsync(CancellationToken cancellationToken)
    {
        var isWhole = delivery.Batch.Operation == Operation.UpsertProfile;
        var due = delivery.Open(slot => isWhole || slot.LeadId == 0 || slot.Item.Fields.Count > 0);
        RejectForeignEmails(due);
        RejectCollisions(due);
        return delivery.SendAsync(
            due,
            slot => slot,
            (part, clearance) => client.SendAsync(
                MarketoRequests.SyncLeads(clearance, body => MarketoMapper.WriteLeads(body, options, delivery.Batch.UpdateOnly, part.Select(slot => slot.Item))),
                cancellationToken),
            (part, answer) => SettleByPosition(part, answer.Rows, (slot, leadId) =>
            {
                slot.LeadId = leadId;
                if (isWhole)
                {
                    slot.Settle(Outcome.Delivered);
                }
            }));
    }

    /// <summary>
    /// Writes consent to people who exist. The vendor refuses an update by a key that several people share, but an opt-out must hold for
    /// all of them: they are then written by their ids.
    /// </summary>
    public async Task SetConsentAsync(CancellationToken cancellationToken)
    {
        foreach (var slot in delivery.Open(slot => slot.Item.Consent is null || !MarketoMapper.ConsentFields(slot.Item.Consent).Any()))
        {
            slot.Settle(Outcome.Unchanged);
        }

        var shared = new List<DeliverySlot>();
        var due = delivery.Open(_ => true);
        RejectForeignEmails(due);
        await delivery.SendAsync(
            due,
            slot => slot,
            (part, clearance) => client.SendAsync(
                MarketoRequests.SyncLeads(clearance, body => MarketoMapper.WriteConsents(body, options, part.Select(slot => slot.Item))), cancellationToken),
            (part, answer) => SettleByPosition(part, answer.Rows, Delivered, slot => shared.Add(slot)));

        var writes = new List<LeadWrite>();
        await people.ResolveAsync(delivery, shared, (slot, found) => TakeIds(slot, found, writes), cancellationToken);
        await delivery.SendAsync(
            writes,
            write => write.Slot,
            (part, clearance) => client.SendAsync(
                MarketoRequests.SyncLeads(clearance, body => MarketoMapper.WriteConsentsById(body, part)), cancellationToken),
            (part, answer) => SettleByPosition([.. part.Select(write => write.Slot)], answer.Rows, Delivered));
    }

    /// <summary>Settles the slots of a lead call by the answer's rows.</summary>
    /// <param name="part">The slots in the order of the input.</param>
    /// <param name="rows">The rows of the answer.</param>
    /// <param name="done">Told a slot whose lead was written.</param>
    /// <param name="ambiguous">Told a slot whose key several people share; null rejects it.</param>
    public void SettleByPosition(
        IReadOnlyList<DeliverySlot> part, IReadOnlyList<AnswerRow> rows, Action<DeliverySlot, long> done, Action<DeliverySlot>? ambiguous = null)
    {
        var aligned = rows.Count == part.Count;
        for (var i = 0; i < part.Count; i++)
        {
            if (aligned && rows[i] is { Status: RowStatus.Created or RowStatus.Updated, Id: not 0, Reason: null } row)
            {
                done(part[i], row.Id);
            }
            else if (!aligned || rows[i].Reason is not { } reason)
            {
                delivery.SettleUnmentioned(part[i]);
            }
            else if (reason == MarketoOutcomes.SeveralLeadsMatch && ambiguous is not null)
            {
                ambiguous(part[i]);
            }
            else
            {
                delivery.Settle(part[i], delivery.Judge(reason));
            }
        }
    }

    private static void Delivered(DeliverySlot slot, long leadId)
    {
        slot.LeadId = leadId;
        slot.Settle(Outcome.Delivered);
    }

    private void TakeIds(DeliverySlot slot, long[] found, List<LeadWrite> writes)
    {
        if (found.Length == 0)
        {
            delivery.Settle(slot, delivery.Judge(MarketoOutcomes.LeadNotFound));
        }

        writes.AddRange(found.Select(id => new LeadWrite(slot, id)));
    }

    private void RejectForeignEmails(List<DeliverySlot> due)
    {
        foreach (var slot in due.Where(slot => !MarketoMapper.HasAsciiEmail(options.IdentityKey, slot.Item)))
        {
            delivery.Settle(slot, MarketoOutcomes.For(MarketoOutcomes.EmailNotAscii));
        }

        due.RemoveAll(slot => slot.IsSettled);
    }

    /// <summary>Of records whose keys differ in case alone the first goes: at the vendor they would become one person.</summary>
    private void RejectCollisions(List<DeliverySlot> due)
    {
        var keys = new HashSet<string>(due.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var slot in due.Where(slot => !keys.Add(slot.Item.Key)))
        {
            delivery.Settle(slot, MarketoOutcomes.For(MarketoOutcomes.KeyCollision));
        }

        due.RemoveAll(slot => slot.IsSettled);
    }
}
