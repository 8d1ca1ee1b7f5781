using System.Buffers;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// Writes contacts so that one bad record never condemns its batch, and learns their record ids. HubSpot answers in any order and in
/// lower case: rows are matched by trace id, or by key where it is missing, never by position.
/// </summary>
internal sealed class HubSpotContacts(HubSpotClient client, HubSpotOptions options, HubSpotJournal journal, HubSpotDirectory directory)
{
    private readonly string _idProperty = options.IdentityProperty;

    /// <summary>
    /// Creates or updates the contacts of the items at <paramref name="chosen"/>. Afterwards an item is settled (refused), has its
    /// contact id, or was not reached because of the destination's condition.
    /// </summary>
    public async Task UpsertAsync(HubSpotSettlement settlement, IReadOnlyList<int> chosen, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>(16_384);
        foreach (var chunk in Chunks(settlement, chosen))
        {
            if (settlement.Condition is not null)
            {
                return;
            }

            await UpsertChunkAsync(settlement, chunk, body, cancellationToken);
        }
    }

    /// <summary>
    /// Finds the contacts of the items at <paramref name="chosen"/> by their keys. Afterwards an item has its contact id, has none because
    /// nobody has its key, or is settled because HubSpot did not say.
    /// </summary>
    public async Task ResolveAsync(HubSpotSettlement settlement, IEnumerable<int> chosen, CancellationToken cancellationToken)
    {
        var indexes = Distinct(settlement, [.. chosen]).ToList();
        var reading = await directory.ReadAsync(indexes.Select(index => settlement.Items[index].Key), [], archived: false, cancellationToken);
        foreach (var index in indexes)
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
        foreach (var index in chosen.Where(settlement.IsOpen))
        {
            if (settlement.ContactId(index) is not { } contactId)
            {
                if (settlement.Condition is null)
                {
                    settlement.Settle(index, Outcome.Rejected, ReasonCode.NotFound);
                }
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
        foreach (var chunk in Chunks(settlement, [.. contactIds.Keys]).TakeWhile(_ => settlement.Condition is null))
        {
            if (IsTooLarge(settlement, chunk, body))
            {
                settlement.Settle(chunk[0], Outcome.Rejected, "record_too_large");
                continue;
            }

            await new HubSpotHalves(settlement, journal).SendAsync(
                chunk,
                HubSpotApiVersion.UpdateContacts,
                (part, clearance) =>
                {
                    body.ResetWrittenCount();
                    HubSpotMapper.WriteUpdate(body, _idProperty, settlement.Items, part, contactIds, newKey);
                    return client.UpdateAsync(_idProperty, body.WrittenMemory, clearance, cancellationToken);
                },
                (part, answer) => Match(settlement, part, answer, HubSpotApiVersion.UpdateContacts, null),
                (judgement, error, part) => TakesConflict(settlement, judgement, error, part, null));
        }
    }

    private async Task UpsertChunkAsync(HubSpotSettlement settlement, int[] chunk, ArrayBufferWriter<byte> body, CancellationToken cancellationToken)
    {
        if (IsTooLarge(settlement, chunk, body))
        {
            settlement.Settle(chunk[0], Outcome.Rejected, "record_too_large");
            return;
        }

        var conflicts = new Dictionary<int, string>();
        await new HubSpotHalves(settlement, journal).SendAsync(
            chunk,
            HubSpotApiVersion.UpsertContacts,
            (part, clearance) =>
            {
                body.ResetWrittenCount();
                HubSpotMapper.WriteUpsert(body, _idProperty, settlement.Items, part);
                return client.UpsertAsync(_idProperty, body.WrittenMemory, clearance, cancellationToken);
            },
            (part, answer) => Match(settlement, part, answer, HubSpotApiVersion.UpsertContacts, conflicts),
            (judgement, error, part) => TakesConflict(settlement, judgement, error, part, conflicts));

        if (conflicts.Count > 0 && settlement.Condition is null)
        {
            await AdoptAsync(settlement, conflicts, body, cancellationToken);
        }
    }

    /// <summary>
    /// Updates contacts that exist under the same e-mail but without our key, as those that were in HubSpot before the hub came. A
    /// contact that has another key, or the e-mail only as a further one, is somebody else's: it is left alone.
    /// </summary>
    private async Task AdoptAsync(
        HubSpotSettlement settlement, Dictionary<int, string> conflicts, ArrayBufferWriter<byte> body, CancellationToken cancellationToken)
    {
        body.ResetWrittenCount();
        HubSpotMapper.WriteRead(body, null, [_idProperty, "email"], conflicts.Values.Distinct());
        var read = await client.ReadAsync(_idProperty, body.WrittenMemory, cancellationToken);
        if (read.Failure is { } failure)
        {
            var judgement = journal.Judge(failure, HubSpotApiVersion.ReadContacts, conflicts.Count);
            Apply(settlement, [.. conflicts.Keys], judgement.Condition is null ? judgement with { Verdict = Verdict.Retry } : judgement);
            return;
        }

        var existing = new Dictionary<string, ContactRow>();
        foreach (var row in read.Body!.Results)
        {
            existing[row.Id] = row;
        }

        foreach (var (index, contactId) in conflicts.ToList())
        {
            // Each contact is given away once: two of our records may share an e-mail.
            if (!existing.Remove(contactId, out var contact) || !MayAdopt(settlement.Items[index], contact))
            {
                conflicts.Remove(index);
                settlement.Settle(index, Outcome.Rejected, "hubspot_email_of_another_contact");
            }
        }

        await UpdateAsync(settlement, conflicts, static item => item.Key, cancellationToken);
    }

    private void Match(
        HubSpotSettlement settlement, ReadOnlySpan<int> part, ContactBatch answer, VendorEndpoint endpoint, Dictionary<int, string>? conflicts)
    {
        Dictionary<string, int>? byKey = null;
        foreach (var row in answer.Results)
        {
            if (settlement.TryFind(row.TraceId, out var index)
                || (row.Key is not null && (byKey ??= KeysOf(settlement, part)).TryGetValue(HubSpotMapper.KeyOnWire(_idProperty, row.Key), out index)))
            {
                settlement.Learn(index, row.Id);
            }
        }

        foreach (var error in answer.Errors)
        {
            var judgement = journal.Judge(error, endpoint);
            foreach (var recordId in error.TraceIds)
            {
                if (settlement.TryFind(recordId, out var index) && !TakesConflict(settlement, judgement, error, [index], conflicts))
                {
                    settlement.Apply(index, judgement);
                }
            }
        }

        foreach (var index in part)
        {
            if (settlement.ContactId(index) is null && conflicts?.ContainsKey(index) != true)
            {
                settlement.Settle(index, Outcome.RetryLater, "hubspot_not_mentioned");
            }
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

    private static void Apply(HubSpotSettlement settlement, ReadOnlySpan<int> part, Judgement judgement)
    {
        foreach (var index in part)
        {
            settlement.Apply(index, judgement);
        }
    }

    private bool MayAdopt(BatchItem item, ContactRow contact)
    {
        var email = options.IdentityIsEmail ? item.Key : item.Fields.FirstOrDefault(static field => field.Name == "email").Value.ToString();
        return string.Equals(contact.Email, email.Trim(), StringComparison.OrdinalIgnoreCase)
            && (string.IsNullOrEmpty(contact.Key) || string.Equals(contact.Key, HubSpotMapper.KeyOnWire(_idProperty, item.Key), StringComparison.OrdinalIgnoreCase));
    }

    private bool IsTooLarge(HubSpotSettlement settlement, int[] chunk, ArrayBufferWriter<byte> body)
    {
        if (chunk.Length > 1 || HubSpotMapper.MaxBytes(settlement.Items[chunk[0]]) <= HubSpotDescriptor.MaxBytes)
        {
            return false;
        }

        body.ResetWrittenCount();
        HubSpotMapper.WriteUpsert(body, _idProperty, settlement.Items, chunk);
        return body.WrittenCount > HubSpotDescriptor.MaxBytes;
    }

    private IEnumerable<int[]> Chunks(HubSpotSettlement settlement, IReadOnlyList<int> chosen)
    {
        var chunk = new List<int>(HubSpotDescriptor.MaxInputs);
        var bytes = 0;
        foreach (var index in Distinct(settlement, chosen))
        {
            var size = HubSpotMapper.MaxBytes(settlement.Items[index]);
            if (chunk.Count == HubSpotDescriptor.MaxInputs || (chunk.Count > 0 && bytes + size > HubSpotDescriptor.MaxBytes))
            {
                yield return [.. chunk];
                chunk.Clear();
                bytes = 0;
            }

            chunk.Add(index);
            bytes += size;
        }

        if (chunk.Count > 0)
        {
            yield return [.. chunk];
        }
    }

    /// <summary>E-mails that differ only in case are one key to HubSpot and would refuse the batch: all but the first wait for their next attempt.</summary>
    private IEnumerable<int> Distinct(HubSpotSettlement settlement, IReadOnlyList<int> chosen)
    {
        if (!options.IdentityIsEmail)
        {
            return chosen;
        }

        var seen = new HashSet<string>(chosen.Count);
        var distinct = new List<int>(chosen.Count);
        foreach (var index in chosen)
        {
            if (seen.Add(Key(settlement, index)))
            {
                distinct.Add(index);
            }
            else
            {
                settlement.Settle(index, Outcome.RetryLater, "hubspot_key_twice_in_batch");
            }
        }

        return distinct;
    }

    private Dictionary<string, int> KeysOf(HubSpotSettlement settlement, ReadOnlySpan<int> part)
    {
        var keys = new Dictionary<string, int>(part.Length);
        foreach (var index in part)
        {
            keys.TryAdd(Key(settlement, index), index);
        }

        return keys;
    }

    private string Key(HubSpotSettlement settlement, int index) => HubSpotMapper.KeyOnWire(_idProperty, settlement.Items[index].Key);
}
