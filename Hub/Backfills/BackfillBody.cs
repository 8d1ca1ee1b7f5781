using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Body of <c>POST /v1/backfills</c>.</summary>
internal sealed record BackfillBody
{
    /// <summary>Name of the destination.</summary>
    [JsonPropertyName("destination")]
    public string? Destination { get; init; }

    /// <summary>Key of the audience whose members it is about.</summary>
    [JsonPropertyName("audience")]
    public string? Audience { get; init; }

    /// <summary>The company's ids of the people whom it is about; with an audience: of the members among them.</summary>
    [JsonPropertyName("people")]
    public IReadOnlyList<string>? People { get; init; }

    /// <summary>Canonical attributes to write; all that the mapping writes when absent.</summary>
    [JsonPropertyName("attributes")]
    public IReadOnlyList<string>? Attributes { get; init; }
}
