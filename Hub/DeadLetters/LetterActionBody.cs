using System.Text.Json;
using System.Text.Json.Serialization;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>Body of <c>POST /v1/dead-letters/replay</c>, <c>/discard</c>, <c>/restore</c>, <c>/settle</c> and <c>/{id}/fix</c>: a group of a destination, or letters by their ids.</summary>
internal sealed record LetterActionBody : IReasoned
{
    [JsonPropertyName("destination")]
    public string? Destination { get; init; }

    [JsonPropertyName("operation")]
    public string? Operation { get; init; }

    [JsonPropertyName("code")]
    public string? Code { get; init; }

    [JsonPropertyName("run_id")]
    public Guid? RunId { get; init; }

    [JsonPropertyName("ids")]
    public IReadOnlyList<long>? Ids { get; init; }

    /// <summary>How many letters the person was shown.</summary>
    [JsonPropertyName("expected")]
    public long? Expected { get; init; }

    /// <summary>True to be told how many there are, and nothing else.</summary>
    [JsonPropertyName("dry_run")]
    public bool DryRun { get; init; }

    /// <summary>Why, in 5 to 500 characters; needed for all but questions and corrections.</summary>
    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    /// <summary>With replay: send what the vendor may have, too.</summary>
    [JsonPropertyName("allow_repeat")]
    public bool AllowRepeat { get; init; }

    /// <summary>With settle: <c>delivered</c> or <c>not-delivered</c>.</summary>
    [JsonPropertyName("as")]
    public string? As { get; init; }

    /// <summary>With settle: true to ask the vendor instead of saying it.</summary>
    [JsonPropertyName("by_vendor")]
    public bool ByVendor { get; init; }

    /// <summary>With fix: new values by path.</summary>
    [JsonPropertyName("set")]
    public IReadOnlyDictionary<string, JsonElement>? Set { get; init; }
}
