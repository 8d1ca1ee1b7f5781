using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Map;

/// <summary>A way in: an event type, a webhook, or the lists of an audience.</summary>
internal sealed record MapSourceJson
{
    [JsonPropertyName("name")] public required string Name { get; init; }

    /// <summary><c>facts</c>, <c>webhook</c> or <c>list</c>.</summary>
    [JsonPropertyName("kind")] public required string Kind { get; init; }

    /// <summary>By which doors it comes.</summary>
    [JsonPropertyName("method")] public required string Method { get; init; }

    /// <summary>What it brings: the columns of a list that mean something; empty where schemas or the caller's words say it.</summary>
    [JsonPropertyName("data")] public required IReadOnlyList<string> Data { get; init; }

    [JsonPropertyName("frequency")] public required string Frequency { get; init; }

    /// <summary>The team that answers for it, or null when the configuration names nobody.</summary>
    [JsonPropertyName("owner")] public required string? Owner { get; init; }

    /// <summary>Class of its service level and of how long it is kept, as <c>facts.yaml</c> says; null where it says nothing.</summary>
    [JsonPropertyName("slo")] public required string? Slo { get; init; }
}
