using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Pages;

/// <summary>
/// The console's pages as a browser asks for them, over what a hub of some months keeps: how long the server takes, how large a page is, whether the end of a list is as near as its beginning, and what many open Overviews cost. One destination refuses the hub's credentials, so that its work waits.
/// </summary>
internal sealed class PagesScenario(PastWork past, int asks)
{
    private const int WarmUp = 5;

    /// <summary>So many pages of a list are turned from its beginning and before its end.</summary>
    private const int Turned = 10;

    public static Task<JsonObject> RunAsync(ScenarioOptions options) =>
        new PagesScenario(
            new PastWork(options.Number("outcomes", 1_000_000), options.Number("runs", 1_000), options.Number("letters", 10_000), options.Number("pending", 100_000)),
            options.Number("asks", 40)).MeasureAsync();

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await past.FillAsync(database);
        await using var sandbox = await HubProcess.SandboxAsync();
        var settings = SyncRuns.Settings(sandbox, database, broker, quotas: false);
        settings["HUBSPOT_ACCESS_TOKEN"] = "a token that nobody gave out";
        await using var hub = await HubProcess.ServeAsync(settings);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{hub.Port}"), Timeout = TimeSpan.FromMinutes(2) };
        await Poll.Until(async () => (await http.GetStringAsync("/")).Contains("no access", StringComparison.OrdinalIgnoreCase), "the overview to name the destination that refuses");

        var result = new JsonObject { ["outcomes"] = past.Outcomes, ["runs"] = past.Runs, ["letters"] = past.Letters, ["pending"] = past.Pending };
        foreach (var (name, path) in await AddressesAsync(http))
        {
            ScenarioOptions.Progress($"asking for {name} ({path}) ...");
            var (page, bytes) = await AskAsync(http, path, look: false);
            var (look, _) = await AskAsync(http, path, look: true);
            result[$"{name} p95_ms"] = page;
            result[$"{name} look p95_ms"] = look;
            result[$"{name} kilobytes"] = bytes / 1024;
        }

        foreach (var (name, path) in new[] { ("runs", "/v1/runs?limit=50"), ("records", $"/v1/runs/{PastWork.Largest}/records?outcome=delivered&limit=1000"), ("letters", "/v1/dead-letters?limit=50") })
        {
            var (first, last, pages, items) = await TurnAsync(http, path);
            result[$"{name}, first pages, ms each"] = first;
            result[$"{name}, last pages, ms each"] = last;
            result[$"{name}, pages"] = pages;
            result[$"{name}, items"] = items;
        }

        return result;
    }

    private static async Task<IReadOnlyList<(string Name, string Path)>> AddressesAsync(HttpClient http)
    {
        var group = Href("/dead-letters/group").Match(await http.GetStringAsync("/dead-letters")) is { Success: true } found ? WebUtility.HtmlDecode(found.Groups[1].Value) : throw new InvalidOperationException("The page of dead letters links to no group.");
        return
        [
            ("overview", "/"), ("runs", "/runs"), ("runs of a destination", "/runs?destination=braze"), ("runs that failed", "/runs?state=Failed"), ("run", $"/runs/{PastWork.Largest}"), ("open run", $"/runs/{PastWork.Open(1)}"),
            ("records", $"/runs/{PastWork.Largest}/records?outcome=suppressed&code=email_opt_out"), ("dead letters", "/dead-letters"), ("group of letters", group), ("destinations", "/destinations"), ("destination", "/destinations/hubspot"),
            ("approvals", "/approvals"), ("audiences", "/audiences"), ("backfills", "/backfills"), ("actions", "/actions"), ("schedules", "/schedules"), ("people", "/people"), ("person", "/people/1"), ("consent", "/consent"), ("erasures", "/erasures"),
            ("catalog", "/catalog"), ("map", "/map"), ("changes", "/changes"), ("alerts", "/alerts"), ("hubs", "/hubs"), ("audit", "/audit"),
        ];
    }

    private async Task<(double P95, long Bytes)> AskAsync(HttpClient http, string path, bool look)
    {
        var times = new double[asks];
        long bytes = 0;
        for (var i = -WarmUp; i < asks; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (look)
            {
                request.Headers.Add("X-Hub-Look", "1");
            }

            var began = Stopwatch.GetTimestamp();
            using var answer = await http.SendAsync(request);
            bytes = (await answer.Content.ReadAsByteArrayAsync()).LongLength;
            if (i >= 0)
            {
                times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            }

            answer.EnsureSuccessStatusCode();
        }

        Array.Sort(times);
        return (Math.Round(times[asks * 95 / 100], 1), bytes);
    }

    /// <summary>Turns all pages of a list and sees that none stands there twice.</summary>
    private static async Task<(double First, double Last, int Pages, int Items)> TurnAsync(HttpClient http, string path)
    {
        var times = new List<double>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? after = null;
        do
        {
            var began = Stopwatch.GetTimestamp();
            var page = JsonNode.Parse(await http.GetStringAsync(after is null ? path : $"{path}&after={Uri.EscapeDataString(after)}"))!;
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            foreach (var item in page["items"]!.AsArray())
            {
                var id = item!["dead_letter_id"]?.ToString() ?? $"{item["run_id"]} {item["profile_id"]}";
                if (!seen.Add(id))
                {
                    throw new InvalidOperationException($"{id} stands in {path} twice.");
                }
            }

            after = page["next"]?.ToString();
        }
        while (after is not null);
        return (Math.Round(times.Take(Turned).Average(), 1), Math.Round(times.TakeLast(Turned).Average(), 1), times.Count, seen.Count);
    }

    private static Regex Href(string path) => new($"href=\"({Regex.Escape(path)}[^\"]+)\"", RegexOptions.CultureInvariant);
}
