using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Change;

/// <summary>
/// The mapping is changed again and again while three hubs deliver a run and what facts change, twice a round: before a run, and in the midst of it. Every version writes a mark of its own, so that the vendor can tell which
/// one a record was sent by. Ends with an exception when a person was sent by two versions at once, or by an earlier one after a later one; when the vendor misses somebody or what was stated of them last; when a
/// ledger does not balance.
/// </summary>
internal sealed class ChangeScenario(int members, int rounds)
{
    private const int Hubs = 3;
    private const string Mapping = "mappings/braze.yaml";
    private readonly Dictionary<int, int> _stated = [];
    private int _retried;

    public static Task<JsonObject> RunAsync(ScenarioOptions options) => new ChangeScenario(options.Number("members", 20_000), options.Number("rounds", 3)).MeasureAsync();

    /// <summary>The version that wrote a mark.</summary>
    public static int NumberOf(string mark) => int.Parse(mark.AsSpan(1), CultureInfo.InvariantCulture);

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        await using var calls = await MarkedCalls.StartAsync(new Uri($"http://127.0.0.1:{sandbox.Port}"));
        var folder = Directory.CreateTempSubdirectory("hub-change-");
        var hubs = new List<HubProcess>();
        try
        {
            WriteConfiguration(folder.FullName);
            var settings = SyncRuns.Settings(sandbox, database, broker, quotas: false);
            settings["Hub__ConfigPath"] = folder.FullName;
            settings["Hub__Config__Apply"] = "Manual";
            settings["Hub__Destinations__braze__BaseUrl"] = calls.Address;
            for (var i = 0; i < Hubs; i++)
            {
                hubs.Add(await HubProcess.ServeAsync(settings));
            }

            return await MeasureAsync(database, sandbox, calls, hubs);
        }
        finally
        {
            foreach (var hub in hubs)
            {
                await hub.DisposeAsync();
            }

            folder.Delete(recursive: true);
        }
    }

    private async Task<JsonObject> MeasureAsync(PostgresDatabase database, HubProcess sandbox, MarkedCalls calls, List<HubProcess> hubs)
    {
        ScenarioOptions.Progress($"{members} members go to Braze ...");
        await SyncRuns.SyncAsync(hubs[0], database, await SyncRuns.LoadAsync(hubs[0], "full", 0, members, 0), "full", "braze");
        using var enough = new CancellationTokenSource();
        var load = StateAsync(hubs, enough.Token);
        var (mark, drains, changeovers) = (0, new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            await ChangeAsync();
            ScenarioOptions.Progress($"round {round + 1} of {rounds}: a run goes under mark {mark}, and is changed in its midst ...");
            var before = calls.Count();
            var run = await StartAsync(hubs[round % Hubs]);
            await Poll.Until(() => calls.Count() - before > members / 3, "a third of the run to have been called");
            await ChangeAsync();
            await SyncRuns.UntilAsync(database, [run], "finished_at");
        }

        var last = await StartAsync(hubs[0]);
        await SyncRuns.UntilAsync(database, [last], "finished_at");
        await enough.CancelAsync();
        await load;
        await Poll.Until(async () => (await PendingAsync(hubs[0])) == 0, "nothing to be owed any more");
        await Poll.Until(async () => (await sandbox.GetAsync("/braze/_sandbox/stats")).GetProperty("settled").GetBoolean(), "Braze to show what it took");

        var (missing, otherwise, unmarked) = await CompareAsync(sandbox, mark);
        var broken = await LedgerInvariants.BrokenInAsync(database.ConnectionString);
        var letters = (await hubs[0].GetAsync("/v1/dead-letters")).GetProperty("count").GetInt64();
        var result = new JsonObject
        {
            ["members"] = members, ["hubs"] = Hubs, ["changes"] = mark, ["facts_stated"] = _stated.Values.Count, ["facts_stated_at_another_hub"] = _retried, ["records_by_mark"] = new JsonObject([.. calls.Records.Select(count => KeyValuePair.Create($"m{count.Key}", (JsonNode?)count.Value))]),
            ["records_by_two_versions_at_once"] = calls.TwoAtOnce, ["records_by_an_earlier_version_after_a_later_one"] = calls.OlderAfterNewer,
            ["seconds_until_the_last_call_of_before_longest"] = Math.Round(drains.Max(), 2), ["seconds_until_all_hubs_ran_it_longest"] = Math.Round(changeovers.Max(), 2),
            ["people_missing"] = missing, ["people_without_the_last_mark"] = unmarked, ["people_without_what_was_stated_last"] = otherwise, ["dead_letters"] = letters, ["ledgers_that_do_not_balance"] = broken.Count,
        };
        Require.That(calls.TwoAtOnce + calls.OlderAfterNewer + missing + otherwise + unmarked + letters + broken.Count == 0, $"each record goes by one version at a time, and none is lost: {result.ToJsonString()}");
        return result;

        async Task ChangeAsync()
        {
            var (hub, next) = (hubs[mark % Hubs], mark + 1);
            var files = (await hub.GetAsync("/v1/config")).GetProperty("active").GetProperty("files").Deserialize<JsonObject>()!;
            files[Mapping] = files[Mapping]!.GetValue<string>().Replace($"constant: m{mark},", $"constant: m{next},", StringComparison.Ordinal);
            var (status, plan) = await hub.PostAsync("/v1/config/versions/plan", new { files, effects = "none" });
            Require.That((int)status == 200, plan.ToString());
            (status, var applied) = await hub.PostAsync("/v1/config/versions/apply", new { files, plan_hash = plan.GetProperty("plan_hash").GetString() });
            var since = TimeProvider.System.GetUtcNow();
            Require.That((int)status == 200, applied.ToString());
            var version = applied.GetProperty("version").GetInt64();
            mark = next;
            foreach (var other in hubs)
            {
                await Poll.Until(async () => await RunningAsync(other) == version, $"every hub to run version {version}");
            }

            changeovers.Add((TimeProvider.System.GetUtcNow() - since).TotalSeconds);
            drains.Add(calls.LastBefore(next) is { } began && began > since ? (began - since).TotalSeconds : 0);
        }
    }

    /// <summary>The sample configuration, which tells Braze of changes as they happen, and of the version that it is.</summary>
    private static void WriteConfiguration(string folder)
    {
        SampleFolder.Write(folder, [], new Dictionary<string, string>());
        var (mapping, destination) = (Path.Combine(folder, "mappings", "braze.yaml"), Path.Combine(folder, "destinations", "braze.yaml"));
        File.AppendAllText(mapping, $"  - {{ constant: m0, to: {MarkedCalls.Field}, type: text }}\n");
        File.WriteAllText(destination, File.ReadAllText(destination).Replace("# live: on", "live: on", StringComparison.Ordinal));
    }

    /// <summary>States facts about one member after another, at one hub after another, until it is enough. A hub that changes over takes none: the next one does.</summary>
    private async Task StateAsync(List<HubProcess> hubs, CancellationToken enough)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        var random = new Random(7);
        for (var i = 0; !enough.IsCancellationRequested; i++)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            var (person, children, at) = (random.Next(members), i % 1_000, i);
            var fact = new
            {
                event_id = Guid.CreateVersion7(), event_type = "profile_updated", schema_version = 1, occurred_at = TimeProvider.System.GetUtcNow(), producer = "crm", subject = new { external_id = $"c{person}" },
                payload = new { attributes = new { total_children = children } },
            };
            while (!await IsTakenAsync(hubs[at % Hubs], fact))
            {
                at++;
                _retried++;
            }

            _stated[person] = children;
        }
    }

    private static async Task<bool> IsTakenAsync(HubProcess hub, object fact)
    {
        try
        {
            using var answer = await hub.Http.PostAsJsonAsync("/v1/events", fact);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<long?> RunningAsync(HubProcess hub)
    {
        try
        {
            return (await hub.GetAsync("/v1/config")).GetProperty("running").GetInt64();
        }
        catch (Exception exception) when (exception is HttpRequestException or InvalidOperationException)
        {
            return null; // between two versions nobody listens
        }
    }

    private static async Task<Guid> StartAsync(HubProcess hub)
    {
        var (status, started) = await hub.PostAsync("/v1/audience-syncs", new { audience = "customers", mode = "full", destinations = new[] { "braze" } });
        Require.That((int)status == 202, started.ToString());
        return started.GetProperty("runs")[0].GetProperty("run_id").GetGuid();
    }

    private static async Task<long> PendingAsync(HubProcess hub) => (await hub.GetAsync("/v1/destinations/braze")).GetProperty("backlog").EnumerateArray().Sum(lane => lane.GetProperty("pending").GetInt64());

    private async Task<(int Missing, int Otherwise, int Unmarked)> CompareAsync(HubProcess sandbox, int mark)
    {
        var shown = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var line in (await sandbox.Http.GetStringAsync("/braze/_sandbox/state")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var person = JsonElement.Parse(line);
            shown[person.GetProperty("keys").GetProperty("external_id").ToString()] = person.GetProperty("fields");
        }

        var (missing, otherwise, unmarked) = (0, 0, 0);
        foreach (var member in Enumerable.Range(0, members))
        {
            if (!shown.TryGetValue($"c{member}", out var fields))
            {
                missing++;
                continue;
            }

            unmarked += fields.GetProperty(MarkedCalls.Field).ToString() == $"m{mark}" ? 0 : 1;
            otherwise += _stated.TryGetValue(member, out var children) && fields.GetProperty("total_children").ToString() != children.ToString(CultureInfo.InvariantCulture) ? 1 : 0;
        }

        return (missing, otherwise, unmarked);
    }
}
