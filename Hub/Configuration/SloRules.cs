using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Configuration;

/// <summary>The goals of <c>slo.yaml</c>.</summary>
/// <param name="Said">What the file says, by destination (empty for all) and lane.</param>
internal sealed record SloRules(IReadOnlyDictionary<(string Destination, string Lane), SloGoal> Said)
{
    private static readonly Dictionary<string, SloGoal> _usual = new(StringComparer.Ordinal)
    {
        [Lane.Urgent] = new(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), 0.05, null),
        [Lane.Live] = new(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5), 0.05, null),
        [Lane.Bulk] = new(TimeSpan.FromHours(1), TimeSpan.FromHours(2), 0.05, null),
        [Lane.Replay] = new(TimeSpan.FromHours(6), TimeSpan.FromHours(12), 0.5, null), // who failed once is likely to fail again
        [Lane.Backfill] = new(TimeSpan.FromDays(1), TimeSpan.FromDays(2), 0.05, null),
    };

    /// <summary>The goals that hold where there is no file.</summary>
    public static SloRules Usual { get; } = new(new Dictionary<(string, string), SloGoal>());

    /// <summary>The goal of a lane of a destination.</summary>
    public SloGoal Of(string destination, string lane) =>
        Said.GetValueOrDefault((destination, lane)) ?? Said.GetValueOrDefault(("", lane)) ?? _usual.GetValueOrDefault(lane) ?? _usual[Lane.Bulk];
}
