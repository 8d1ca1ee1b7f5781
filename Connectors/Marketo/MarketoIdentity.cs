using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>
/// Changes keys, joins people and deletes them. All of it starts with a look at who has the keys now, so a repeat after a lost answer
/// finds the work done.
/// </summary>
internal sealed class MarketoIdentity(MarketoOptions options, MarketoPeople people, MarketoProfiles profiles, MarketoClient client, MarketoDelivery delivery)
{
    /// <summary>People per merge, by the vendor's limit.</summary>
    private const int MaxLosers = 25;

    /// <summary>Gives people another key by their lead id: by the old key the vendor would match, by the new one create.</summary>
    public async Task ChangeKeyAsync(CancellationToken cancellationToken)
    {
        RejectIncomplete(identity => identity.NewKey);
        foreach (var slot in delivery.Open(slot => !MarketoMapper.HasAsciiEmail(options.IdentityKey, slot.Item)))
        {
            delivery.Settle(slot, MarketoOutcomes.For(MarketoOutcomes.EmailNotAscii));
        }

        var writes = new List<LeadWrite>();
        await ResolveBothAsync(identity => identity.NewKey!, (slot, former, present) => DecideChange(slot, former, present, writes), cancellationToken);
        await WriteKeysAsync(writes, cancellationToken);
    }

    /// <summary>
    /// Joins everybody who has the other key into the person who has the item's key. Both keys being the same joins the people who
    /// share it, into the one whose id the hub knows, else into the oldest. Where a CRM is synchronised Marketo keeps the one that the CRM has, whichever was named
    /// the winner (https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/lead-database/leads, "Merge"): who is left is looked up, and has the item's
    /// key in the end.
    /// </summary>
    public async Task MergeAsync(CancellationToken cancellationToken)
    {
        RejectIncomplete(identity => identity.OtherKey);
        var merges = new List<Merge>();
        var keys = new List<LeadWrite>();
        await ResolveBothAsync(identity => identity.OtherKey!, (slot, winners, losers) => DecideMerge(slot, winners, losers, merges, keys), cancellationToken);
        var merged = new HashSet<DeliverySlot>();
        await delivery.SendAsync(
            merges,
            merge => merge.Slot,
            (part, clearance) => client.SendAsync(MarketoRequests.MergeLeads(clearance, part[0].Slot.LeadId, part[0].Losers), cancellationToken),
            (part, _) => merged.Add(part[0].Slot),
            size: 1);
        if (merged.Count > 0)
        {
            await ResolveBothAsync(identity => identity.OtherKey!, (slot, kept, left) => DecideSurvivor(slot, kept, left, keys), cancellationToken, merged.Contains);
        }

        await WriteKeysAsync(keys, cancellationToken);
    }

    /// <summary>Deletes everybody who has the key. Whom the vendor does not know any more is deleted.</summary>
    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        var writes = new List<LeadWrite>();
        await people.ResolveAsync(
            delivery,
            delivery.Open(_ => true),
            (slot, found) =>
            {
                slot.LeadId = 0;
                writes.AddRange(found.Select(id => new LeadWrite(slot, id)));
                if (found.Length == 0)
                {
                    slot.Settle(Outcome.Unchanged);
                }
            },
            cancellationToken);
        await delivery.SendAsync(
            writes,
            write => write.Slot,
            (part, clearance) => client.SendAsync(
                MarketoRequests.DeleteLeads(clearance, body => MarketoMapper.WriteIds(body, part.Select(write => write.LeadId))), cancellationToken),
            (part, answer) => SettleDeleted(part, answer.Rows));
    }

    private void DecideChange(DeliverySlot slot, long[] former, long[] present, List<LeadWrite> writes)
    {
        switch (former.Length, present.Length)
        {
            case (0, 0):
                delivery.Settle(slot, delivery.Judge(MarketoOutcomes.LeadNotFound));
                break;
            case (0, 1):
                slot.LeadId = present[0];
                slot.Settle(Outcome.Unchanged);
                break;
            case (1, 0):
                slot.LeadId = former[0];
                writes.Add(new(slot, former[0]));
                break;
            case ( > 1, _) or (0, > 1):
                delivery.Settle(slot, MarketoOutcomes.For(MarketoOutcomes.SeveralLeadsMatch));
                break;
            default:
                delivery.Settle(slot, MarketoOutcomes.For(MarketoOutcomes.KeyTaken));
                break;
        }
    }

    private Task WriteKeysAsync(List<LeadWrite> writes, CancellationToken cancellationToken) => delivery.SendAsync(
        writes,
        write => write.Slot,
        (part, clearance) => client.SendAsync(MarketoRequests.SyncLeads(clearance, body => MarketoMapper.WriteNewKeys(body, options, part)), cancellationToken),
        (part, answer) => profiles.SettleByPosition([.. part.Select(write => write.Slot)], answer.Rows, static (slot, _) => slot.Settle(Outcome.Delivered)));

    private void DecideMerge(DeliverySlot slot, long[] winners, long[] losers, List<Merge> merges, List<LeadWrite> keys)
    {
        var isOneKey = string.Equals(slot.Item.Key, slot.Item.Identity!.OtherKey, StringComparison.OrdinalIgnoreCase);
        if (winners.Length == 0)
        {
            Rename(slot, losers, keys);
            return;
        }

        if (winners.Length > 1 && !isOneKey)
        {
            delivery.Settle(slot, MarketoOutcomes.For(MarketoOutcomes.SeveralLeadsMatch));
            return;
        }

        var winner = winners.Contains(slot.LeadId) ? slot.LeadId : winners.Min();
        slot.LeadId = winner;
        long[] ending = [.. losers.Where(id => id != winner).Order()];
        merges.AddRange(ending.Chunk(MaxLosers).Select(some => new Merge(slot, some)));
        if (ending.Length == 0)
        {
            slot.Settle(Outcome.Unchanged);
        }
    }

    /// <summary>Who is left of a merge.</summary>
    private void DecideSurvivor(DeliverySlot slot, long[] kept, long[] left, List<LeadWrite> keys)
    {
        if (kept.Length == 0)
        {
            Rename(slot, left, keys);
            return;
        }

        slot.LeadId = kept.Contains(slot.LeadId) ? slot.LeadId : kept.Min();
        slot.Settle(Outcome.Delivered);
    }

    /// <summary>Nobody has the item's key: whoever alone has the other one is the person, and gets it.</summary>
    private void Rename(DeliverySlot slot, long[] others, List<LeadWrite> keys)
    {
        if (others is [var only] && MarketoMapper.HasAsciiEmail(options.IdentityKey, slot.Item))
        {
            slot.LeadId = only;
            keys.Add(new(slot, only));
            return;
        }

        delivery.Settle(slot, others.Length == 0 ? delivery.Judge(MarketoOutcomes.LeadNotFound) : MarketoOutcomes.For(others.Length > 1 ? MarketoOutcomes.SeveralLeadsMatch : MarketoOutcomes.EmailNotAscii));
    }

    private void SettleDeleted(IReadOnlyList<LeadWrite> part, IReadOnlyList<AnswerRow> rows)
    {
        var byId = rows.Where(row => row.Id != 0).GroupBy(row => row.Id).ToDictionary(group => group.Key, group => group.Last());
        foreach (var (slot, leadId) in part)
        {
            if (!byId.TryGetValue(leadId, out var row) || row is { Reason: null, Status: not RowStatus.Deleted })
            {
                delivery.SettleUnmentioned(slot);
            }
            else if (row.Reason is null or MarketoOutcomes.LeadNotFound)
            {
                slot.Settle(row.Reason is null ? Outcome.Delivered : Outcome.Unchanged);
            }
            else
            {
                delivery.Settle(slot, MarketoOutcomes.For(row.Reason));
            }
        }
    }

    private void RejectIncomplete(Func<IdentityChange, string?> other)
    {
        foreach (var slot in delivery.Open(slot => slot.Item.Identity is null || string.IsNullOrEmpty(other(slot.Item.Identity))))
        {
            delivery.Settle(slot, MarketoOutcomes.For(ReasonCode.IdentityMissing));
        }

        foreach (var slot in delivery.Open(slot => !MarketoPeople.IsSearchable(slot.Item.Key) || !MarketoPeople.IsSearchable(other(slot.Item.Identity!)!)))
        {
            delivery.Settle(slot, MarketoOutcomes.For(ReasonCode.KeyNotSearchable));
        }
    }

    /// <summary>Looks up who has the item's key and who has the other one.</summary>
    private Task ResolveBothAsync(
        Func<IdentityChange, string> other, Action<DeliverySlot, long[], long[]> found, CancellationToken cancellationToken, Func<DeliverySlot, bool>? where = null) =>
        delivery.SendAsync(
            delivery.Open(slot => where is null || where(slot)),
            slot => slot,
            (part, _) => people.FindAsync(
                part.SelectMany(slot => (string[])[slot.Item.Key, other(slot.Item.Identity!)]).Distinct(StringComparer.OrdinalIgnoreCase),
                [],
                cancellationToken),
            (part, answer) =>
            {
                var ids = MarketoPeople.IdsByKey(answer);
                foreach (var slot in part)
                {
                    found(slot, [.. ids[slot.Item.Key]], [.. ids[other(slot.Item.Identity!)]]);
                }
            },
            MarketoDescriptor.MaxRecords / 2);

    private sealed record Merge(DeliverySlot Slot, long[] Losers);
}
