using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>A chance to sell.</summary>
public sealed record CreatedOpportunity
{
    /// <summary>Id of the opportunity at the producer; not empty, up to 255 characters.</summary>
    [JsonPropertyName("opportunity_id")]
    public required string OpportunityId { get; init; }

    /// <summary>The stage that it begins in, in the producer's words; not empty, up to 128 characters.</summary>
    [JsonPropertyName("stage")]
    public required string Stage { get; init; }

    /// <summary>Its name, or null; up to 255 characters.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>What it is expected to bring in <see cref="Currency"/>, 0 or more, or null. May be spelled as a text, as the bus does for decimals.</summary>
    [JsonPropertyName("amount")]
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public decimal? Amount { get; init; }

    /// <summary>ISO 4217 code in capitals, for example <c>EUR</c>; needed where there is an amount.</summary>
    [JsonPropertyName("currency")]
    public string? Currency { get; init; }

    /// <summary>Day on which it is expected to close, or null.</summary>
    [JsonPropertyName("expected_close_on")]
    public DateOnly? ExpectedCloseOn { get; init; }

    /// <summary>Id of the lead that it came of, or null; up to 255 characters.</summary>
    [JsonPropertyName("lead_id")]
    public string? LeadId { get; init; }
}
