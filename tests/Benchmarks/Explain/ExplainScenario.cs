using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace IntegrationHub.Benchmarks.Explain;

/// <summary>Questions why people are where they are, over HTTP, against a long log spread over all partitions that are kept: how long an answer takes, of the person with the most facts, too.</summary>
internal sealed class ExplainScenario(int facts, int people, int questions)
{
    private const int Weeks = 57; // of 400 days
    private const int WarmUp = 20;

    /// <summary>Somebody of whom a hundredth of all facts is.</summary>
    private const int Busy = 1;

    /// <summary>No divisor of round numbers of people: some would have no fact else.</summary>
    private const int BusyEvery = 101;

    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    public static Task<JsonObject> RunAsync(ScenarioOptions options) =>
        new ExplainScenario(options.Number("facts", 100_000), options.Number("people", 10_000), options.Number("questions", 300)).MeasureAsync();

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await FillAsync(database);
        await using var sandbox = await HubProcess.SandboxAsync();
        await using var hub = await HubProcess.ServeAsync(SyncRuns.Settings(sandbox, database, broker, quotas: false));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{hub.Port}"), Timeout = TimeSpan.FromMinutes(5) };
        await AskAsync(http, WarmUp, i => Person(i));
        ScenarioOptions.Progress("asking ...");
        var times = await AskAsync(http, questions, i => Person(i + WarmUp));
        var busy = await AskAsync(http, WarmUp, _ => $"p{Busy}");
        var numbers = await AskAsync(http, WarmUp, _ => $"profile:{Busy + 1}");
        return new JsonObject
        {
            ["facts"] = facts,
            ["people"] = people,
            ["p50_ms"] = Math.Round(times[times.Length / 2], 1),
            ["p95_ms"] = Math.Round(times[times.Length * 95 / 100], 1),
            ["slowest_ms"] = Math.Round(times[^1], 1),
            ["of_the_person_with_a_hundredth_of_all_facts_p50_ms"] = Math.Round(busy[busy.Length / 2], 1),
            ["by_number_p50_ms"] = Math.Round(numbers[numbers.Length / 2], 1),
        };
    }

    private string Person(int question) => $"p{2 + question * 7919L % (people - 2)}";

    private static async Task<double[]> AskAsync(HttpClient http, int questions, Func<int, string> person)
    {
        var times = new double[questions];
        for (var i = 0; i < questions; i++)
        {
            var began = Stopwatch.GetTimestamp();
            using var answer = await http.PostAsJsonAsync("/v1/profiles/explain", new { key = person(i) });
            answer.EnsureSuccessStatusCode();
            var told = await answer.Content.ReadFromJsonAsync<JsonElement>();
            times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            if (!told.GetProperty("found").GetBoolean() || told.GetProperty("steps")[0].GetProperty("inputs").GetArrayLength() == 0)
            {
                throw new InvalidOperationException("Nobody was explained.");
            }
        }

        Array.Sort(times);
        return times;
    }

    private async Task FillAsync(PostgresDatabase database)
    {
        var services = new ServiceCollection();
        services.AddHubStorage(new StorageOptions { Database = StorageDatabase.Postgres, ConnectionString = database.ConnectionString });
        await using var storage = services.BuildServiceProvider();
        await using (var scope = storage.CreateAsyncScope())
        {
            await HubDatabase.MigrateAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), CancellationToken.None);
        }

        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        ScenarioOptions.Progress($"filling {facts} facts of {people} people ...");
        await ExecuteAsync(source, $"SELECT cover_partition('facts_standard', day, day + interval '7 days') FROM generate_series('{Monday(0):O}'::timestamptz, '{_now.AddDays(7):O}', '7 days') day");
        await ExecuteAsync(
            source,
            $$"""
            INSERT INTO profiles (profile_id, tenant_id, external_id, email, email_key, attributes, attributes_at, consent, occurred_at, version, updated_at) OVERRIDING SYSTEM VALUE
            SELECT n, 'default', 'p' || n, 'p' || n || '@example.test', 'p' || n || '@example.test', '{"first_name":"Kim"}', '{}', '{"email_marketing":{"s":"granted","t":1700000000000,"src":"form"} }', now(), 1, now()
            FROM generate_series(1, {{people}}) n;
            INSERT INTO memberships (audience, profile_id, is_member, since, occurred_at) SELECT 'customers', n, n % 5 <> 0, now(), now() FROM generate_series(1, {{people}}) n;
            SELECT setval(pg_get_serial_sequence('profiles', 'profile_id'), {{people}});
            """);
        var perWeek = facts / Weeks + 1;
        for (var week = 0; week < Weeks; week++)
        {
            await ExecuteAsync(
                source,
                $$"""
                WITH ids AS (
                    INSERT INTO fact_ids (event_id, received_at)
                    SELECT gen_random_uuid(), '{{Monday(week):O}}'::timestamptz + n * interval '1 day' * 6 / {{perWeek}} FROM generate_series(1, {{perWeek}}) n RETURNING *)
                INSERT INTO facts (position, event_id, retention, tenant_id, event_type, schema_version, occurred_at, received_at, producer, profile_id, body)
                SELECT position, event_id, 'standard', 'default', 'profile_updated', 1, received_at, received_at, 'benchmark', CASE WHEN position % {{BusyEvery}} = 0 THEN {{Busy}} ELSE 1 + position % {{people}} END, '{"text":"' || repeat(md5(position::text), 14) || '"}'
                FROM ids
                """);
        }

        await ExecuteAsync(source, "ANALYZE");
    }

    private DateTimeOffset Monday(int week) => new(_now.UtcDateTime.Date.AddDays(-(((int)_now.DayOfWeek + 6) % 7) - 7 * (Weeks - week)), TimeSpan.Zero);

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 3_600;
        await command.ExecuteNonQueryAsync();
    }
}
