using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>A custom activity as it is written.</summary>
internal sealed record ActivityWrite(DeliverySlot Slot, long TypeId, FieldValue Primary, IReadOnlyList<Field> Attributes);

/// <summary>
/// Records events as custom activities of leads. The vendor keeps every one that it is given, recognises no repeat, and shows an
/// activity some time after it took it: a lost answer is settled by reading back later, <see cref="MarketoEventReading"/>.
/// </summary>
internal sealed class MarketoEvents(MarketoOptions options, MarketoActivityTypes types, MarketoPeople people, MarketoClient client, MarketoDelivery delivery)
{
    public async Task TrackAsync(CancellationToken cancellationToken)
    {
        var activities = new List<ActivityWrite>();
        foreach (var named in delivery.Open(_ => true).ToLookup(slot => slot.Item.Event?.Name ?? "", StringComparer.Ordinal))
        {
            if (delivery.IsHalted)
            {
                return;
            }

            var (type, answer) = await types.FindAsync(client, named.Key, cancellationToken);
            activities.AddRange(type is null ? Refuse(named, answer!) : named.Select(slot => Map(slot, type)).OfType<ActivityWrite>());
        }

        await people.ResolveAsync(delivery, Waiting(activities, slot => slot.LeadId == 0), TakeId, cancellationToken);
        await SendAsync(activities, cancellationToken);
        await people.ResolveAsync(delivery, Waiting(activities, slot => slot.IsStale), TakeId, cancellationToken);
        await SendAsync(activities, cancellationToken);
    }

    private static IEnumerable<DeliverySlot> Waiting(List<ActivityWrite> activities, Predicate<DeliverySlot> where) =>
        activities.Select(activity => activity.Slot).Where(slot => !slot.IsSettled && where(slot));

    private Task SendAsync(List<ActivityWrite> activities, CancellationToken cancellationToken) => delivery.SendAsync(
        activities.FindAll(activity => !activity.Slot.IsSettled && activity.Slot.LeadId != 0),
        activity => activity.Slot,
        (part, clearance) => client.SendAsync(MarketoRequests.AddActivities(clearance, body => MarketoMapper.WriteActivities(body, part)), cancellationToken),
        (part, answer) => SettleByPosition(part, answer.Rows),
        appends: true);

    private void SettleByPosition(IReadOnlyList<ActivityWrite> part, IReadOnlyList<AnswerRow> rows)
    {
        for (var i = 0; i < part.Count; i++)
        {
            var slot = part[i].Slot;
            if (rows.Count != part.Count || (rows[i].Status == RowStatus.Added) != (rows[i].Reason is null))
            {
                slot.Settle(Outcome.Ambiguous, ReasonCode.Ambiguous);
            }
            else if (rows[i].Reason == MarketoOutcomes.LeadNotFound && !slot.WasResolvedAgain)
            {
                slot.MarkStale();
            }
            else if (rows[i].Reason is { } reason)
            {
                slot.LeadId = reason == MarketoOutcomes.LeadNotFound ? 0 : slot.LeadId;
                delivery.Settle(slot, MarketoOutcomes.For(reason));
            }
            else
            {
                slot.Settle(Outcome.Delivered);
            }
        }
    }

    private void TakeId(DeliverySlot slot, long[] found)
    {
        if (found.Length == 1)
        {
            slot.LeadId = found[0];
            return;
        }

        delivery.Settle(slot, delivery.Judge(found.Length == 0 ? MarketoOutcomes.LeadNotFound : MarketoOutcomes.SeveralLeadsMatch));
    }

    private ActivityWrite? Map(DeliverySlot slot, ActivityType type)
    {
        var happened = slot.Item.Event!;
        var id = new Field(options.EventIdField, FieldValue.Of(happened.Id.ToString("D")));
        Field[] all = [.. happened.Properties.Concat(Bought(happened.Purchase)), id];
        if (type.Primary != id.Name && !type.Secondary.Contains(id.Name))
        {
            delivery.Settle(slot, MarketoOutcomes.For(MarketoOutcomes.EventIdAttributeMissing));
            return null;
        }

        if (!Array.TrueForAll(all, field => field.Name == type.Primary || type.Secondary.Contains(field.Name)))
        {
            delivery.Settle(slot, MarketoOutcomes.For(MarketoOutcomes.EventAttributeUnknown));
            return null;
        }

        var primary = Array.Find(all, field => field.Name == type.Primary);
        if (primary.Value.Kind == FieldKind.Null)
        {
            delivery.Settle(slot, MarketoOutcomes.For(MarketoOutcomes.PrimaryAttributeMissing));
            return null;
        }

        return new(slot, type.Id, primary.Value, Array.FindAll(all, field => field.Name != type.Primary && field.Value.Kind != FieldKind.Null));
    }

    private static IEnumerable<Field> Bought(Purchase? purchase) => purchase is null ? [] :
    [
        new("productId", FieldValue.Of(purchase.ProductId)), new("currency", FieldValue.Of(purchase.Currency)),
        new("price", FieldValue.Of(purchase.Price)), new("quantity", FieldValue.Of(purchase.Quantity)),
    ];

    /// <summary>Settles the events of a type that cannot be used.</summary>
    private ActivityWrite[] Refuse(IEnumerable<DeliverySlot> named, MarketoAnswer answer)
    {
        foreach (var slot in named)
        {
            delivery.SettleUnsent(slot, answer);
        }

        return [];
    }
}
