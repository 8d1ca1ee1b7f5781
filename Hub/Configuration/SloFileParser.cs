using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>slo.yaml</c>.</summary>
internal static class SloFileParser
{
    private const double MostSeconds = 30 * 86_400;

    /// <summary>The goals; what a section leaves out is as it is for all destinations, else as usual.</summary>
    public static SloRules Parse(ConfigurationFile file, IReadOnlyCollection<string> destinations)
    {
        var said = new Dictionary<(string, string), SloGoal>();
        if (file.Root.Section("lanes") is { } lanes)
        {
            Read(lanes, "", said);
        }

        if (file.Root.Section("destinations") is { } ofDestinations)
        {
            foreach (var name in ofDestinations.Keys)
            {
                if (!destinations.Contains(name))
                {
                    ofDestinations.Fail(name, $"There is no destination {name}.", $"{Spelling.Hint(name, destinations)}Known: {string.Join(", ", destinations)}.");
                }

                if (ofDestinations.Section(name) is { } section)
                {
                    Read(section, name, said);
                }
            }
        }

        file.Root.RejectUnknownKeys();
        return new SloRules(said);
    }

    private static void Read(YamlSection lanes, string destination, Dictionary<(string, string), SloGoal> said)
    {
        foreach (var lane in Lane.InOrder)
        {
            if (lanes.Section(lane) is not { } goal)
            {
                continue;
            }

            var otherwise = new SloRules(said).Of(destination, lane);
            said[(destination, lane)] = new SloGoal(
                Seconds(goal, "freshness_seconds") ?? otherwise.Freshness,
                Seconds(goal, "lag_p95_seconds") ?? otherwise.LagP95,
                goal.Number("error_share", 0, 1) ?? otherwise.ErrorShare,
                (long?)goal.Number("backlog", 1, double.PositiveInfinity) ?? otherwise.Backlog)
            {
                LagP50 = Seconds(goal, "lag_p50_seconds") ?? otherwise.LagP50,
                LagP99 = Seconds(goal, "lag_p99_seconds") ?? otherwise.LagP99,
            };
            goal.RejectUnknownKeys();
        }

        lanes.RejectUnknownKeys();
    }

    private static TimeSpan? Seconds(YamlSection goal, string key) => goal.Number(key, 1, MostSeconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
