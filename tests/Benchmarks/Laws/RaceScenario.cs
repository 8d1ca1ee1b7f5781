using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.Benchmarks.Quota;
using IntegrationHub.Hub;
using IntegrationHub.TestServers;
using MassTransit;
using Npgsql;

namespace IntegrationHub.Benchmarks.Laws;

/// <summary>
/// People withdraw at random moments of a bulk run and of live events. From the moment that a withdrawal is answered, no call that begins to arrive at a vendor may name
/// the person, but for the call that tells the vendor of it. The same without the last look before a call has to fail, or nothing is proven.
/// </summary>
internal sealed partial class RaceScenario(int members, int withdrawals, string scale)
{
    private const int Callers = 8;
    private static readonly TimeSpan _betweenEvents = TimeSpan.FromMilliseconds(500); // the live lane goes first: a flood of events would let the bulk run stand still
    private static readonly string[] _vendors = ["hubspot", "braze"];
    private readonly Random _random = new(20261127);

    public static async Task<JsonObject> RunAsync(ScenarioOptions options)
    {
        var scenario = new RaceScenario(options.Number("members", 60_000), options.Number("withdrawals", 10_000), options.Text("scale", "1"));
        var egress = options.Text("egress", "both");
        var result = new JsonObject();
        if (egress != "off" && await scenario.MeasureAsync(result, "checked", isChecked: true) is > 0 and var late)
        {
            throw new InvalidOperationException($"{late} people were sent after their withdrawal was accepted: {result.ToJsonString()}");
        }

        if (egress != "on" && await scenario.MeasureAsync(result, "unchecked", isChecked: false) == 0)
        {
            throw new InvalidOperationException($"Without the last look nobody was sent either: nothing is proven. Take more members or a smaller scale. {result.ToJsonString()}");
        }

        return result;
    }

    private async Task<int> MeasureAsync(JsonObject result, string name, bool isChecked)
    {
        ScenarioOptions.Progress($"{name} ...");
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync($"--quota-scale {scale}");
        var target = new Uri($"http://127.0.0.1:{sandbox.Port}");
        await using var hubSpot = await WatchedVendor.StartAsync(target, "batch/upsert");
        await using var braze = await WatchedVendor.StartAsync(target, ToldToBraze);
        var settings = SyncRuns.Settings(sandbox, database, broker, quotas: true);
        settings["Hub__Delivery__QuotaScale"] = scale;
        settings["Hub__Destinations__hubspot__BaseUrl"] = $"{hubSpot.Address}/hubspot";
        settings["Hub__Destinations__braze__BaseUrl"] = $"{braze.Address}/braze";
        settings["Hub__Urls"] = "http://127.0.0.1:0";
        await using var hub = await StartAsync(settings, isChecked);
        using var http = new HttpClient { BaseAddress = new Uri(hub.Web.Urls.Single()), Timeout = Poll.Patience };
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var runs = await StartRunsAsync(http);
        await Poll.Until(async () => await CountAsync(source, "SELECT count(*) FROM destination_profiles") > members / 50, "bulk work to be under way");
        using var over = new CancellationTokenSource();
        var live = LiveAsync(http, over.Token);
        var accepted = await WithdrawAsync(http, source);
        await SyncRuns.UntilAsync(database, runs, "delivered_at").WaitAsync(Poll.Patience);
        await over.CancelAsync();
        var events = await live;
        await Poll.Until(async () => await CountAsync(source, "SELECT count(*) FROM deliveries") == 0, "everything to be told");
        var late = accepted
            .SelectMany(withdrawal => new[] { hubSpot, braze }.Select(vendor => vendor.LastCallFor(withdrawal.Key) - withdrawal.Value))
            .OfType<TimeSpan>().Where(after => after > TimeSpan.Zero).Order().ToList();
        result[$"{name}_withdrawals"] = accepted.Count;
        result[$"{name}_of_people_who_were_written"] = accepted.Keys.Count(person => hubSpot.LastCallFor(person) is not null || braze.LastCallFor(person) is not null);
        result[$"{name}_live_events"] = events;
        result[$"{name}_written_after_acceptance"] = late.Count;
        result[$"{name}_latest_ms_after_acceptance"] = late.Count == 0 ? 0 : Math.Round(late[^1].TotalMilliseconds, 1);
        return late.Count;
    }

    private static async Task<HubApplication> StartAsync(Dictionary<string, string> settings, bool isChecked)
    {
        foreach (var (name, value) in settings.Where(setting => !setting.Key.StartsWith("Hub__", StringComparison.Ordinal)))
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        LogContext.Current = null;
        var hub = await HubApplication.BuildAsync(
            [.. settings.Where(setting => setting.Key.StartsWith("Hub__", StringComparison.Ordinal)).Select(setting => $"--{setting.Key.Replace("__", ":", StringComparison.Ordinal)}={setting.Value}")],
            builder =>
            {
                if (!isChecked)
                {
                    UncheckedEgress.Replace(builder.Services);
                }
            },
            CancellationToken.None);
        await hub.StartAsync(CancellationToken.None);
        return hub;
    }

    private async Task<IReadOnlyList<Guid>> StartRunsAsync(HttpClient http)
    {
        using var csv = new StreamContent(new CustomerCsv(0, members, 0)) { Headers = { ContentType = new("text/csv") } };
        using var loaded = await http.PostAsync("/v1/audiences/customers/snapshots?kind=full", csv);
        loaded.EnsureSuccessStatusCode();
        var snapshot = (await loaded.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("snapshot_id").GetGuid();
        using var started = await http.PostAsJsonAsync("/v1/audience-syncs", new { audience = "customers", mode = "full", snapshot_id = snapshot, destinations = _vendors });
        started.EnsureSuccessStatusCode();
        return [.. (await started.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("run_id").GetGuid())];
    }

    /// <summary>Withdraws people in a random order, spread over the run: never further on than the run is.</summary>
    /// <returns>When each withdrawal was answered.</returns>
    private async Task<ConcurrentDictionary<string, DateTimeOffset>> WithdrawAsync(HttpClient http, NpgsqlDataSource source)
    {
        var people = Enumerable.Range(0, members).ToArray();
        _random.Shuffle(people);
        var accepted = new ConcurrentDictionary<string, DateTimeOffset>();
        var (all, next, may) = (await CountAsync(source, "SELECT count(*) FROM deliveries"), 0, 0);
        using var ended = new CancellationTokenSource();
        var pace = Task.Run(async () =>
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            for (var left = all; may < withdrawals; left = await CountAsync(source, "SELECT count(*) FROM deliveries WHERE lane = 'bulk'"))
            {
                all = Math.Max(all, left);
                Volatile.Write(ref may, left == 0 ? withdrawals : (int)Math.Min(withdrawals, 1 + (withdrawals * 1.2 * (all - left) / all)));
                await timer.WaitForNextTickAsync(ended.Token);
            }
        });
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
            for (var i = Interlocked.Increment(ref next) - 1; i < withdrawals; i = Interlocked.Increment(ref next) - 1)
            {
                while (i >= Volatile.Read(ref may))
                {
                    await timer.WaitForNextTickAsync();
                }

                var person = $"c{people[i]}";
                using var answer = await http.PostAsJsonAsync("/v1/events", new
                {
                    event_id = Guid.CreateVersion7(), event_type = "consent_updated", occurred_at = TimeProvider.System.GetUtcNow(), producer = "race", subject = new { external_id = person },
                    payload = new { purpose = "email_marketing", status = "denied", source = "form" },
                });
                answer.EnsureSuccessStatusCode();
                accepted[person] = TimeProvider.System.GetUtcNow();
            }
        })));
        await pace;
        return accepted;
    }

    /// <summary>States what random people do, until it is over.</summary>
    private async Task<int> LiveAsync(HttpClient http, CancellationToken over)
    {
        var (random, stated) = (new Random(7), 0);
        using var timer = new PeriodicTimer(_betweenEvents);
        try
        {
            for (; await timer.WaitForNextTickAsync(over); stated++)
            {
                using var answer = await http.PostAsJsonAsync("/v1/events", new
                {
                    event_id = Guid.CreateVersion7(), event_type = "behavior_tracked", occurred_at = TimeProvider.System.GetUtcNow(), producer = "race", subject = new { external_id = $"c{random.Next(members)}" },
                    payload = new { name = "product_viewed", properties = new { product_id = "p-1", price = 12.5 } },
                }, CancellationToken.None);
                answer.EnsureSuccessStatusCode();
            }
        }
        catch (OperationCanceledException)
        {
        }

        return stated;
    }

    /// <summary>Whose profile or event a call of Braze brings; a change of a subscription alone is what tells of a withdrawal.</summary>
    private static IEnumerable<string> ToldToBraze(string path, string body)
    {
        if (!path.EndsWith("/users/track", StringComparison.Ordinal))
        {
            return [];
        }

        using var json = JsonDocument.Parse(body);
        return [.. new[] { "attributes", "events" }
            .Where(kind => json.RootElement.TryGetProperty(kind, out _))
            .SelectMany(kind => json.RootElement.GetProperty(kind).EnumerateArray().Where(item => kind == "events" || item.TryGetProperty("first_name", out _)))
            .Select(item => item.TryGetProperty("external_id", out var id) ? id.GetString() : null)
            .OfType<string>().Where(id => Person().IsMatch(id))];
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    [GeneratedRegex("^c[0-9]+$")]
    private static partial Regex Person();
}
