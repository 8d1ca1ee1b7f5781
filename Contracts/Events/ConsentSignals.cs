using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>Signals of a person's browser or device that stand for a decision.</summary>
public sealed record ConsentSignals
{
    /// <summary>True when the Global Privacy Control was on (request header <c>Sec-GPC: 1</c>). False and null say nothing.</summary>
    [JsonPropertyName("gpc")]
    public bool? Gpc { get; init; }
}
