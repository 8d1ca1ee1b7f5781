using System.Text.Json.Serialization;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Alerts;

/// <summary>Body of <c>POST /v1/alerts/{id}/silence</c>.</summary>
internal sealed record SilenceBody : IReasoned
{
    /// <summary>How long, in minutes, from 1 to 10,080 (a week).</summary>
    [JsonPropertyName("minutes")]
    public int? Minutes { get; init; }

    /// <summary>Why.</summary>
    [JsonPropertyName("reason")]
    public string? Reason { get; init; }
}
