using System.Text.Json.Serialization;
using IntegrationHub.Hub.Shadows;
using IntegrationHub.Hub.Versions.Effects;

namespace IntegrationHub.Hub.Versions;

/// <summary>What files would change.</summary>
internal sealed record ConfigurationPlanJson
{
    /// <summary>Names what was looked at: <c>apply</c> and approvals hold for this and nothing else.</summary>
    [JsonPropertyName("plan_hash")]
    public required string PlanHash { get; init; }

    [JsonPropertyName("base_version")]
    public required long BaseVersion { get; init; }

    [JsonPropertyName("content_hash")]
    public required string ContentHash { get; init; }

    /// <summary>True when somebody else has to agree before it comes into force.</summary>
    [JsonPropertyName("needs_approval")]
    public required bool NeedsApproval { get; init; }

    [JsonPropertyName("changes")]
    public required IReadOnlyList<ConfigurationChange> Changes { get; init; }

    /// <summary>What newly leaves the hub, or may.</summary>
    [JsonPropertyName("privacy")]
    public required IReadOnlyList<ConfigurationFinding> Privacy { get; init; }

    /// <summary>What cannot be gone on with, or means something else at the vendor since.</summary>
    [JsonPropertyName("breaking")]
    public required IReadOnlyList<ConfigurationFinding> Breaking { get; init; }

    /// <summary>What is called otherwise from then on and stays what it is, each in a sentence.</summary>
    [JsonPropertyName("renames")]
    public IReadOnlyList<string> Renames { get; init; } = [];

    /// <summary>Vendors' fields that are written beside those that replace them until a day: the windows that open, move or close, each in a sentence.</summary>
    [JsonPropertyName("windows")]
    public IReadOnlyList<string> Windows { get; init; } = [];

    /// <summary>The shadows that would count from then on: how what they state stands to what counts, which is what changes. Null where there are none, when nobody asked what the plan does to people, and for a page.</summary>
    [JsonPropertyName("cut_overs"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ShadowComparisonJson>? CutOvers { get; init; }

    /// <summary>What it does to people; null when nobody asked.</summary>
    [JsonPropertyName("effects"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ConfigurationEffectsJson? Effects { get; init; }

    public static ConfigurationPlanJson Of(ConfigurationPlan plan, bool needsApproval, ConfigurationEffectsJson? effects = null, IReadOnlyList<ShadowComparisonJson>? cutOvers = null) => new()
    {
        PlanHash = plan.Hash,
        BaseVersion = plan.BaseVersion,
        ContentHash = plan.Files.ContentHash,
        NeedsApproval = needsApproval,
        Changes = plan.Comparison.Changes,
        Privacy = plan.Comparison.Privacy,
        Breaking = plan.Comparison.Breaking,
        Renames = plan.Comparison.Renames,
        Windows = plan.Comparison.Windows,
        CutOvers = cutOvers,
        Effects = effects,
    };
}
