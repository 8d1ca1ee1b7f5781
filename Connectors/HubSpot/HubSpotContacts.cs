using System.Buffers;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Writes contacts so that one bad record never condemns its batch, learns their record ids, and compares what HubSpot kept with what was sent.</summary>
internal sealed class HubSpotContacts(HubSpotClient client, HubSpotOptions options, HubSpotJournal journal, HubSpotDirectory directory)
{
    private readonly string _idProperty = options.IdentityProperty;

    /// <summary>
    /// Creates or updates the contacts of the items at <paramref name="chosen"/>. Afterwards an item is settled (refused), has its
    /// contact id, or was not reached because of the destination's condition. Who stands in the way of an e-mail is looked at when
    /// everybody was written: an address may have moved from one person to another within the batch.
    /// </summary>
    public async Task UpsertAsync(HubSpotSettlement settlement, IReadOnlyList<int> chosen, CancellationToken cancellationToken)
    {
        var conflicts = new Dictionary<int, string>();
        await UpsertAsync(settlement, chosen, conflicts, cancellationToken);
        if (conflicts.Count == 0 || settlement.Condition is not null)
        {
            return;
        }

        var freed = await AdoptAsync(settlement, conflicts, cancellationToken);
        var again = new Dictionary<int, string>();
        await UpsertAsync(settlement, freed, again, cancellationToken);
        foreach (var index in again.Keys)
        {
            settlement.Settle(index, Outcome.Rejected, HubSpotReason.EmailOfAnother);
        }
    }

    /// <summary>
    /// Finds the contacts of the items at <paramref name="chosen"/> by their keys. Afterwards an item has its contact id, has none because
    /// nobody has its key, or is settled because HubSpot did not say.
    /// </summary>
    public async Task ResolveAsync(HubSpotSettlement settlement, IReadOnlyList<int> chosen, CancellationToken cancellationToken)
    {
        var reading = await directory.ReadAsync(chosen.Select(index => settlement.Items[index].Key), [], archived: false, cancellationToken);
        foreach (var index in chosen)
        {
            var answer = reading.Of(settlement.Items[index].Key);
            if (answer.Trouble is { } trouble)
            {
                settlement.Apply(index, trouble);
            }
            else
            {
                settlement.Learn(index, answer.Contact?.Id);
            }
        }
    }

    /// <summary>
    /// Updates contacts and creates nobody. Afterwards an item is settled (refused, or its contact is not there), has its contact id, or was
    /// not reached because of the destination's condition.
    /// </summary>
    public async Task UpdateKnownAsync(HubSpotSettlement settlement, IReadOnlyList<int> chosen, CancellationToken cancellationToken)
    {
        await ResolveAsync(settlement, chosen, cancellationToken);
        var contactIds = new Dictionary<int, string>();
        var taken = new HashSet<string>();
        foreach (var index in chosen.Where(settlement.IsOpen))
        {
            if (settlement.ContactId(index) is not { } contactId)
            {
                if (settlement.Condition is null)
                {
                    settlement.Settle(index, Outcome.Rejected, ReasonCode.NotFound);
                }
            }
            else if (!taken.Add(contactId))
            {
                settlement.Learn(index, null);
                settlement.Settle(index, Outcome.Rejected, HubSpotReason.ContactOfAnother);
            }
            else if (settlement.Items[index].Fields.Count > 0)
            {
                contactIds.Add(index, contactId);
                settlement.Learn(index, null);
            }
        }

        await UpdateAsync(settlement, contactIds, static _ => null, cancellationToken);
    }

    /// <summary>
    /// Updates contacts by record id. Afterwards an item is settled (refused) or has its contact id, or was not reached because of the
    /// destination's condition.
    /// </summary>
    /// <param name="settlement">The books.</param>
    /// <param name="contactIds">Record ids by index of the item.</param>
    /// <param name="newKey">The key that an item's contact is to have from now on, or null to leave it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task UpdateAsync(
        HubSpotSettlement settlement, Dictionary<int, string> contactIds, Func<BatchItem, string?> newKey, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        foreach (var chunk in new HubSpotChunks(settlement, _idProperty).Of([.. contactIds.Keys]).TakeWhile(_ => settlement.Condition is null))
        {
            var wanted = Wanted(settlement, chunk);
            await new HubSpotSender(settlement, journal).SendAsync(
                chunk,
                HubSpotApiVersion.UpdateContacts,
                (part, clearance) =>
                {
                    body.ResetWrittenCount();
                    HubSpotMapper.WriteUpdate(body, _idProperty, settlement.Items, part, contactIds, newKey);
                    return client.UpdateAsync(wanted, body.WrittenMemory, clearance, cancellationToken);
                },
                (part, answer) => Match(settlement, part, answer, HubSpotApiVersion.UpdateContacts, null, contactIds),
                (judgement, error, part) => TakesConflict(settlement, judgement, error, part, null));
        }
    }

    private async Task UpsertAsync(
        HubSpotSettlement settlement, IReadOnlyList<int> chosen, Dictionary<int, string> conflicts, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>(16_384);
        foreach (var chunk in new HubSpotChunks(settlement, _idProperty).Of(Distinct(settlement, chosen)).TakeWhile(_ => settlement.Condition is null))
        {
            var wanted = Wanted(settlement, chunk);
            await new HubSpotSender(settlement, journal).SendAsync(
                chunk,
                HubSpotApiVersion.UpsertContacts,
                (part, clearance) =>
                {
                    body.ResetWrittenCount();
                    HubSpotMapper.WriteUpsert(body, _idProperty, settlement.Items, part);
                    return client.UpsertAsync(wanted, body.WrittenMemory, clearance, cancellationToken);
                },
                (part, answer) => Match(settlement, part, answer, HubSpotApiVersion.UpsertContacts, conflicts, null),
                (judgement, error, part) => TakesConflict(settlement, judgement, error, part, conflicts),
                RefuseTwins);
        }

        void RefuseTwins(HubSpotError error, int[] part)
        {
            foreach (var id in error.Ids)
            {
                foreach (var twin in part.Where(index => string.Equals(settlement.Items[index].Key.Trim(), id.Trim(), StringComparison.OrdinalIgnoreCase)).Skip(1))
                {
                    settlement.Settle(twin, Outcome.Rejected, HubSpotReason.KeyTwice);
                }
            }
        }
    }

    /// <summary>
    /// Updates contacts that exist under the same e-mail but without our key, as those that were in HubSpot before the hub came. A
    /// contact that has another key, or the e-mail only as a further one, is somebody else's: it is left alone.
    /// </summary>
    /// <returns>The items whose e-mail nobody has any more; they are not settled.</returns>
    private async Task<List<int>> AdoptAsync(HubSpotSettlement settlement, Dictionary<int, string> conflicts, CancellationToken cancellationToken)
    {
        var freed = new List<int>();
        var adopted = new Dictionary<int, string>();
        string[] wanted = [.. new[] { _idProperty, ContactRow.EmailProperty, ContactRow.OtherEmailsProperty }.Distinct()];
        var body = new ArrayBufferWriter<byte>();
        foreach (var asked in conflicts.Values.Distinct().Chunk(HubSpotDescriptor.MaxInputs).TakeWhile(_ => settlement.Condition is null))
        {
            body.ResetWrittenCount();
            HubSpotMapper.WriteRead(body, null, wanted, asked);
            var read = await client.ReadAsync(wanted, body.WrittenMemory, cancellationToken);
            var trouble = read.Failure is { } failure ? journal.Judge(failure, HubSpotApiVersion.ReadContacts, asked.Length) : default(Judgement?);
            var holders = (read.Body?.Results ?? []).DistinctBy(static row => row.Id).ToDictionary(static row => row.Id);
            foreach (var (index, holderId) in conflicts.Where(conflict => asked.Contains(conflict.Value)))
            {
                var item = settlement.Items[index];
                if (trouble is { } judgement)
                {
                    settlement.Apply(index, judgement.Condition is null ? judgement with { Verdict = Verdict.Retry } : judgement);
                }
                else if (!holders.TryGetValue(holderId, out var holder))
                {
                    settlement.Settle(index, Outcome.RetryLater, HubSpotReason.ContactGone);
                }
                else if (Email(item) is { } email && !holder.Holds(email))
                {
                    freed.Add(index);
                }
                else if (!MayAdopt(item, holder) || adopted.ContainsValue(holderId))
                {
                    // Each contact is given away once: two of our records may share an e-mail.
                    settlement.Settle(index, Outcome.Rejected, HubSpotReason.EmailOfAnother);
                }
                else
                {
                    adopted.Add(index, holderId);
                }
            }
        }

        await UpdateAsync(settlement, adopted, static item => item.Key, cancellationToken);
        return freed;
    }

    private void Match(
        HubSpotSettlement settlement,
        int[] part,
        ContactBatch answer,
        VendorEndpoint endpoint,
        Dictionary<int, string>? conflicts,
        Dictionary<int, string>? sentIds)
    {
        var matching = new HubSpotMatching(settlement, part, _idProperty, sentIds);
        foreach (var (index, row) in matching.Pair(answer.Results).OrderByDescending(pair => pair.Row[_idProperty] is { } key && HubSpotMapper.KeyOnWire(_idProperty, key) == Key(settlement, pair.Index)))
        {
            Take(settlement, index, row, endpoint);
        }

        var nameless = new List<Judgement>();
        foreach (var error in answer.Errors)
        {
            var judgement = journal.Judge(error, endpoint);
            var named = matching.Named(error);
            foreach (var index in named.Where(index => !TakesConflict(settlement, judgement, error, [index], conflicts)))
            {
                settlement.Apply(index, judgement);
            }

            if (named.Count == 0)
            {
                nameless.Add(judgement);
            }
        }

        var untold = part.Where(index => settlement.IsOpen(index) && settlement.ContactId(index) is null && conflicts?.ContainsKey(index) != true).ToList();
        foreach (var index in untold)
        {
            settlement.Apply(index, untold.Count == 1 && nameless is [var only] ? only : Judgement.Retry(HubSpotReason.NotMentioned));
        }
    }

    private void Take(HubSpotSettlement settlement, int index, ContactRow row, VendorEndpoint endpoint)
    {
        if (!settlement.TryLearn(index, row.Id))
        {
            settlement.Settle(index, Outcome.Rejected, HubSpotReason.ContactOfAnother);
        }
        else if (HubSpotKeptValues.Find(settlement.Items[index].Fields, row) is { } property)
        {
            settlement.Note(index, HubSpotReason.Kept(property));
            journal.ValueKept(endpoint, property);
        }
    }

    /// <summary>
    /// Of an upsert, remembers who stands in the way, to look at later. Of an update by record id it means that two contacts are one
    /// person: the one that is updated, and the one that has the e-mail or the key.
    /// </summary>
    private static bool TakesConflict(
        HubSpotSettlement settlement, Judgement judgement, HubSpotError error, ReadOnlySpan<int> part, Dictionary<int, string>? conflicts)
    {
        if (judgement.Verdict != Verdict.Adopt || (conflicts is not null && error.ExistingId is null))
        {
            return false;
        }

        foreach (var index in part)
        {
            if (conflicts is null)
            {
                settlement.Settle(index, Outcome.Rejected, ReasonCode.DuplicatesAtVendor);
            }
            else
            {
                conflicts[index] = error.ExistingId!;
            }
        }

        return true;
    }

    private bool MayAdopt(BatchItem item, ContactRow holder)
        => string.Equals(holder[ContactRow.EmailProperty]?.Trim(), Email(item)?.Trim(), StringComparison.OrdinalIgnoreCase)
            && (string.IsNullOrEmpty(holder[_idProperty]) || string.Equals(holder[_idProperty], HubSpotMapper.KeyOnWire(_idProperty, item.Key), StringComparison.Ordinal));

    private string? Email(BatchItem item) => options.IdentityIsEmail ? item.Key : HubSpotMapper.EmailOf(item);

    /// <summary>What is read of the answer to a write: the names of a contact, and what was sent.</summary>
    private string[] Wanted(HubSpotSettlement settlement, int[] chunk)
        => [.. chunk.SelectMany(index => settlement.Items[index].Fields).Select(static field => field.Name).Append(_idProperty).Append(ContactRow.EmailProperty).Distinct()];

    /// <summary>E-mails that differ only in case are one key to HubSpot: two people would become one contact, so that all but the first are refused.</summary>
    private List<int> Distinct(HubSpotSettlement settlement, IReadOnlyList<int> chosen)
    {
        var seen = new HashSet<string>(chosen.Count);
        var distinct = new List<int>(chosen.Count);
        foreach (var index in chosen)
        {
            if (!options.IdentityIsEmail || seen.Add(Key(settlement, index)))
            {
                distinct.Add(index);
            }
            else
            {
                settlement.Settle(index, Outcome.Rejected, HubSpotReason.KeyTwice);
            }
        }

        return distinct;
    }

    private string Key(HubSpotSettlement settlement, int index) => HubSpotMapper.KeyOnWire(_idProperty, settlement.Items[index].Key);
}
