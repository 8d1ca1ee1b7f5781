using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.AudienceSync;

/// <summary>
/// The same members reach Marketo's sandbox, which counts calls by the documented limits, once by the calls for single records and once by imports of all of them: what the choice between
/// the two rests on (decision 0018). How long an import takes at the vendor is no document's, so it is given.
/// </summary>
internal sealed class ImportScenario(int members, int importSeconds)
{
    public static async Task<JsonObject> RunAsync(ScenarioOptions options) => await new ImportScenario(options.Number("members", 60_000), options.Number("import-seconds", 45)).MeasureAsync();

    private async Task<JsonObject> MeasureAsync()
    {
        var (calls, imports) = (await MeasureAsync(from: 0), await MeasureAsync(from: 1_000));
        return new JsonObject
        {
            ["members"] = members,
            ["import_seconds_at_the_vendor"] = importSeconds,
            ["by_calls"] = calls,
            ["by_imports"] = imports,
            ["sooner"] = calls["seconds"]!.GetValue<double>() <= imports["seconds"]!.GetValue<double>() ? "calls" : "imports",
        };
    }

    /// <summary>One run on a database and a sandbox of its own.</summary>
    /// <param name="from">Records from which on imports are used; 0 for never.</param>
    private async Task<JsonObject> MeasureAsync(int from)
    {
        await using var database = await MigratedDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync("--quota-scale 1");
        (await sandbox.Http.PostAsJsonAsync("/marketo/_sandbox/knobs", new { apply_delay_ms = importSeconds * 1_000 })).EnsureSuccessStatusCode();
        var settings = SyncRuns.Settings(sandbox, database, broker, quotas: true);
        settings["Hub__Delivery__Bulk"] = "true";
        settings["Hub__Delivery__Partitions"] = "1"; // one import at a time runs into a list
        settings["Hub__Destinations__marketo__Settings__import_from"] = from.ToString(CultureInfo.InvariantCulture);
        await using var hub = await HubProcess.ServeAsync(settings);
        ScenarioOptions.Progress(from == 0 ? $"{members} members by calls" : $"{members} members by imports");
        var snapshotId = await SyncRuns.LoadAsync(hub, "full", 0, members, 0);
        var run = (await SyncRuns.WaitUntilDeliveredAsync(database, await SyncRuns.StartAsync(hub, snapshotId, "full", "marketo"))).Single();
        var seconds = (run.DeliveredAt - run.DeliveringAt).TotalSeconds;
        return new JsonObject { ["delivered"] = run.Delivered, ["seconds"] = seconds, ["members_per_second"] = run.Delivered / seconds };
    }
}
