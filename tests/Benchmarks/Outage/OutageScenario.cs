using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Outage;

/// <summary>
/// One vendor answers nothing but 503 for a while, with work waiting for it. Measured is what the waiting costs the hub's processor, how soon the work is done
/// once the vendor is back, and what all this takes from the two others: in rounds of a pass with everybody well and a pass beside the outage, so that what the
/// growing tables take is in both. Quotas are off, so that nothing but the machine limits the others.
/// </summary>
internal sealed class OutageScenario(int members, int rounds, TimeSpan outage)
{
    private const string Down = "marketo";
    private static readonly string[] _others = ["braze", "hubspot"];
    private static readonly TimeSpan _watch = TimeSpan.FromSeconds(30);
    private int _nextPerson;

    public static Task<JsonObject> RunAsync(ScenarioOptions options) =>
        new OutageScenario(options.Number("members", 100_000), options.Number("rounds", 5), TimeSpan.FromSeconds(options.Number("seconds", 600))).MeasureAsync();

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        await using var hub = await HubProcess.ServeAsync(SyncRuns.Settings(sandbox, database, broker, quotas: false));
        ScenarioOptions.Progress("warming up");
        await PassAsync(hub, database);
        var idle = await ProcessorShareAsync(hub, _watch);

        var failing = Stopwatch.StartNew();
        var waiting = await BreakAsync(sandbox, hub, database);
        ScenarioOptions.Progress($"one vendor is down, nothing else happens for {outage}");
        var down = await ProcessorShareAsync(hub, outage);
        var (lasted, recovery) = (failing.Elapsed, Stopwatch.StartNew());
        var probes = await HealAsync(sandbox);
        var recovered = (await SyncRuns.WaitAsync(database, waiting)).Single();
        var seconds = recovery.Elapsed.TotalSeconds;

        var (well, beside) = (new List<double>(), new List<double>());
        for (var round = 1; round <= rounds; round++)
        {
            ScenarioOptions.Progress($"round {round} of {rounds}");
            well.Add(await PassAsync(hub, database));
            waiting = await BreakAsync(sandbox, hub, database);
            beside.Add(await PassAsync(hub, database));
            await HealAsync(sandbox);
            await SyncRuns.WaitAsync(database, waiting);
        }

        well.Add(await PassAsync(hub, database));
        var kept = beside.Select((rate, round) => rate / ((well[round] + well[round + 1]) / 2)).ToList();
        return new JsonObject
        {
            ["members_per_pass"] = members,
            ["outage_seconds"] = lasted.TotalSeconds,
            ["idle_processor_share"] = idle,
            ["outage_processor_share"] = down,
            ["outage_costs_processor_share"] = down - idle,
            ["calls_to_the_vendor_that_was_down"] = probes,
            ["seconds_from_recovery_to_verified"] = seconds,
            ["delivered_after_recovery"] = recovered.Delivered,
            ["operations_per_second_with_everybody_well"] = JsonSerializer.SerializeToNode(well),
            ["operations_per_second_beside_the_outage"] = JsonSerializer.SerializeToNode(beside),
            ["share_of_throughput_kept_in_each_round"] = JsonSerializer.SerializeToNode(kept),
            ["share_of_throughput_kept"] = kept.Order().ElementAt(rounds / 2),
        };
    }

    /// <summary>From now on the vendor fails, and everybody who is in the audience waits for it.</summary>
    private async Task<IReadOnlyList<Guid>> BreakAsync(HubProcess sandbox, HubProcess hub, PostgresDatabase database)
    {
        using var fault = await sandbox.Http.PostAsync($"/{Down}/_sandbox/faults", new StringContent("""{"kind":"status","status":503}"""));
        fault.EnsureSuccessStatusCode();
        var snapshotId = await SyncRuns.LoadAsync(hub, "delta", _nextPerson++, 1, 0);
        var waiting = await SyncRuns.StartAsync(hub, snapshotId, "full", Down);
        await SyncRuns.UntilAsync(database, waiting, "delivering_at");
        return waiting;
    }

    /// <summary>The vendor answers again.</summary>
    /// <returns>Calls that it has seen so far.</returns>
    private static async Task<long> HealAsync(HubProcess sandbox)
    {
        using var healed = await sandbox.Http.DeleteAsync($"/{Down}/_sandbox/faults");
        healed.EnsureSuccessStatusCode();
        var stats = await sandbox.GetAsync($"/{Down}/_sandbox/stats");
        return stats.GetProperty("endpoints").EnumerateObject().Sum(endpoint => endpoint.Value.GetProperty("calls").GetInt64());
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
