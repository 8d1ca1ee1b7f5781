using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Shadows;

/// <summary>A shadow, with the last comparison that the hub that answers made of it.</summary>
internal sealed record ShadowStandJson
{
    /// <summary>The shadow.</summary>
    [JsonPropertyName("source")]
    public required string Source { get; init; }

    /// <summary>The source that counts.</summary>
    [JsonPropertyName("of")]
    public required string Of { get; init; }

    /// <summary>The comparison; null until the first one was made.</summary>
    [JsonPropertyName("comparison")]
    public ShadowComparisonJson? Comparison { get; init; }

    /// <summary>When it was made; null with it.</summary>
    [JsonPropertyName("compared_at")]
    public DateTimeOffset? ComparedAt { get; init; }

    /// <summary>How long it took, in seconds; null with it.</summary>
    [JsonPropertyName("took_seconds")]
    public double? TookSeconds { get; init; }

    /// <summary>Since when the next one is being made; null while none is.</summary>
    [JsonPropertyName("comparing_since")]
    public DateTimeOffset? ComparingSince { get; init; }

    /// <summary>Attributes and audiences that it has counted; null while none is made.</summary>
    [JsonPropertyName("counted")]
    public int? Counted { get; init; }

    /// <summary>Attributes and audiences that there are; null before that is known, and while none is made.</summary>
    [JsonPropertyName("to_count")]
    public int? ToCount { get; init; }

    /// <summary>When the last attempt failed, if nothing was compared since; null otherwise.</summary>
    [JsonPropertyName("failed_at")]
    public DateTimeOffset? FailedAt { get; init; }
}
