using System.Buffers;
using System.Runtime.CompilerServices;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Lists and their memberships. HubSpot takes record ids only.</summary>
internal sealed class HubSpotLists(HubSpotClient client, HubSpotOptions options, HubSpotJournal journal)
{
    /// <summary>
    /// Adds or removes the contacts of the items at <paramref name="chosen"/>, all of which have their contact id, and settles them.
    /// </summary>
    /// <returns>Items whose contact id nobody has any more: merged or deleted. They are not settled.</returns>
    public async Task<IReadOnlyList<int>> ChangeAsync(
        HubSpotSettlement settlement, bool add, string listId, IReadOnlyList<int> chosen, CancellationToken cancellationToken)
    {
        var gone = new List<int>();
        var body = new ArrayBufferWriter<byte>(16_384);
        var endpoint = add ? HubSpotApiVersion.AddMembers : HubSpotApiVersion.RemoveMembers;
        foreach (var chunk in chosen.Chunk(options.MembershipBatchSize))
        {
            var (part, answer) = await ChangeAsync(settlement, add, listId, chunk, body, cancellationToken);
            if (part.Length == 0)
            {
                continue;
            }

            if (answer.Failure is { } failure)
            {
                var judgement = JudgeList(failure, endpoint, part.Length);
                foreach (var index in part)
                {
                    settlement.Apply(index, judgement);
                }
            }
            else if (answer.Body!.SaysAnything)
            {
                Settle(settlement, part, answer.Body, add, gone);
            }

            if (settlement.Condition is not null)
            {
                break;
            }
        }

        return gone;
    }

    /// <summary>Makes the call for those of the items who may be sent when it is admitted.</summary>
    /// <returns>These, perhaps none, and the answer.</returns>
    private async Task<(int[] Part, HubSpotAnswer<MembershipChange> Answer)> ChangeAsync(
        HubSpotSettlement settlement, bool add, string listId, int[] part, ArrayBufferWriter<byte> body, CancellationToken cancellationToken)
    {
        HubSpotAnswer<MembershipChange> answer = default;
        for (var isCleared = false; !isCleared && part.Length > 0;)
        {
            body.ResetWrittenCount();
            HubSpotMapper.WriteRecordIds(body, part.Select(index => settlement.ContactId(index)!).Distinct());
            var clearance = settlement.ClearanceFor(part);
            answer = await client.ChangeMembersAsync(add, listId, body.WrittenMemory, clearance, cancellationToken);
            isCleared = clearance.Withheld.Count == 0;
            part = settlement.Withhold(part, clearance);
        }

        return (part, answer);
    }

    /// <summary>Finds the list of an audience: by id when the request has one, else by name; then creates it when nobody has it.</summary>
    public async Task<EnsureAudienceResult> EnsureAsync(AudienceRequest request, CancellationToken cancellationToken)
    {
        if (request.RemoteId is { } listId)
        {
            return Check(request, await client.GetListAsync(listId, cancellationToken), HubSpotApiVersion.GetList);
        }

        var found = await client.FindListAsync(request.RemoteName, cancellationToken);
        if (found.Failure is not { Status: 404 })
        {
            return Check(request, found, HubSpotApiVersion.FindList);
        }

        var body = new ArrayBufferWriter<byte>();
        HubSpotMapper.WriteManualList(body, request.RemoteName);
        var created = await client.CreateListAsync(body.WrittenMemory, cancellationToken);
        if (created.Failure is { Status: 400 or 409 })
        {
            // Another instance may have been faster: names are unique.
            found = await client.FindListAsync(request.RemoteName, cancellationToken);
            created = found.Failure is null ? found : created;
        }

        return Check(request, created, HubSpotApiVersion.CreateList);
    }

    /// <summary>Pages through the members of a list.</summary>
    /// <exception cref="DestinationException">A page could not be read.</exception>
    public async IAsyncEnumerable<IReadOnlyList<RemoteMember>> ListAsync(string listId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var page = await client.ListMembersAsync(listId, after, cancellationToken);
            if (page.Failure is { } failure)
            {
                throw new DestinationException(ConditionOf(JudgeList(failure, HubSpotApiVersion.ListMembers, 0)));
            }

            yield return [.. page.Body!.Results?.Select(static member => new RemoteMember(member.RecordId, null)) ?? []];
            after = page.Body.Paging?.Next?.After;
        }
        while (after is not null);
    }

    private static void Settle(HubSpotSettlement settlement, int[] part, MembershipChange answer, bool add, List<int> gone)
    {
        foreach (var index in part)
        {
            var contactId = settlement.ContactId(index)!;
            if (answer.Missing.Contains(contactId))
            {
                gone.Add(index);
            }
            else
            {
                // In neither list: already as wanted. With fields the delivery still changed the contact.
                var changed = answer.Changed.Contains(contactId) || (add && settlement.Items[index].Fields.Count > 0);
                settlement.Settle(index, changed ? Outcome.Delivered : Outcome.Unchanged);
            }
        }
    }

    private EnsureAudienceResult Check(AudienceRequest request, HubSpotAnswer<ListAnswer> answer, VendorEndpoint endpoint)
    {
        if (answer.Failure is { } failure)
        {
            return new(null, ConditionOf(JudgeList(failure, endpoint, 0)));
        }

        return answer.Body!.List switch
        {
            null => new(null, new(DestinationTrouble.Unavailable, "malformed_answer")),
            { ObjectTypeId: not (null or "0-1") } => new(null, new(DestinationTrouble.Misconfigured, "list_not_of_contacts")),
            { ProcessingType: "DYNAMIC" } => new(null, new(DestinationTrouble.Misconfigured, "list_not_manual")),
            var list => new(new AudienceTarget(request.Audience, list.ListId), null),
        };
    }

    /// <summary>A refused list call is never a record's fault: the list is gone, of the wrong kind, or out of reach.</summary>
    private Judgement JudgeList(HubSpotFailure failure, VendorEndpoint endpoint, int records)
    {
        var judgement = journal.Judge(failure, endpoint, records);
        return failure.Status switch
        {
            404 => Judgement.Stop(DestinationTrouble.Misconfigured, "list_not_found"),
            400 => Judgement.Stop(DestinationTrouble.Misconfigured, "list_refused"),
            _ => judgement.Verdict is Verdict.Reject or Verdict.Adopt ? judgement with { Verdict = Verdict.Retry } : judgement,
        };
    }

    private static DestinationCondition ConditionOf(Judgement judgement)
        => judgement.Condition ?? new DestinationCondition(DestinationTrouble.Unavailable, judgement.Code);
}
