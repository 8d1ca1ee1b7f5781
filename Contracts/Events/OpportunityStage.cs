using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>The stage of an opportunity.</summary>
public sealed record OpportunityStage
{
    /// <summary>Id of the opportunity at the producer; not empty, up to 255 characters.</summary>
    [JsonPropertyName("opportunity_id")]
    public required string OpportunityId { get; init; }

    /// <summary>The stage that was reached, in the producer's words; not empty, up to 128 characters.</summary>
    [JsonPropertyName("stage")]
    public required string Stage { get; init; }

    /// <summary>The stage before, or null; up to 128 characters.</summary>
    [JsonPropertyName("previous_stage")]
    public string? PreviousStage { get; init; }

    /// <summary><c>won</c> or <c>lost</c> when it is over, else null; up to 64 characters. A reader that meets another value treats the opportunity as open.</summary>
    [JsonPropertyName("outcome")]
    public string? Outcome { get; init; }

    /// <summary>What it brings or is expected to bring in <see cref="Currency"/>, 0 or more, or null. May be spelled as a text, as the bus does for decimals.</summary>
    [JsonPropertyName("amount")]
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public decimal? Amount { get; init; }

    /// <summary>ISO 4217 code in capitals, for example <c>EUR</c>; needed where there is an amount.</summary>
    [JsonPropertyName("currency")]
    public string? Currency { get; init; }
}
