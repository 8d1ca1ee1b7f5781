using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>Puts the people of a delivery into a static list, or takes them out. Lists know lead ids only, and ids die by merges and deletions.</summary>
internal sealed class MarketoMembership(MarketoOptions options, MarketoClient client, MarketoDelivery delivery, string list, Operation operation)
{
    private readonly bool _removes = operation == Operation.RemoveMember;

    public async Task ChangeAsync(CancellationToken cancellationToken)
    {
        var memberships = delivery.Open(slot => slot.LeadId != 0).ConvertAll(slot => new Membership(slot, slot.LeadId));
        await ResolveAsync(delivery.Open(slot => slot.LeadId == 0), memberships, cancellationToken);
        await SendAsync(memberships, cancellationToken);

        memberships.Clear();
        await ResolveAsync(delivery.Open(slot => slot.IsStale), memberships, cancellationToken);
        await SendAsync(memberships, cancellationToken);
    }

    private Task SendAsync(List<Membership> memberships, CancellationToken cancellationToken) => delivery.SendAsync(
        memberships,
        membership => membership.Slot,
        part => _removes
            ? client.RemoveFromListAsync(list, body => MarketoMapper.WriteIds(body, Ids(part)), cancellationToken)
            : client.AddToListAsync(list, body => MarketoMapper.WriteIds(body, Ids(part)), cancellationToken),
        (part, answer) => Settle(part, answer.Rows));

    private static IEnumerable<long> Ids(IReadOnlyList<Membership> part) => part.Select(membership => membership.LeadId).Distinct();

    private void Settle(IReadOnlyList<Membership> part, IReadOnlyList<AnswerRow> rows)
    {
        var byId = new Dictionary<long, AnswerRow>(rows.Count);
        foreach (var row in rows)
        {
            byId[row.Id] = row;
        }

        foreach (var (slot, leadId) in part)
        {
            if (!byId.TryGetValue(leadId, out var row))
            {
                delivery.Settle(slot, MarketoOutcomes.For(MarketoOutcomes.Unmentioned));
            }
            else if (row.Reason == MarketoOutcomes.LeadNotFound && !slot.WasResolvedAgain)
            {
                slot.MarkStale();
            }
            else if (row.Reason is { } reason)
            {
                slot.LeadId = reason == MarketoOutcomes.LeadNotFound ? 0 : slot.LeadId;
                delivery.Settle(slot, MarketoOutcomes.For(reason));
            }
            else
            {
                SettleDone(slot, row.Status);
            }
        }
    }

    private void SettleDone(DeliverySlot slot, RowStatus status)
    {
        // What the vendor answers for adding a member again is not documented: whatever is not skipped is in the list.
        switch (status)
        {
            case RowStatus.Added or RowStatus.MemberOf or RowStatus.Other when !_removes:
            case RowStatus.Removed when _removes:
                slot.Settle(Outcome.Delivered);
                break;
            case RowStatus.NotMemberOf when _removes:
                slot.Settle(Outcome.Unchanged);
                break;
            default:
                delivery.Settle(slot, MarketoOutcomes.For(MarketoOutcomes.Unmentioned));
                break;
        }
    }

    /// <summary>Looks lead ids up by key. Keys travel in the body, never in the address.</summary>
    private Task ResolveAsync(List<DeliverySlot> slots, List<Membership> memberships, CancellationToken cancellationToken)
    {
        if (delivery.IsHalted)
        {
            return Task.CompletedTask;
        }

        foreach (var slot in slots.Where(slot => slot.Item.Key.Contains(',', StringComparison.Ordinal)))
        {
            delivery.Settle(slot, MarketoOutcomes.For(_removes ? MarketoOutcomes.KeyNotSearchable : MarketoOutcomes.LeadNotFound));
        }

        slots.RemoveAll(slot => slot.IsSettled);
        return delivery.SendAsync(
            slots,
            slot => slot,
            part => FindAsync(part, cancellationToken),
            (part, answer) => TakeIds(part, answer.Rows, memberships));
    }

    private async Task<MarketoAnswer> FindAsync(IReadOnlyList<DeliverySlot> part, CancellationToken cancellationToken)
    {
        var rows = new List<AnswerRow>(part.Count);
        string? page = null;
        do
        {
            var answer = await client.FindLeadsAsync(options.IdentityKey, part.Select(slot => slot.Item.Key), page, cancellationToken);
            if (answer.Failure is not null)
            {
                return answer;
            }

            rows.AddRange(answer.Rows);
            page = answer.Rows.Count == 0 ? null : answer.NextPageToken;
        }
        while (page is not null);
        return MarketoAnswer.Of(rows);
    }

    private void TakeIds(IReadOnlyList<DeliverySlot> part, IReadOnlyList<AnswerRow> rows, List<Membership> memberships)
    {
        var ids = rows.Where(row => row is { Id: not 0, Text: not null }).ToLookup(row => row.Text!, row => row.Id, StringComparer.OrdinalIgnoreCase);
        foreach (var slot in part)
        {
            var found = ids[slot.Item.Key].Distinct().ToArray();
            slot.WasResolvedAgain = true;
            switch (found.Length)
            {
                case 0 when _removes:
                    slot.Settle(Outcome.Unchanged);
                    break;
                case 0:
                    delivery.Settle(slot, MarketoOutcomes.For(MarketoOutcomes.LeadNotFound));
                    break;
                case > 1 when !_removes:
                    delivery.Settle(slot, MarketoOutcomes.For(MarketoOutcomes.SeveralLeadsMatch));
                    break;
                default:
                    slot.LeadId = found[0];
                    memberships.AddRange(found.Select(id => new Membership(slot, id)));
                    break;
            }
        }
    }

    private readonly record struct Membership(DeliverySlot Slot, long LeadId);
}
