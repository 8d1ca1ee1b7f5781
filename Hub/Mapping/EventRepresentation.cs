using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Mapping;

/// <summary>How a destination is told of events of one name. Pure.</summary>
/// <param name="written">As the destination's file says it.</param>
internal sealed class EventRepresentation(EventSection written)
{
    /// <summary>The event as the vendor should hold it, or null with the reason code why it cannot be told.</summary>
    public Behavior? Map(BehaviorTracked happened, out string? code)
    {
        code = null;
        var fields = new List<Field>(written.Properties.Count + 1);
        if (written.NameProperty is not null)
        {
            fields.Add(new Field(written.NameProperty, FieldValue.Of(happened.Payload.Name)));
        }

        foreach (var (canonical, vendors) in written.Properties)
        {
            if (!happened.Payload.Properties.TryGetValue(canonical, out var value) || value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            {
                continue;
            }

            if (ValueOf(value) is not { } mapped)
            {
                code = value.ValueKind == JsonValueKind.Number ? "number_malformed" : "value_not_scalar";
                return null;
            }

            fields.Add(new Field(vendors, mapped));
        }

        return new Behavior { Id = happened.EventId, Name = written.Name, OccurredAt = happened.OccurredAt, Properties = fields, Purchase = PurchaseOf(happened.Payload.Purchase) };
    }

    private static FieldValue? ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => FieldValue.Of(value.GetString()!),
        JsonValueKind.Number => value.TryGetDecimal(out var number) ? FieldValue.Of(number) : null,
        JsonValueKind.True => FieldValue.Of(true),
        JsonValueKind.False => FieldValue.Of(false),
        _ => null,
    };

    private static Purchase? PurchaseOf(PurchasedProduct? bought) =>
        bought is null ? null : new Purchase(bought.ProductId, bought.Currency, bought.Price, bought.Quantity);
}
