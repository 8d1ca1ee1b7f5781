using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Events;

namespace IntegrationHub.Hub.Mapping;

/// <summary>How a destination is told of events of one name. Pure.</summary>
/// <param name="Name">The vendor's name or id of the kind of event.</param>
/// <param name="NameProperty">The vendor's property that holds the canonical name, or null for none.</param>
/// <param name="Properties">The vendor's property by the canonical one; no other property leaves the hub.</param>
internal sealed record EventRepresentation(string Name, string? NameProperty, IReadOnlyDictionary<string, string> Properties)
{
    /// <summary>The event as the vendor should hold it, or null with the reason code why it cannot be told.</summary>
    public Behavior? Map(BehaviorTracked happened, out string? code)
    {
        code = null;
        var fields = new List<Field>(Properties.Count + 1);
        if (NameProperty is not null)
        {
            fields.Add(new Field(NameProperty, FieldValue.Of(happened.Payload.Name)));
        }

        foreach (var (canonical, vendors) in Properties)
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

        return new Behavior { Id = happened.EventId, Name = Name, OccurredAt = happened.OccurredAt, Properties = fields, Purchase = PurchaseOf(happened.Payload.Purchase) };
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
