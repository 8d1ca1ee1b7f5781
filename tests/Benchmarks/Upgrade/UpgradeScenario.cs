using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.TestServers;
using MassTransit;

namespace IntegrationHub.Benchmarks.Upgrade;

/// <summary>
/// The upgrade of the operations guide, under load: two hubs of an earlier commit work on one database and broker, the step of this version migrates beside them, and they are replaced one after another. Runs begin under the
/// old version and end under the new one, one of them with an approval in between; facts come over HTTP and from the broker all the while. Ends with an exception when a request fails, a record is lost or doubled, or a
/// ledger does not balance.
/// </summary>
internal sealed class UpgradeScenario(int members)
{
    private const int Callers = 3;
    private const int Queued = 200;
    private static readonly string[] _vendors = ["braze", "hubspot", "marketo"];
    private readonly ConcurrentDictionary<Guid, bool> _stated = [];
    private readonly ConcurrentQueue<string> _failed = [];
    private volatile HubProcess[] _open = [];
    private int _requests;

    public static async Task<JsonObject> RunAsync(ScenarioOptions options)
    {
        using var earlier = await EarlierHub.BuildAsync(options.Text("from", ""));
        return await new UpgradeScenario(options.Number("members", 6_000)).PlayAsync(earlier);
    }

    private async Task<JsonObject> PlayAsync(EarlierHub earlier)
    {
        var started = TimeProvider.System.GetTimestamp();
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        var settings = SyncRuns.Settings(sandbox, database, broker, quotas: false);
        settings["Hub__ProgressTimeout"] = "00:00:03";
        settings["Hub__MigrateAtStart"] = "false";
        await HubProcess.MigrateAsync(settings, earlier.Program);
        await using var old1 = await HubProcess.ServeAsync(settings, program: earlier.Program);
        await using var old2 = await HubProcess.ServeAsync(settings, program: earlier.Program);
        _open = [old1, old2];

        // Everybody goes in under the old version; then most would go out, and a person is asked.
        await SyncRuns.SyncAsync(old1, database, await SyncRuns.LoadAsync(old1, "full", 0, members, 0), "full");
        using var enough = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => CallAsync(caller, enough.Token)));
        var asked = (await SyncRuns.StartAsync(old1, await SyncRuns.LoadAsync(old1, "full", 0, members / 2, 0), "full", "braze"))[0];
        await Poll.Until(async () => (await old1.GetAsync($"/v1/runs/{asked}")).GetProperty("state").GetString() == "AwaitingApproval", "the run to ask for approval");
        var across = await SyncRuns.StartAsync(old2, await SyncRuns.LoadAsync(old2, "full", 0, members, 1), "full", "hubspot", "marketo");

        var migrated = await HubProcess.MigrateAsync(settings);
        ScenarioOptions.Progress($"the schema is new ({migrated}), two old hubs work on it");
        await QueueAsync(broker, 0);
        await using var new1 = await HubProcess.ServeAsync(settings);
        _open = [old1, old2, new1];
        await QueueAsync(broker, 1);
        await LeaveAsync(old1, [old2, new1]);
        ScenarioOptions.Progress("one old and one new hub work side by side");
        var seen = (await new1.GetAsync($"/v1/runs/{asked}")).GetProperty("version").GetString();
        var (status, approved) = await new1.PostAsync($"/v1/runs/{asked}/approve", new { reason = "the upgrade is not done yet", expected_version = seen });
        Must((int)status is 200 or 202, approved.ToString());
        var beside = await SyncRuns.StartAsync(old2, await SyncRuns.LoadAsync(new1, "full", 0, members, 2), "full", "hubspot");
        await QueueAsync(broker, 2);
        await using var new2 = await HubProcess.ServeAsync(settings);
        _open = [old2, new1, new2];
        await LeaveAsync(old2, [new1, new2]);
        ScenarioOptions.Progress("no old hub works any more");
        await QueueAsync(broker, 3);
        var after = await SyncRuns.StartAsync(new2, await SyncRuns.LoadAsync(new2, "full", 0, members, 3), "full", "marketo");
        Guid[] runs = [asked, .. across, .. beside, .. after];
        await SyncRuns.WaitAsync(database, runs);
        await enough.CancelAsync();
        await load;

        Must(_failed.IsEmpty, $"no request failed: {string.Join("; ", _failed.Take(5))}");
        await Poll.Until(async () => await PendingAsync(new1) == 0, "nothing to be owed any more");
        foreach (var vendor in _vendors)
        {
            await ShouldKeepEachOnceAsync(sandbox, vendor);
        }

        var broken = await LedgerInvariants.BrokenInAsync(database.ConnectionString);
        Must(broken.Count == 0, $"ledgers balance: {string.Join("; ", broken)}");
        foreach (var run in runs)
        {
            var shown = await new1.GetAsync($"/v1/runs/{run}");
            var verification = shown.GetProperty("verification");
            Must(shown.GetProperty("state").GetString()!.StartsWith("Completed", StringComparison.Ordinal) && verification.GetProperty("missing").GetInt64() == 0 && verification.GetProperty("unexpected").GetInt64() == 0, shown.ToString());
        }

        var letters = (await new1.GetAsync("/v1/dead-letters")).GetProperty("count").GetInt64();
        Must(letters == 0, $"{letters} dead letters");
        return new JsonObject
        {
            ["from"] = earlier.Commit, ["seconds to build it"] = earlier.Seconds, ["members"] = members, ["requests"] = _requests, ["failed requests"] = _failed.Count, ["events, each once at three vendors"] = _stated.Count,
            ["runs across"] = runs.Length, ["migrations of the new version"] = migrated, ["seconds"] = TimeProvider.System.GetElapsedTime(started).TotalSeconds,
        };
    }

    /// <summary>As a load balancer does it: nobody is sent there any more, then it is asked to end.</summary>
    private async Task LeaveAsync(HubProcess hub, HubProcess[] rest)
    {
        _open = rest;
        var code = await hub.StopAsync();
        Must(code == 0, $"a hub that is stopped ends well, not with {code}");
    }

    /// <summary>States events and looks at runs until it is enough; whatever is not answered well is a failed request.</summary>
    private async Task CallAsync(int caller, CancellationToken enough)
    {
        for (var i = 0; !enough.IsCancellationRequested; i++)
        {
            var hubs = _open;
            var hub = hubs[(caller + i) % hubs.Length];
            var id = NewId.NextGuid();
            try
            {
                using var answer = i % 4 == 3 ? await hub.Http.GetAsync("/v1/runs?limit=5", CancellationToken.None) : await hub.Http.PostAsJsonAsync("/v1/events", View(id, (caller * 1_000 + i) % (members / 2)), CancellationToken.None);
                Interlocked.Increment(ref _requests);
                if (!answer.IsSuccessStatusCode)
                {
                    _failed.Enqueue($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(CancellationToken.None)}");
                }
                else if (i % 4 != 3)
                {
                    _stated[id] = true;
                }
            }
            catch (HttpRequestException exception)
            {
                _failed.Enqueue(exception.Message);
            }
        }
    }

    /// <summary>As a producer publishes it to the broker, whichever hubs are there.</summary>
    private async Task QueueAsync(RabbitMqVirtualHost broker, int round)
    {
        for (var i = 0; i < Queued; i++)
        {
            var id = NewId.NextGuid();
            using var answer = await broker.Management.PostAsJsonAsync($"api/exchanges/{broker.Name}/hub.events/publish", new
            {
                routing_key = "behavior_tracked", payload = JsonSerializer.Serialize(View(id, ((round * Queued) + i) % (members / 2))), payload_encoding = "string", properties = new { delivery_mode = 2, content_type = "application/json" },
            });
            Must((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("routed").GetBoolean(), "a queue keeps what is published");
            _stated[id] = true;
        }
    }

    private static object View(Guid id, int person) => new
    {
        event_id = id, event_type = "behavior_tracked", schema_version = 1, occurred_at = TimeProvider.System.GetUtcNow(), producer = "webshop", tenant_id = "default",
        subject = new { external_id = $"c{person}" }, payload = new { name = "product_viewed", properties = new { product_id = "p-1" } },
    };

    private async Task ShouldKeepEachOnceAsync(HubProcess sandbox, string vendor)
    {
        await Poll.Until(async () => (await sandbox.GetAsync($"/{vendor}/_sandbox/stats")).GetProperty("settled").GetBoolean(), $"{vendor} to show what it took");
        var kept = (await sandbox.Http.GetStringAsync($"/{vendor}/_sandbox/events")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line).GetProperty("id").GetGuid()).CountBy(id => id).ToDictionary();
        Must(kept.Values.All(count => count == 1), $"{vendor} keeps {kept.Count(entry => entry.Value > 1)} events twice");
        Must(_stated.Keys.All(kept.ContainsKey), $"{vendor} lacks {_stated.Keys.Count(id => !kept.ContainsKey(id))} of {_stated.Count} events");
    }

    private static async Task<long> PendingAsync(HubProcess hub) => (await hub.GetAsync("/v1/destinations")).GetProperty("items").EnumerateArray()
        .Sum(destination => destination.GetProperty("backlog").EnumerateArray().Sum(lane => lane.GetProperty("pending").GetInt64()));

    private static void Must(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"It does not hold that {what}.");
        }
    }
}
