using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Backfills of several destinations that were asked for at once.</summary>
internal sealed record BackfillGroupJson
{
    /// <summary>Joins them: whatever one run's id is good for, this one is as well, for all of them.</summary>
    [JsonPropertyName("group_id")]
    public required Guid GroupId { get; init; }

    /// <summary>Names the plans of all of them: an approval is for this hash. Null before all of them stand.</summary>
    [JsonPropertyName("plan_hash")]
    public string? PlanHash { get; init; }

    /// <summary>The runs, in the order of their destinations.</summary>
    [JsonPropertyName("runs")]
    public required IReadOnlyList<BackfillJson> Runs { get; init; }

    /// <summary>Shows runs together.</summary>
    public static BackfillGroupJson Of(Guid groupId, IReadOnlyList<BackfillJson> runs) => new()
    {
        GroupId = groupId,
        PlanHash = HashOf(runs.Select(run => (run.Run.RunId, run.PlanHash))),
        Runs = runs,
    };

    /// <summary>Names plans together; null unless each has a hash.</summary>
    public static string? HashOf(IEnumerable<(Guid RunId, string? PlanHash)> plans)
    {
        var all = plans.OrderBy(plan => plan.RunId).ToList();
        return all.Exists(plan => plan.PlanHash is null)
            ? null
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', all.Select(plan => $"{plan.RunId}:{plan.PlanHash}")))))[..32];
    }
}
