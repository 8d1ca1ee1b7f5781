using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Shadows;

/// <summary>How what a shadow states stands to what counts, in numbers of people.</summary>
internal sealed record ShadowComparisonJson
{
    /// <summary>The shadow.</summary>
    [JsonPropertyName("source")]
    public required string Source { get; init; }

    /// <summary>The source that counts.</summary>
    [JsonPropertyName("of")]
    public required string Of { get; init; }

    /// <summary>People of whom the shadow states anything, by the keys that it names them by.</summary>
    [JsonPropertyName("people")]
    public required long People { get; init; }

    /// <summary>Those of them who are nobody that the hub knows, or whose key is contested or blocked.</summary>
    [JsonPropertyName("unknown")]
    public required long Unknown { get; init; }

    /// <summary>Attributes, <c>email</c> and <c>phone</c> among them: those that the shadow states, and those that belong to the source that counts.</summary>
    [JsonPropertyName("attributes")]
    public required IReadOnlyList<ShadowCountJson> Attributes { get; init; }

    /// <summary>The audiences whose members it states.</summary>
    [JsonPropertyName("audiences")]
    public required IReadOnlyList<ShadowCountJson> Audiences { get; init; }
}
