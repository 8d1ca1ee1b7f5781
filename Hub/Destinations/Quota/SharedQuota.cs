using System.Text.Json;
using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>All limits of one destination as its row in the database holds them.</summary>
internal sealed class SharedQuota
{
    /// <summary>Limits per window and of concurrency, by name.</summary>
    public Dictionary<string, TokenPool> Pools { get; set; } = [];

    /// <summary>Limits of long periods, by name.</summary>
    public Dictionary<string, PeriodBudget> Budgets { get; set; } = [];

    /// <summary>Calls per window as the vendor's headers said, by name.</summary>
    public Dictionary<string, int> Told { get; set; } = [];

    /// <summary>Reads the row. One that cannot be read (another version wrote it) is as good as none: limits start anew and headers correct them.</summary>
    public static SharedQuota Parse(string? json)
    {
        try
        {
            return json is null ? new SharedQuota() : JsonSerializer.Deserialize(json, SharedQuotaJson.Default.SharedQuota) ?? new SharedQuota();
        }
        catch (JsonException)
        {
            return new SharedQuota();
        }
    }

    /// <summary>The row's text.</summary>
    public string Write() => JsonSerializer.Serialize(this, SharedQuotaJson.Default.SharedQuota);

    /// <summary>The pool of a limit, made when it is missing.</summary>
    public TokenPool Pool(string limit) => Pools.TryGetValue(limit, out var pool) ? pool : Pools[limit] = new TokenPool();

    /// <summary>The budget of a limit, made when it is missing.</summary>
    public PeriodBudget Budget(string limit) => Budgets.TryGetValue(limit, out var budget) ? budget : Budgets[limit] = new PeriodBudget();
}

[JsonSerializable(typeof(SharedQuota))]
internal sealed partial class SharedQuotaJson : JsonSerializerContext;
