using System.Diagnostics;
using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Outage;

/// <summary>
/// One vendor answers nothing but 503 for a while, with work waiting for it. Measured is what that takes from the two others, what the waiting costs the hub's
/// processor, and how soon the work is done once the vendor is back. Quotas are off, so that nothing but the machine limits the others.
/// </summary>
internal sealed class OutageScenario(int members, TimeSpan outage)
{
    private const string Down = "marketo";
    private const int Passes = 3;
    private static readonly string[] _others = ["braze", "hubspot"];
    private static readonly TimeSpan _watch = TimeSpan.FromSeconds(30);
    private int _nextPerson;

    public static Task<JsonObject> RunAsync(ScenarioOptions options) =>
        new OutageScenario(options.Number("members", 50_000), TimeSpan.FromSeconds(options.Number("seconds", 600))).MeasureAsync();

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        await using var hub = await HubProcess.ServeAsync(SyncRuns.Settings(sandbox, database, broker, quotas: false));
        ScenarioOptions.Progress("warming up, then the healthy passes");
        await PassAsync(hub, database);
        var before = await PassesAsync(hub, database);
        var idle = await ProcessorShareAsync(hub, _watch);

        using (var fault = await sandbox.Http.PostAsync($"/{Down}/_sandbox/faults", new StringContent("""{"kind":"status","status":503}""")))
        {
            fault.EnsureSuccessStatusCode();
        }

        var failing = Stopwatch.StartNew();
        var snapshotId = await SyncRuns.LoadAsync(hub, "delta", _nextPerson++, 1, 0);
        var waiting = await SyncRuns.StartAsync(hub, snapshotId, "full", Down);
        await SyncRuns.UntilAsync(database, waiting, "delivering_at");
        ScenarioOptions.Progress($"one vendor is down, nothing else happens for {outage}");
        var down = await ProcessorShareAsync(hub, outage);
        ScenarioOptions.Progress("one vendor is down: the passes of the others");
        var beside = await PassesAsync(hub, database);

        using (var healed = await sandbox.Http.DeleteAsync($"/{Down}/_sandbox/faults"))
        {
            healed.EnsureSuccessStatusCode();
        }

        var (lasted, recovery) = (failing.Elapsed, Stopwatch.StartNew());
        var stats = await sandbox.GetAsync($"/{Down}/_sandbox/stats");
        var probes = stats.GetProperty("endpoints").EnumerateObject().Sum(endpoint => endpoint.Value.GetProperty("calls").GetInt64());
        var recovered = (await SyncRuns.WaitAsync(database, waiting)).Single();
        var seconds = recovery.Elapsed.TotalSeconds;
        ScenarioOptions.Progress("every vendor is well again: healthy passes once more, for what the growing tables take");
        var after = await PassesAsync(hub, database);
        var healthy = (before + after) / 2;
        return new JsonObject
        {
            ["members_per_pass"] = members,
            ["outage_seconds"] = lasted.TotalSeconds,
            ["healthy_operations_per_second_before"] = before,
            ["healthy_operations_per_second_after"] = after,
            ["beside_outage_operations_per_second"] = beside,
            ["share_of_throughput_kept"] = beside / healthy,
            ["idle_processor_share"] = idle,
            ["outage_processor_share"] = down,
            ["outage_costs_processor_share"] = down - idle,
            ["calls_to_the_vendor_that_was_down"] = probes,
            ["seconds_from_recovery_to_verified"] = seconds,
            ["delivered_after_recovery"] = recovered.Delivered,
        };
    }

    private async Task<double> PassesAsync(HubProcess hub, PostgresDatabase database)
    {
        var rates = new List<double>();
        for (var pass = 0; pass < Passes; pass++)
        {
            rates.Add(await PassAsync(hub, database));
        }

        return rates.Order().ElementAt(Passes / 2);
    }

    /// <summary>New people reach the vendors that are well; operations per second while delivering.</summary>
    private async Task<double> PassAsync(HubProcess hub, PostgresDatabase database)
    {
        var snapshotId = await SyncRuns.LoadAsync(hub, "delta", _nextPerson, members, 0);
        _nextPerson += members;
        var runs = await SyncRuns.SyncAsync(hub, database, snapshotId, "delta", _others);
        return runs.Sum(run => run.Delivered) / (runs.Max(run => run.DeliveredAt) - runs.Min(run => run.DeliveringAt)).TotalSeconds;
    }

    /// <summary>Processor time of the hub's process by the clock; 1 is one core.</summary>
    private static async Task<double> ProcessorShareAsync(HubProcess hub, TimeSpan length)
    {
        using var process = Process.GetProcessById(hub.Id);
        using var timer = new PeriodicTimer(length);
        var (before, clock) = (process.TotalProcessorTime, Stopwatch.StartNew());
        await timer.WaitForNextTickAsync();
        process.Refresh();
        return (process.TotalProcessorTime - before) / clock.Elapsed;
    }
}
