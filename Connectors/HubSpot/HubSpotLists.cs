using System.Buffers;
using System.Runtime.CompilerServices;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Lists and their memberships. HubSpot takes record ids only.</summary>
internal sealed class HubSpotLists(HubSpotClient client, HubSpotOptions options, HubSpotJournal journal)
{
    public const string ListRefused = "list_refused";
    public const string NotManual = "list_not_manual";
    public const string NotOfContacts = "list_not_of_contacts";

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
                var judgement = await JudgeAsync(failure, endpoint, part.Length, listId, cancellationToken);
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
        if (found is not ({ Failure.Status: 400 or 404 } or { Body.List.DeletedAt: not null }))
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
            created = found is { Failure: null, Body.List.DeletedAt: null } ? found : created;
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
            var page = await ReadPageAsync(listId, after, cancellationToken);
            yield return page.Members;
            after = page.Next;
        }
        while (after is not null);
    }

    /// <summary>Reads a page of the members of a list. An empty list is looked at once more: one that is gone has no members either.</summary>
    /// <exception cref="DestinationException">The page could not be read, or the list is gone.</exception>
    public async Task<RemoteMemberPage> ReadPageAsync(string listId, string? after, CancellationToken cancellationToken)
    {
        var page = await client.ListMembersAsync(listId, after, cancellationToken);
        if (page.Failure is { } failure)
        {
            throw new DestinationException(ConditionOf(await JudgeAsync(failure, HubSpotApiVersion.ListMembers, 0, listId, cancellationToken)));
        }

        var read = new RemoteMemberPage([.. page.Body!.Results?.Select(static member => new RemoteMember(member.RecordId, null)) ?? []], page.Body.Paging?.Next?.After);
        if (after is null && read is { Members.Count: 0, Next: null })
        {
            await RequireAsync(listId, cancellationToken);
        }

        return read;
    }

    /// <summary>Tells an empty list from one that is gone.</summary>
    /// <exception cref="DestinationException">The list is gone, or HubSpot did not say.</exception>
    public async Task RequireAsync(string listId, CancellationToken cancellationToken)
    {
        var answer = await client.GetListAsync(listId, cancellationToken);
        if (Fault(answer) is { } code)
        {
            throw new DestinationException(new DestinationCondition(DestinationTrouble.Misconfigured, code));
        }

        if (answer.Failure is { } failure)
        {
            throw new DestinationException(ConditionOf(journal.Judge(failure, HubSpotApiVersion.GetList, 0)));
        }
    }

    /// <summary>Finds which lists are gone or do not serve; changes nothing.</summary>
    /// <exception cref="DestinationException">HubSpot did not say.</exception>
    public async Task<IReadOnlyList<FieldFinding>> InspectAsync(IReadOnlyList<AudienceTarget> audiences, CancellationToken cancellationToken)
    {
        var findings = new List<FieldFinding>();
        foreach (var audience in audiences)
        {
            var answer = await client.GetListAsync(audience.RemoteRef, cancellationToken);
            if (Fault(answer) is { } code)
            {
                findings.Add(Finding(audience, code));
            }
            else if (answer.Failure is { } failure)
            {
                throw new DestinationException(ConditionOf(journal.Judge(failure, HubSpotApiVersion.GetList, 0)));
            }
        }

        return findings;
    }

    private static FieldFinding Finding(AudienceTarget audience, string code)
    {
        var list = $"List {audience.RemoteRef} of audience {audience.Audience}";
        return code switch
        {
            ReasonCode.AudienceGone => new(
                audience.RemoteRef, code, $"{list} was deleted in HubSpot.",
                "Restore it in HubSpot, which it allows for 90 days. Or let the hub make another one: take the list's id out of the destination's file if it stands there, and start the next run."),
            NotManual => new(
                audience.RemoteRef, code, $"HubSpot computes the members of {list} itself.", "Convert it to a static list in HubSpot, or give the id of another one in the destination's file."),
            _ => new(audience.RemoteRef, code, $"{list} does not hold contacts.", "Give the id of a list of contacts in the destination's file."),
        };
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
                settlement.Settle(index, changed ? Outcome.Delivered : Outcome.Unchanged, settlement.Note(index));
            }
        }
    }

    private EnsureAudienceResult Check(AudienceRequest request, HubSpotAnswer<ListAnswer> answer, VendorEndpoint endpoint) => answer switch
    {
        _ when Fault(answer) is { } code && (answer.Body is not null || endpoint == HubSpotApiVersion.GetList) => new(null, new(DestinationTrouble.Misconfigured, code)),
        { Failure: { Status: 400 } } => new(null, new(DestinationTrouble.Misconfigured, ListRefused)),
        { Failure: { } failure } => new(null, ConditionOf(journal.Judge(failure, endpoint, 0))),
        { Body.List.ListId: { Length: > 0 } listId } => new(new AudienceTarget(request.Audience, listId), null),
        _ => new(null, new(DestinationTrouble.Unavailable, "malformed_answer")),
    };

    /// <summary>Why a list does not serve, or null when it does or nothing is known.</summary>
    private static string? Fault(HubSpotAnswer<ListAnswer> answer) => answer switch
    {
        { Failure.Status: 404 } or { Body.List.DeletedAt: not null } => ReasonCode.AudienceGone,
        { Body.List.ObjectTypeId: not (null or "0-1") } => NotOfContacts,
        { Body.List.ProcessingType: "DYNAMIC" } => NotManual,
        _ => null,
    };

    /// <summary>
    /// A refused list call is never a record's fault: the list is gone, of the wrong kind, or out of reach. Which it is, the list itself
    /// tells: no page says how a call is refused for a list that was deleted.
    /// </summary>
    private async Task<Judgement> JudgeAsync(HubSpotFailure failure, VendorEndpoint endpoint, int records, string listId, CancellationToken cancellationToken)
    {
        var judgement = journal.Judge(failure, endpoint, records);
        if (failure.Status is not (400 or 404 or 409 or 410))
        {
            return judgement.Verdict is Verdict.Reject or Verdict.Adopt ? judgement with { Verdict = Verdict.Retry } : judgement;
        }

        var list = await client.GetListAsync(listId, cancellationToken);
        if (Fault(list) is { } code)
        {
            return Judgement.Stop(DestinationTrouble.Misconfigured, code);
        }

        return list.Failure is { } unknown ? journal.Judge(unknown, HubSpotApiVersion.GetList, 0)
            : failure.Status == 404 ? Judgement.Retry("hubspot_list_not_ready")
            : Judgement.Stop(DestinationTrouble.Misconfigured, ListRefused);
    }

    private static DestinationCondition ConditionOf(Judgement judgement)
        => judgement.Condition ?? new DestinationCondition(DestinationTrouble.Unavailable, judgement.Code);
}
