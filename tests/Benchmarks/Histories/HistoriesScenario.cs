using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.Benchmarks.Backfill;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Histories;

/// <summary>
/// Histories like those of the simulation, on real servers with processes that are really killed. In each, drawn by its seed, an audience goes to HubSpot's sandbox, everybody gets another name, a
/// backfill writes it (its first plan may be refused), somebody else changes some people at the vendor and a rollback takes the rest back; each run is paused, resumed, canceled or its hub is killed at
/// seeded moments. After every word the tables must hold what <see cref="LedgerInvariants"/> asks, and in the end the vendor what was there before. Ends with an exception otherwise.
/// </summary>
internal sealed class HistoriesScenario(int people, int seed)
{
    private const int MostEvents = 5;
    private readonly Random _random = new(seed);
    private int _kills;
    private int _looks;

    public static async Task<JsonObject> RunAsync(ScenarioOptions options)
    {
        var (count, people, first) = (options.Number("count", 20), options.Number("people", 2_000), options.Number("seed", 1));
        var started = TimeProvider.System.GetTimestamp();
        var (kills, looks) = (0, 0);
        for (var seed = first; seed < first + count; seed++)
        {
            ScenarioOptions.Progress($"history {seed}");
            var history = new HistoriesScenario(people, seed);
            await history.PlayAsync();
            (kills, looks) = (kills + history._kills, looks + history._looks);
        }

        return new JsonObject { ["histories"] = count, ["people"] = people, ["kills"] = kills, ["looks"] = looks, ["seconds"] = TimeProvider.System.GetElapsedTime(started).TotalSeconds };
    }

    private async Task PlayAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        var settings = SyncRuns.Settings(sandbox, database, broker, quotas: false);
        settings["Hub__Delivery__LeaseLength"] = "00:00:03";
        settings["Hub__Delivery__ClaimSize"] = "300";
        settings["Hub__ProgressTimeout"] = "00:00:03";
        await using var hub = await HubProcess.ServeAsync(settings);
        var vendor = new HubSpotPeople(sandbox);
        var snapshot = await SyncRuns.LoadAsync(hub, "full", 0, people, 0);
        for (var canBeCanceled = true; await SyncAsync(hub, database, snapshot, canBeCanceled) == "Canceled"; canBeCanceled = false)
        {
            ScenarioOptions.Progress("the sync was canceled and is started again");
        }

        await new Renaming(hub, people).PublishAsync();
        var before = await vendor.ReadAsync();
        Require.That(before.Count == people, $"HubSpot has everybody ({before.Count} of {people})");
        if (_random.Next(4) == 0)
        {
            await RefuseAsync(hub, database);
            Require.That(Same(await vendor.ReadAsync(), before), "a plan that was refused wrote nobody");
        }

        var written = await BackfillAsync(hub, database, "/v1/backfills", new { destination = "hubspot", audience = "customers", attributes = new[] { "first_name" } }, canBeCanceled: true);
        var between = await vendor.ReadAsync();
        Require.That(written.State == "Canceled" || before.Keys.All(person => between[person] == Renaming.NameOf(person)), "everybody has the new name");
        if (Same(between, before))
        {
            return; // canceled before it wrote anybody: there is nothing to take back
        }

        var others = before.Keys.Order(StringComparer.Ordinal).Where((_, at) => at % 50 == 0).ToList();
        await vendor.TouchAsync(others);
        var back = await BackfillAsync(hub, database, $"/v1/backfills/{written.Run}/rollback", new { reason = "a wrong list" }, canBeCanceled: false);
        var after = await vendor.ReadAsync();
        Require.That(back.State == "Completed", $"the rollback is {back.State}");
        Require.That(before.Keys.Except(others).All(person => after[person] == before[person]), "everybody whom nobody else touched is as before");
        Require.That(others.TrueForAll(person => after[person] == HubSpotPeople.TouchedName), "what somebody else wrote is left");
        await Poll.Until(async () => State(await hub.GetAsync($"/v1/backfills/{written.Run}")) == "RolledBack", "the run to be rolled back");
    }

    private async Task<string> SyncAsync(HubProcess hub, PostgresDatabase database, Guid snapshot, bool canBeCanceled)
    {
        var run = (await SyncRuns.StartAsync(hub, snapshot, "full", "hubspot"))[0];
        return await SteerAsync(hub, database, $"/v1/runs/{run}", canBeCanceled);
    }

    private async Task<(Guid Run, string State)> BackfillAsync(HubProcess hub, PostgresDatabase database, string path, object body, bool canBeCanceled)
    {
        var (run, hash) = await PlanAsync(hub, path, body);
        var (status, approved) = await hub.PostAsync($"/v1/backfills/{run}/approve", new { plan_hash = hash, reason = "as planned" });
        Require.That((int)status == 202, approved.ToString());
        return (run, await SteerAsync(hub, database, $"/v1/backfills/{run}", canBeCanceled));
    }

    private async Task RefuseAsync(HubProcess hub, PostgresDatabase database)
    {
        var (run, _) = await PlanAsync(hub, "/v1/backfills", new { destination = "hubspot", audience = "customers", attributes = new[] { "first_name" } });
        var asked = await Poll.For(() => hub.GetAsync("/v1/approvals?state=waiting"), waiting => waiting.GetProperty("items").GetArrayLength() == 1, "somebody to be asked");
        var (status, refused) = await hub.PostAsync($"/v1/approvals/{asked.GetProperty("items")[0].GetProperty("approval_id").GetString()}/refuse", new { reason = "not now" });
        Require.That((int)status is 200 or 202, refused.ToString());
        Require.That(await EndAsync(hub, $"/v1/backfills/{run}") == "Canceled", "a refused run is canceled");
        await LookAsync(database);
    }

    private static async Task<(Guid Run, string Hash)> PlanAsync(HubProcess hub, string path, object body)
    {
        var (status, begun) = await hub.PostAsync(path, body);
        Require.That((int)status == 202, begun.ToString());
        var run = begun.GetProperty("run").GetProperty("run_id").GetGuid();
        var planned = await Poll.For(
            () => hub.GetAsync($"/v1/backfills/{run}"), shown => State(shown) == "AwaitingApproval" && shown.GetProperty("plan_hash").ValueKind == JsonValueKind.String, "the plan to stand");
        return (run, planned.GetProperty("plan_hash").GetString()!);
    }

    /// <summary>Says words and kills at seeded moments of a run, and tells how it ended.</summary>
    private async Task<string> SteerAsync(HubProcess hub, PostgresDatabase database, string path, bool canBeCanceled)
    {
        var moments = Enumerable.Range(0, _random.Next(1, MostEvents)).Select(_ => (_random.NextDouble() * 1.2) - 0.2).Order().ToList();
        foreach (var moment in moments)
        {
            var shown = await Poll.For(() => hub.GetAsync(path), run => IsOver(run) || Share(run) >= moment, "the moment");
            if (IsOver(shown))
            {
                break;
            }

            var what = _random.Next(canBeCanceled ? 6 : 5);
            ScenarioOptions.Progress(string.Create(CultureInfo.InvariantCulture, $"  {path} {State(shown)} at {Share(shown):P0}: {(what < 3 ? "kill" : what < 5 ? "pause and resume" : "cancel")}"));
            if (what < 3)
            {
                await hub.KillAsync();
                _kills++;
                await LookAsync(database);
                await hub.StartAsync();
            }
            else if (what < 5)
            {
                await hub.PostAsync($"{path}/pause", new { });
                await Poll.Until(async () => await hub.GetAsync(path) is var run && (State(run) == "Paused" || IsOver(run)), "the run to be paused");
                await LookAsync(database);
                await hub.PostAsync($"{path}/resume", new { });
            }
            else
            {
                await hub.PostAsync($"{path}/cancel", new { reason = "another time" });
                await LookAsync(database);
                break;
            }
        }

        var end = await EndAsync(hub, path);
        await LookAsync(database);
        return end;
    }

    private static async Task<string> EndAsync(HubProcess hub, string path) => State(await Poll.For(() => hub.GetAsync(path), IsOver, $"{path} to end"))!;

    private async Task LookAsync(PostgresDatabase database)
    {
        _looks++;
        var broken = await LedgerInvariants.BrokenInAsync(database.ConnectionString);
        Require.That(broken.Count == 0, string.Join("; ", broken));
    }

    private static JsonElement Run(JsonElement shown) => shown.TryGetProperty("run", out var run) ? run : shown;

    private static bool IsOver(JsonElement shown) => Run(shown).GetProperty("finished_at").ValueKind == JsonValueKind.String;

    private static string? State(JsonElement shown) => Run(shown).GetProperty("state").GetString();

    /// <summary>The share of the plan that is settled; 0 before there is one.</summary>
    private static double Share(JsonElement shown)
    {
        var counts = Run(shown).GetProperty("counts");
        var planned = counts.GetProperty("planned").GetInt64();
        return planned == 0 ? 0 : (planned - counts.GetProperty("pending").GetInt64()) / (double)planned;
    }

    private static bool Same(Dictionary<string, string> one, Dictionary<string, string> other) => one.Count == other.Count && one.All(person => other.TryGetValue(person.Key, out var name) && name == person.Value);
}
