using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Quota;

/// <summary>
/// N members reach one vendor's sandbox that counts calls as the vendor does, its quota scaled so that the run lasts about a minute. Measured is how much
/// of the allowed calls is used while work is waiting, how many calls are refused, and how full the batches are.
/// </summary>
internal sealed class QuotaScenario(string vendor, int members, int hubs, double scale)
{
    private static readonly TimeSpan _sampleEvery = TimeSpan.FromMilliseconds(250);

    // What the vendor's limit allows, unscaled, and the endpoints that count batches of records with their size.
    private static readonly Dictionary<string, (double CallsPerSecond, double Window, double Scale, string[] Counted, Dictionary<string, int> Batches)> _vendors = new()
    {
        ["braze"] = (1000, 3, 0.05, ["users/track"], new() { ["users/track"] = 75 }),
        ["hubspot"] = (19, 10, 2, [""], new() { ["contacts/batch/upsert"] = 100, ["memberships/add"] = 1_000 }),
        ["marketo"] = (5, 20, 4, [""], new() { ["v1/leads.json"] = 300, ["{listId}/leads.json"] = 300 }),
    };

    public static async Task<JsonObject> RunAsync(ScenarioOptions options)
    {
        var vendor = options.Text("vendor", "hubspot");
        var scale = double.Parse(options.Text("scale", _vendors[vendor].Scale.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
        return await new QuotaScenario(vendor, options.Number("members", 200_000), options.Number("hubs", 1), scale).MeasureAsync();
    }

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync(string.Create(CultureInfo.InvariantCulture, $"--quota-scale {scale}"));
        var settings = SyncRuns.Settings(sandbox, database, broker, quotas: true);
        settings["Hub__Delivery__QuotaScale"] = scale.ToString(CultureInfo.InvariantCulture);
        var instances = new List<HubProcess>();
        for (var i = 0; i < hubs; i++)
        {
            instances.Add(await HubProcess.ServeAsync(settings));
        }

        try
        {
            ScenarioOptions.Progress($"loading a snapshot of {members} members");
            var snapshotId = await SyncRuns.LoadAsync(instances[0], "full", 0, members, 0);
            using var stop = new CancellationTokenSource();
            var sampling = SampleAsync(sandbox, stop.Token);
            var run = (await SyncRuns.WaitUntilDeliveredAsync(database, await SyncRuns.StartAsync(instances[0], snapshotId, "full", vendor))).Single();
            await stop.CancelAsync();
            return Report(await sampling, await StatsAsync(sandbox), run);
        }
        finally
        {
            foreach (var hub in instances)
            {
                await hub.DisposeAsync();
            }
        }
    }

    /// <summary>Calls over time, as the vendor counted them.</summary>
    private async Task<List<Sample>> SampleAsync(HubProcess sandbox, CancellationToken cancellationToken)
    {
        var samples = new List<Sample>();
        using var timer = new PeriodicTimer(_sampleEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var asked = TimeProvider.System.GetUtcNow();
                var stats = await StatsAsync(sandbox);
                samples.Add(new Sample(asked + ((TimeProvider.System.GetUtcNow() - asked) / 2), stats));
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }

        return samples;
    }

    private JsonObject Report(List<Sample> samples, JsonElement stats, RunTimes run)
    {
        var (perSecond, window, _, _, batches) = _vendors[vendor];
        // From a window after the start to nine tenths of the way: work is waiting all the time, and the windows are full.
        var from = samples.First(sample => sample.At >= run.DeliveringAt.AddSeconds(window));
        var to = samples.Last(sample => sample.At <= run.DeliveringAt + ((run.DeliveredAt - run.DeliveringAt) * 0.9));
        var used = (Counted(to.Stats) - Counted(from.Stats)) / ((to.At - from.At).TotalSeconds * perSecond * scale);
        var report = new JsonObject
        {
            ["vendor"] = vendor,
            ["members"] = members,
            ["hubs"] = hubs,
            ["quota_scale"] = scale,
            ["delivered"] = run.Delivered,
            ["deliver_seconds"] = (run.DeliveredAt - run.DeliveringAt).TotalSeconds,
            ["measured_seconds"] = (to.At - from.At).TotalSeconds,
            ["share_of_allowed_calls_used"] = used,
            ["refused_calls"] = stats.GetProperty("throttled").GetInt64(),
        };
        // Until everything is delivered: what follows reads back, in part from the same endpoints.
        var delivered = samples.Last(sample => sample.At <= run.DeliveredAt).Stats;
        foreach (var (endpoint, size) in batches)
        {
            var seen = delivered.GetProperty("endpoints").EnumerateObject().Where(entry => entry.Name.EndsWith(endpoint, StringComparison.Ordinal)).Select(entry => entry.Value).ToList();
            if (seen.Count > 0)
            {
                report[$"batch_fill {endpoint}"] = seen.Sum(entry => entry.GetProperty("records").GetInt64()) / (double)(seen.Sum(entry => entry.GetProperty("calls").GetInt64()) * size);
            }
        }

        return report;
    }

    private long Counted(JsonElement stats) => stats.GetProperty("endpoints").EnumerateObject()
        .Where(entry => !entry.Name.Contains("oauth", StringComparison.Ordinal) && _vendors[vendor].Counted.Any(name => entry.Name.EndsWith(name, StringComparison.Ordinal)))
        .Sum(entry => entry.Value.GetProperty("calls").GetInt64());

    private async Task<JsonElement> StatsAsync(HubProcess sandbox) => await sandbox.GetAsync($"/{vendor}/_sandbox/stats");

    private sealed record Sample(DateTimeOffset At, JsonElement Stats);
}
