using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Map;

/// <summary>Something that goes to a destination.</summary>
internal sealed record MapFlowJson
{
    /// <summary>Audience, event or purpose.</summary>
    [JsonPropertyName("what")] public required string What { get; init; }

    /// <summary><c>members</c>, <c>event</c> or <c>consent</c>.</summary>
    [JsonPropertyName("kind")] public required string Kind { get; init; }

    [JsonPropertyName("destination")] public required string Destination { get; init; }

    /// <summary>The vendor's fields or properties that it writes.</summary>
    [JsonPropertyName("data")] public required IReadOnlyList<string> Data { get; init; }

    /// <summary>Whether a field of it is personal or sensitive.</summary>
    [JsonPropertyName("is_personal")] public required bool IsPersonal { get; init; }

    /// <summary>What it is at the vendor.</summary>
    [JsonPropertyName("method")] public required string Method { get; init; }

    [JsonPropertyName("frequency")] public required string Frequency { get; init; }

    /// <summary>Lane that it goes in, whose goals hold.</summary>
    [JsonPropertyName("lane")] public required string Lane { get; init; }

    /// <summary>How long the oldest that waits may wait.</summary>
    [JsonPropertyName("freshness_goal")] public required double FreshnessGoal { get; init; }

    /// <summary>Within how many seconds 95 of 100 are done.</summary>
    [JsonPropertyName("lag_p95_goal")] public required double LagP95Goal { get; init; }

    /// <summary>The team that answers for what goes, or null when the configuration names nobody.</summary>
    [JsonPropertyName("owner")] public required string? Owner { get; init; }
}
