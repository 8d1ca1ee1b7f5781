using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Mapping;

/// <summary>How a destination is told of events of one name. Pure.</summary>
/// <param name="written">As the destination's file says it.</param>
/// <param name="quiet">How the connector tells events of the past; null where it cannot.</param>
/// <param name="policy">What may leave for the destination; a property that may not, or only as a hash, is not told.</param>
internal sealed class EventRepresentation(EventSection written, QuietEvents? quiet, FieldPolicy policy)
{
    private readonly KeyValuePair<string, string>[] _told = [.. written.Properties.Where(property => policy.DecideProperty(property.Key).Handling == FieldHandling.Send)];
    private readonly KeyValuePair<string, string>[] _withheld = [.. written.Properties.Where(property => policy.DecideProperty(property.Key).IsWithheld)];

    /// <summary>No way is known to tell the event without something starting by it.</summary>
    public const string NoQuietWay = "no_quiet_way";

    /// <summary>The vendor's name for an event of the past; null where there is no way to tell it quietly.</summary>
    public string? QuietName { get; } = written.BackfillName ?? (written.BackfillFlag is not null ? written.Name : quiet?.Suffix is { } suffix ? written.Name + suffix : null);

    /// <summary>The vendor's property that marks an event of the past, or null.</summary>
    public string? Flag => written.BackfillFlag;

    /// <summary>The vendor's name or id of the kind of event.</summary>
    public string VendorName => written.Name;

    /// <summary>What it asks of the vendor: the kind of event with the properties that may be told, and that of events of the past where it is another one.</summary>
    public IEnumerable<EventUse> Uses
    {
        get
        {
            string[] told = [.. new[] { written.NameProperty }.OfType<string>().Concat(_told.Select(property => property.Value)).Distinct(StringComparer.Ordinal)];
            string[] quiet = [.. told.Concat(new[] { written.BackfillFlag }.OfType<string>()).Distinct(StringComparer.Ordinal)];
            return QuietName == written.Name ? [new EventUse(written.Name, quiet)] : QuietName is { } past ? [new EventUse(written.Name, told), new EventUse(past, quiet)] : [new EventUse(written.Name, told)];
        }
    }

    /// <summary>The event as the vendor should hold it, or null with the reason code why it cannot be told.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="isQuiet">True when nothing at the vendor shall start by it.</param>
    /// <param name="code">Why it cannot be told, or null.</param>
    public Behavior? Map(BehaviorTracked happened, bool isQuiet, out string? code)
    {
        code = isQuiet && QuietName is null ? NoQuietWay : null;
        if (code is not null)
        {
            return null;
        }

        var fields = new List<Field>(written.Properties.Count + 2);
        if (isQuiet && written.BackfillFlag is { } flag)
        {
            fields.Add(new Field(flag, FieldValue.Of(true)));
        }

        if (written.NameProperty is not null)
        {
            fields.Add(new Field(written.NameProperty, FieldValue.Of(happened.Payload.Name)));
        }

        foreach (var (canonical, vendors) in _told)
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

        return new Behavior
        {
            Id = happened.EventId, Name = isQuiet ? QuietName! : written.Name, OccurredAt = happened.OccurredAt, Properties = fields, Purchase = PurchaseOf(happened.Payload.Purchase), IsQuiet = isQuiet,
        };
    }

    /// <summary>The vendor's properties that are not told, although the event has them, because no line of policy lets them leave.</summary>
    public IReadOnlyList<string> WithheldOf(BehaviorTracked happened) => _withheld.Length == 0 ? [] : [.. _withheld.Where(property => happened.Payload.Properties.ContainsKey(property.Key)).Select(static property => property.Value)];

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
