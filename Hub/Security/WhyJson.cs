using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Security;

/// <summary>Body of a command that needs nothing but, perhaps, its reason.</summary>
internal record WhyJson : IReasoned
{
    private const int LongestReason = 500;

    /// <summary>Why; stays in the audit log.</summary>
    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    /// <summary>Whether nobody said why.</summary>
    [JsonIgnore]
    public bool IsSilent => string.IsNullOrWhiteSpace(Reason);

    /// <summary>Why the body is not good, or null when it is.</summary>
    public IResult? Refuse() => Reason is { Length: > LongestReason } ? Problems.Of(400, "field-too-long", "reason", $"Say in 'reason', in at most {LongestReason} characters, why.") : null;
}
