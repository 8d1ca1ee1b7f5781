using System.Buffers;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// Writes contacts so that one bad record never condemns its batch, and learns their record ids. HubSpot answers in any order and in
/// lower case: rows are matched by trace id, or by key where it is missing, never by position.
/// </summary>
internal sealed class HubSpotContacts(HubSpotClient client, HubSpotOptions options, HubSpotJournal journal)
{
    /// <summary>Calls that one chunk of contacts may cost while it is halved; what is not judged by then waits for its next attempt.</summary>
    private const int MaxCallsPerChunk = 48;

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
        var body = new ArrayBufferWriter<byte>();
        foreach (var chunk in Distinct(settlement, [.. chosen]).Chunk(HubSpotDescriptor.MaxInputs))
        {
            var byKey = KeysOf(settlement, chunk);
            body.ResetWrittenCount();
            HubSpotMapper.WriteRead(body, _idProperty, options.IdentityIsEmail ? [_idProperty, ContactRow.OtherEmailsProperty] : [_idProperty], byKey.Keys);
            var answer = await client.ReadAsync(_idProperty, body.WrittenMemory, cancellationToken);
            if (answer.Failure is { } failure)
            {
                var judgement = journal.Judge(failure, HubSpotApiVersion.ReadContacts, chunk.Length);
                Apply(settlement, chunk, judgement.Condition is null ? judgement with { Verdict = Verdict.Retry } : judgement);
            }
            else
            {
                Match(settlement, byKey, answer.Body!);
            }

            if (settlement.Condition is not null)
            {
                return;
            }
        }
    }

    private void Match(HubSpotSettlement settlement, Dictionary<string, int> byKey, ContactBatch answer)
    {
        foreach (var row in answer.Results)
        {
            foreach (var key in row.KeysOf(_idProperty))
            {
                if (byKey.Remove(key, out var index))
                {
                    settlement.Learn(index, row.Id);
                }
            }
        }

        foreach (var key in answer.Errors.Where(static error => error.Category == "OBJECT_NOT_FOUND").SelectMany(static error => error.Ids))
        {
            if (byKey.Remove(HubSpotMapper.KeyOnWire(_idProperty, key), out var index))
            {
                settlement.Learn(index, null);
            }
        }

        foreach (var index in byKey.Values)
        {
            settlement.Settle(index, Outcome.RetryLater, "hubspot_not_mentioned");
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
        await HalveAsync(settlement, chunk, HubSpotApiVersion.UpsertContacts, conflicts, part =>
        {
            body.ResetWrittenCount();
            HubSpotMapper.WriteUpsert(body, _idProperty, settlement.Items, part);
            return client.UpsertAsync(_idProperty, body.WrittenMemory, cancellationToken);
        });

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

        var adopted = new List<int>(conflicts.Count);
        foreach (var (index, contactId) in conflicts)
        {
            // Each contact is given away once: two of our records may share an e-mail.
            if (existing.Remove(contactId, out var contact) && MayAdopt(settlement.Items[index], contact))
            {
                adopted.Add(index);
            }
            else
            {
                settlement.Settle(index, Outcome.Rejected, "hubspot_email_of_another_contact");
            }
        }

        if (adopted.Count > 0)
        {
            await HalveAsync(settlement, [.. adopted], HubSpotApiVersion.UpdateContacts, null, part =>
            {
                body.ResetWrittenCount();
                HubSpotMapper.WriteUpdate(body, _idProperty, settlement.Items, part, conflicts);
                return client.UpdateAsync(_idProperty, body.WrittenMemory, cancellationToken);
            });
        }
    }

    /// <summary>Sends a chunk; where HubSpot refuses a whole batch for what may be one record's fault, its halves, and so on.</summary>
    private async Task HalveAsync(
        HubSpotSettlement settlement,
        int[] chunk,
        VendorEndpoint endpoint,
        Dictionary<int, string>? conflicts,
        Func<ArraySegment<int>, Task<HubSpotAnswer<ContactBatch>>> send)
    {
        var parts = new Stack<ArraySegment<int>>([chunk]);
        for (var calls = 0; calls < MaxCallsPerChunk && settlement.Condition is null && parts.TryPop(out var part); calls++)
        {
            var answer = await send(part);
            if (answer.Failure is not { } failure)
            {
                Match(settlement, part, answer.Body!, endpoint, conflicts);
                continue;
            }

            var judgement = journal.Judge(failure, endpoint, part.Count);
            if (judgement.Split && part.Count > 1)
            {
                parts.Push(part[(part.Count / 2)..]);
                parts.Push(part[..(part.Count / 2)]);
            }
            else if (!IsConflict(judgement, failure.Error, part, conflicts))
            {
                Apply(settlement, part, judgement);
            }
        }

        foreach (var index in settlement.Condition is null ? parts.SelectMany(static part => part) : [])
        {
            settlement.Settle(index, Outcome.RetryLater, "hubspot_batch_refused");
        }
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
                if (settlement.TryFind(recordId, out var index) && !IsConflict(judgement, error, [index], conflicts))
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

    private static bool IsConflict(Judgement judgement, HubSpotError error, ReadOnlySpan<int> part, Dictionary<int, string>? conflicts)
    {
        if (judgement.Verdict != Verdict.Adopt || error.ExistingId is null || conflicts is null)
        {
            return false;
        }

        foreach (var index in part)
        {
            conflicts[index] = error.ExistingId;
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
