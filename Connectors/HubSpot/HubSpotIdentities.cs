using System.Buffers;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// Changes of identity: another key, two people joined, a person erased. Each begins by looking the people up by key, so that what was
/// done already, by an attempt whose answer was lost or by HubSpot itself, is found done.
/// </summary>
internal sealed class HubSpotIdentities(HubSpotClient client, HubSpotJournal journal, HubSpotDirectory directory, HubSpotContacts contacts)
{
    /// <summary>
    /// Gives contacts another key by record id, which makes no second contact. Who is to get the key of a contact that itself gets another
    /// one waits for that one: an address moves from one person to another.
    /// </summary>
    public async Task ChangeKeysAsync(HubSpotSettlement settlement, CancellationToken cancellationToken)
    {
        var open = WithKeys(settlement, static item => item.Identity?.NewKey);
        while (open.Count > 0 && settlement.Condition is null)
        {
            open = await ChangeKeysAsync(settlement, open, cancellationToken);
        }
    }

    /// <summary>Changes the keys that are free.</summary>
    /// <returns>The items whose new key has become free by that, or may yet.</returns>
    private async Task<List<int>> ChangeKeysAsync(HubSpotSettlement settlement, List<int> open, CancellationToken cancellationToken)
    {
        var reading = await directory.ReadAsync(open.SelectMany(index => Keys(settlement.Items[index], static i => i.NewKey)), [], archived: false, cancellationToken);
        var moves = new Dictionary<int, string>();
        var taken = new Dictionary<int, (string ContactId, string HolderId)>();
        foreach (var index in open)
        {
            var item = settlement.Items[index];
            var (old, now) = (reading.Of(item.Key), reading.Of(item.Identity!.NewKey!));
            if ((old.Trouble ?? now.Trouble) is { } trouble)
            {
                settlement.Apply(index, trouble);
            }
            else if (now is { Contact: not null, IsOwn: true } && (old.Contact is null || old.Contact.Id == now.Contact.Id))
            {
                settlement.Learn(index, now.Contact.Id);
                settlement.Settle(index, Outcome.Unchanged);
            }
            else if (old is { Contact: not null, IsOwn: true } && (now.Contact is null || now.Contact.Id == old.Contact.Id))
            {
                moves.Add(index, old.Contact.Id);
            }
            else if (old.Contact is not null && now.Contact is not null)
            {
                taken.Add(index, (old.Contact.Id, now.Contact.Id));
            }
            else
            {
                settlement.Settle(index, Outcome.Rejected, old.Contact is null && now.Contact is null ? ReasonCode.NotFound : HubSpotReason.EmailOfAnother);
            }
        }

        await contacts.UpdateAsync(settlement, moves, static item => item.Identity!.NewKey, cancellationToken);
        var moved = moves.Where(move => settlement.ContactId(move.Key) is not null).Select(static move => move.Value).ToHashSet();
        var mayMove = moved.Count > 0 ? moved.Concat(taken.Values.Select(static change => change.ContactId)).ToHashSet() : [];
        foreach (var (index, (_, holderId)) in taken)
        {
            if (!mayMove.Contains(holderId) && settlement.Condition is null)
            {
                settlement.Settle(index, Outcome.Rejected, ReasonCode.DuplicatesAtVendor);
            }
        }

        return [.. taken.Keys.Where(settlement.IsOpen)];
    }

    /// <summary>Joins contacts. HubSpot answers with the surviving contact, which has a new id unless the account keeps the primary's.</summary>
    public async Task MergeAsync(HubSpotSettlement settlement, CancellationToken cancellationToken)
    {
        var open = WithKeys(settlement, static item => item.Identity?.OtherKey);
        var reading = await directory.ReadAsync(open.SelectMany(index => Keys(settlement.Items[index], static i => i.OtherKey)), [], archived: false, cancellationToken);
        var renames = new Dictionary<int, string>();
        foreach (var index in open.TakeWhile(_ => settlement.Condition is null))
        {
            var (stays, ends) = (reading.Of(settlement.Items[index].Key), reading.Of(settlement.Items[index].Identity!.OtherKey!));
            if ((stays.Trouble ?? ends.Trouble) is { } trouble)
            {
                settlement.Apply(index, trouble);
            }
            else if (ends.Contact is null || stays.Contact?.Id == ends.Contact.Id)
            {
                settlement.Learn(index, stays.Contact?.Id);
                settlement.Settle(index, stays.Contact is null ? Outcome.Rejected : Outcome.Unchanged, stays.Contact is null ? ReasonCode.NotFound : null);
            }
            else if (!ends.IsOwn || (stays.Contact is not null && !stays.IsOwn))
            {
                settlement.Settle(index, Outcome.Rejected, HubSpotReason.EmailOfAnother);
            }
            else if (stays.Contact is null)
            {
                // Only the one that ends was ever sent: it becomes the one that stays.
                renames.Add(index, ends.Contact.Id);
            }
            else
            {
                await MergeAsync(settlement, index, stays.Contact.Id, ends.Contact.Id, cancellationToken);
            }
        }

        await contacts.UpdateAsync(settlement, renames, static item => item.Key, cancellationToken);
    }

    /// <summary>Erases contacts, those in the recycle bin too: HubSpot keeps the data of a deleted contact for 90 days.</summary>
    public async Task EraseAsync(HubSpotSettlement settlement, CancellationToken cancellationToken)
    {
        var keys = settlement.Items.Select(static item => item.Key);
        var living = await directory.ReadAsync(keys, [], archived: false, cancellationToken);
        var deleted = living.Condition is null ? await directory.ReadAsync(keys, [], archived: true, cancellationToken) : living;
        foreach (var index in settlement.Open().TakeWhile(_ => settlement.Condition is null))
        {
            KeyAnswer[] answers = [living.Of(settlement.Items[index].Key), deleted.Of(settlement.Items[index].Key)];
            if (answers.FirstOrDefault(static answer => answer.Trouble is not null).Trouble is { } trouble)
            {
                settlement.Apply(index, trouble);
            }
            else if (answers.Any(static answer => answer is { Contact: not null, IsOwn: false }))
            {
                // Erasing cannot be undone, and the contact may be another person that took the address over.
                settlement.Settle(index, Outcome.Rejected, HubSpotReason.EmailOfAnother);
            }
            else
            {
                await EraseAsync(settlement, index, [.. answers.Select(static answer => answer.Contact?.Id).OfType<string>().Distinct()], cancellationToken);
            }
        }
    }

    private async Task MergeAsync(HubSpotSettlement settlement, int index, string staysId, string endsId, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        HubSpotMapper.WriteMerge(body, staysId, endsId);
        var clearance = settlement.ClearanceFor([index]);
        var answer = await client.MergeAsync(body.WrittenMemory, clearance, cancellationToken);
        if (settlement.Withhold([index], clearance).Length == 0)
        {
            return;
        }

        if (answer.Failure is { } failure)
        {
            settlement.Apply(index, JudgeContact(failure, HubSpotApiVersion.MergeContacts));
        }
        else if (answer.Body!.Id is { } survivor)
        {
            settlement.Learn(index, survivor);
            settlement.Settle(index, Outcome.Delivered);
        }
    }

    private async Task EraseAsync(HubSpotSettlement settlement, int index, string[] contactIds, CancellationToken cancellationToken)
    {
        foreach (var contactId in contactIds)
        {
            var body = new ArrayBufferWriter<byte>();
            HubSpotMapper.WriteErasure(body, contactId);
            var clearance = settlement.ClearanceFor([index]);
            var answer = await client.EraseAsync(body.WrittenMemory, clearance, cancellationToken);
            if (settlement.Withhold([index], clearance).Length == 0)
            {
                return;
            }

            if (answer.Failure is { } failure)
            {
                settlement.Apply(index, JudgeContact(failure, HubSpotApiVersion.EraseContact));
                return;
            }
        }

        settlement.Settle(index, contactIds.Length > 0 ? Outcome.Delivered : Outcome.Unchanged);
    }

    /// <summary>A contact that is gone by now is found gone, or joined, by the next attempt.</summary>
    private Judgement JudgeContact(HubSpotFailure failure, VendorEndpoint endpoint)
    {
        var judgement = journal.Judge(failure, endpoint, 1);
        return failure.Status == 404 ? Judgement.Retry(HubSpotReason.ContactGone) : judgement;
    }

    private static List<int> WithKeys(HubSpotSettlement settlement, Func<BatchItem, string?> second)
    {
        foreach (var index in settlement.Open().Where(index => string.IsNullOrEmpty(second(settlement.Items[index]))))
        {
            settlement.Settle(index, Outcome.Rejected, ReasonCode.IdentityMissing);
        }

        return settlement.Open();
    }

    private static string[] Keys(BatchItem item, Func<IdentityChange, string?> second) => [item.Key, second(item.Identity!)!];
}
