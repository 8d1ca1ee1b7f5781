using MassTransit;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Policy;

/// <summary>Questions whether people may be sent something, over HTTP, of people with a few decisions each: how long an answer takes, one caller and several at a time.</summary>
internal static class PolicyScenario
{
    private const int WarmUp = 200;
    private const int Callers = 4;

    public static async Task<JsonObject> RunAsync(ScenarioOptions options)
    {
        var (people, questions) = (options.Number("people", 5_000), options.Number("questions", 4_000));
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        await using var hub = await HubProcess.ServeAsync(SyncRuns.Settings(sandbox, database, broker, quotas: false));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{hub.Port}"), Timeout = TimeSpan.FromMinutes(5) };
        for (var first = 0; first < people; first += 1_000)
        {
            using var stated = await http.PostAsJsonAsync("/v1/events", Enumerable.Range(first, Math.Min(1_000, people - first)).SelectMany(Facts));
            stated.EnsureSuccessStatusCode();
        }

        await AskAsync(http, people, WarmUp);
        var one = await AskAsync(http, people, questions);
        var watch = Stopwatch.StartNew();
        var many = (await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => AskAsync(http, people, questions / Callers)))).SelectMany(times => times).Order().ToArray();
        return new JsonObject
        {
            ["people"] = people,
            ["one_caller_p50_ms"] = one[one.Length / 2],
            ["one_caller_p99_ms"] = one[one.Length * 99 / 100],
            ["one_caller_slowest_ms"] = one[^1],
            [$"{Callers}_callers_p50_ms"] = many[many.Length / 2],
            [$"{Callers}_callers_p99_ms"] = many[many.Length * 99 / 100],
            [$"{Callers}_callers_answers_per_second"] = many.Length / watch.Elapsed.TotalSeconds,
        };
    }

    private static IEnumerable<object> Facts(int person)
    {
        var subject = new { external_id = $"p{person}", email = $"p{person}@example.test" };
        yield return new { event_id = NewId.NextGuid(), event_type = "profile_updated", occurred_at = "2026-01-01T00:00:00Z", producer = "benchmark", subject, payload = new { attributes = new { city = "Bonn", country = "DE" } } };
        foreach (var (purpose, status) in new[] { ("email_marketing", "granted"), ("partner_sharing", "denied") })
        {
            yield return new { event_id = NewId.NextGuid(), event_type = "consent_updated", occurred_at = "2026-01-02T00:00:00Z", producer = "benchmark", subject, payload = new { purpose, status, source = "preference-center" } };
        }
    }

    private static async Task<double[]> AskAsync(HttpClient http, int people, int questions)
    {
        var times = new double[questions];
        for (var i = 0; i < questions; i++)
        {
            var began = Stopwatch.GetTimestamp();
            using var answer = await http.PostAsJsonAsync("/v1/policy/check", new { purpose = "email_marketing", destination = "braze", subject = new { external_id = $"p{i * 7919L % people}" } });
            answer.EnsureSuccessStatusCode();
            await answer.Content.ReadAsByteArrayAsync();
            times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        Array.Sort(times);
        return times;
    }
}
