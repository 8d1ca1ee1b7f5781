using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Diagnosis;

/// <summary>
/// Whatever stands still, provoked with real servers: how long it takes from the trouble until the hub names it, whether everybody who says it says the same, and whether it is over when the trouble is,
/// by the action that was advised where that cures. What takes a vendor or a law hours or days is aged in the database by SQL, which each place says.
/// </summary>
internal static class StuckScenario
{
    private static readonly (string Name, Func<StuckStage, Task> PlayAsync)[] _acts =
    [
        ("destinations", DestinationTroubles.PlayAsync),
        ("bells", BellTroubles.PlayAsync),
        ("canaries", CanaryTroubles.PlayAsync),
        ("comparisons", ComparisonTroubles.PlayAsync),
        ("intake", IntakeTroubles.PlayAsync),
        ("erasures", ErasureTroubles.PlayAsync),
        ("servers", ServerTroubles.PlayAsync),
        ("hubs", HubTroubles.PlayAsync),
    ];

    public static async Task<JsonObject> RunAsync(ScenarioOptions options)
    {
        var chosen = options.Text("acts", string.Join(',', _acts.Select(act => act.Name))).Split(',');
        await using var stage = await StuckStage.OpenAsync();
        foreach (var (name, playAsync) in _acts.Where(act => chosen.Contains(act.Name)))
        {
            ScenarioOptions.Progress(name);
            try
            {
                await playAsync(stage);
            }
            catch (Exception broken) when (broken is InvalidOperationException or TimeoutException or HttpRequestException or JsonException or Npgsql.NpgsqlException)
            {
                stage.Sightings.Broke(name, broken); // the other acts are worth their while
            }
        }

        var table = stage.Sightings.Table;
        if (chosen.Length == _acts.Length)
        {
            table["provoked"] = stage.Sightings.Named.Count;
            table["not provoked"] = new JsonArray([.. DiagnosisCode.Runbooks.Keys.Except(stage.Sightings.Named).Except([DiagnosisCode.Unknown]).Select(code => (JsonNode)code)]);
        }

        return table;
    }
}
