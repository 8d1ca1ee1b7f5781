using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>Puts the people of a delivery into a static list, or takes them out. Lists know lead ids only, and ids die by merges and deletions.</summary>
internal sealed class MarketoMembership(MarketoPeople people, MarketoClient client, MarketoDelivery delivery, string list)
{
    private readonly bool _removes = delivery.Batch.Operation == Operation.RemoveMember;

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
        (part, clearance) => client.SendAsync(
            _removes
                ? MarketoRequests.RemoveFromList(clearance, list, body => MarketoMapper.WriteIds(body, Ids(part)))
                : MarketoRequests.AddToList(clearance, list, body => MarketoMapper.WriteIds(body, Ids(part))),
            cancellationToken),
        (part, answer) => Settle(part, answer.Rows));

    private static IEnumerable<long> Ids(IReadOnlyList<Membership> part) => part.Select(membership => membership.LeadId).Distinct();

    private void Settle(IReadOnlyList<Membership> part, IReadOnlyList<AnswerRow> rows)
    {
        var byId = new Dictionary<long, AnswerRow>(rows.Count);
        foreach (var row in rows.Where(row => row.Id != 0))
        {
            byId[row.Id] = row;
        }

        foreach (var (slot, leadId) in part)
        {
            if (!byId.TryGetValue(leadId, out var row))
            {
                delivery.SettleUnmentioned(slot);
            }
            else if (row.Reason == MarketoOutcomes.LeadNotFound && !slot.WasResolvedAgain)
            {
                slot.MarkStale();
            }
            else if (row.Reason == MarketoOutcomes.NotInList && _removes)
            {
                slot.Settle(Outcome.Unchanged);
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
        switch (status)
        {
            case RowStatus.Added or RowStatus.MemberOf when !_removes:
            case RowStatus.Removed when _removes:
                slot.Settle(Outcome.Delivered);
                break;
            case RowStatus.NotMemberOf when _removes:
                slot.Settle(Outcome.Unchanged);
                break;
            default:
                delivery.SettleUnmentioned(slot);
                break;
        }
    }

    private Task ResolveAsync(List<DeliverySlot> slots, List<Membership> memberships, CancellationToken cancellationToken) =>
        people.ResolveAsync(delivery, slots, (slot, found) => TakeIds(slot, found, memberships), cancellationToken);

    private void TakeIds(DeliverySlot slot, long[] found, List<Membership> memberships)
    {
        switch (found.Length)
        {
            case 0 when _removes:
                slot.Settle(Outcome.Unchanged);
                break;
            case 0:
                delivery.Settle(slot, delivery.Judge(MarketoOutcomes.LeadNotFound));
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

    private readonly record struct Membership(DeliverySlot Slot, long LeadId);
}
