using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>What a person bought.</summary>
public sealed record PurchasedProduct
{
    /// <summary>Id of the product; not empty, up to 255 characters.</summary>
    [JsonPropertyName("product_id")]
    public required string ProductId { get; init; }

    /// <summary>ISO 4217 code in capitals, for example <c>EUR</c>.</summary>
    [JsonPropertyName("currency")]
    public required string Currency { get; init; }

    /// <summary>Price of one piece in that currency, 0 or more. May be spelled as a text, as the bus does for decimals.</summary>
    [JsonPropertyName("price")]
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public required decimal Price { get; init; }

    /// <summary>Pieces, 1 or more.</summary>
    [JsonPropertyName("quantity")]
    public int Quantity { get; init; } = 1;
}
