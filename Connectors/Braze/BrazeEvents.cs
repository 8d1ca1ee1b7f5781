using System.Globalization;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Braze;

/// <summary>
/// Writes event and purchase objects. Braze gives each object an id of its own and recognises no repeat, so the hub's id stands in the
/// properties: https://www.braze.com/docs/api/objects_filters/event_object
/// </summary>
internal static class BrazeEvents
{
    /// <summary>The property that holds the hub's id of the event, the same on every attempt.</summary>
    public const string IdProperty = "hub_event_id";

    private const int MaxQuantity = 100;
    private const int MaxEventBytes = 100 * 1024;
    private const int MaxPurchaseBytes = 50 * 1024;

    private static readonly HashSet<string> Reserved = [IdProperty, "time", "event_name"];
    private static readonly HashSet<string> ReservedByPurchases = ["product_id", "quantity", "price", "currency"];

    /// <returns>The reason why Braze would refuse or drop the event, or null.</returns>
    public static string? WhyUnsendable(Behavior tracked)
    {
        if (PurchaseOf(tracked) is { } purchase)
        {
            if (purchase.ProductId.Length is 0 or > BrazeMapper.MaxText)
            {
                return "braze_bad_product_id";
            }

            if (purchase.Quantity is < 1 or > MaxQuantity)
            {
                return "braze_INVALID_QUANTITY";
            }
        }
        else if (tracked.Name.Length is 0 or > BrazeMapper.MaxText)
        {
            return "braze_bad_event_name";
        }

        var bytes = 0;
        foreach (var (name, value) in PropertiesOf(tracked))
        {
            if (name.Length is 0 or > BrazeMapper.MaxText || name[0] == '$' || Reserved.Contains(name)
                || (PurchaseOf(tracked) is not null && ReservedByPurchases.Contains(name)))
            {
                return "field_not_writable";
            }

            if (value.Kind == FieldKind.Text && value.Text.Length > BrazeMapper.MaxText)
            {
                return "text_too_long";
            }

            bytes += (name.Length + value.ToString().Length) * 4;
        }

        return bytes > (PurchaseOf(tracked) is null ? MaxEventBytes : MaxPurchaseBytes) ? "record_too_large" : null;
    }

    /// <summary>Writes what follows the identity.</summary>
    /// <returns>The array that the object belongs to.</returns>
    public static string Write(Utf8JsonWriter json, Behavior tracked)
    {
        if (PurchaseOf(tracked) is { } purchase)
        {
            json.WriteString("product_id"u8, purchase.ProductId);
            json.WriteString("currency"u8, purchase.Currency);
            json.WriteNumber("price"u8, purchase.Price);
            json.WriteNumber("quantity"u8, purchase.Quantity);
        }
        else
        {
            json.WriteString("name"u8, tracked.Name);
        }

        json.WriteString("time"u8, tracked.OccurredAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        json.WriteStartObject("properties"u8);
        json.WriteString(IdProperty, tracked.Id);
        foreach (var property in PropertiesOf(tracked).Where(property => property.Value.Kind != FieldKind.Null))
        {
            BrazeMapper.WriteField(json, property);
        }

        json.WriteEndObject();
        return PurchaseOf(tracked) is null ? TrackRequestBuilder.Events : TrackRequestBuilder.Purchases;
    }

    /// <summary>The purchase object that is sent. Campaigns may start by any purchase, whatever it is of: one of the past is told as an event.</summary>
    private static Purchase? PurchaseOf(Behavior tracked) => tracked.IsQuiet ? null : tracked.Purchase;

    private static IEnumerable<Field> PropertiesOf(Behavior tracked) => tracked is { IsQuiet: true, Purchase: { } bought }
        ? tracked.Properties.Where(property => !ReservedByPurchases.Contains(property.Name)).Concat(
        [
            new("product_id", FieldValue.Of(bought.ProductId)), new("currency", FieldValue.Of(bought.Currency)), new("price", FieldValue.Of(bought.Price)), new("quantity", FieldValue.Of(bought.Quantity)),
        ])
        : tracked.Properties;
}
