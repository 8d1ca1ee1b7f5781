using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace IntegrationHub.Benchmarks.Plan;

/// <summary>How long a plan of another mapping takes over people whom the vendor has: of a sample, and of all. How far the sample's numbers are from the exact ones is measured, too.</summary>
internal sealed class PlanScenario(int people)
{
    private const string Mapping = "mappings/braze.yaml";

    public static Task<JsonObject> RunAsync(ScenarioOptions options) => new PlanScenario(options.Number("people", 100_000)).MeasureAsync();

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await FillAsync(database);
        await using var sandbox = await HubProcess.SandboxAsync();
        await using var hub = await HubProcess.ServeAsync(SyncRuns.Settings(sandbox, database, broker, quotas: true));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{hub.Port}"), Timeout = TimeSpan.FromMinutes(30) };
        var files = (await http.GetFromJsonAsync<JsonNode>("/v1/config"))!["active"]!["files"]!.DeepClone().AsObject();
        var mapping = files[Mapping]!.GetValue<string>();
        files[Mapping] = mapping.Replace("transforms: [trim, title_case]", "transforms: [trim, upper]", StringComparison.Ordinal);
        if (files[Mapping]!.GetValue<string>() == mapping)
        {
            throw new InvalidOperationException("The sample's mapping has another form; nothing would change.");
        }

        await AskAsync(http, files, "none");
        ScenarioOptions.Progress("sample ...");
        var (sampleSeconds, sample) = await AskAsync(http, files, "sample");
        ScenarioOptions.Progress("exact ...");
        var (exactSeconds, exact) = await AskAsync(http, files, "exact");
        return new JsonObject
        {
            ["people"] = people,
            ["sample_looked_at"] = sample.GetProperty("looked_at").GetInt64(),
            ["sample_seconds"] = Math.Round(sampleSeconds, 2),
            ["exact_seconds"] = Math.Round(exactSeconds, 2),
            ["exact_people_per_second"] = Math.Round(exact.GetProperty("looked_at").GetInt64() / exactSeconds),
            ["exact_updates"] = Count(exact, "update"),
            ["sample_updates"] = Count(sample, "update"),
            ["sample_updates_plus_minus"] = Sync(sample).GetProperty("update").GetProperty("plus_minus").GetInt64(),
            ["hub_peak_mb"] = Math.Round(ProcessMemory.PeakMb(hub.Id)),
        };
    }

    private static long Count(JsonElement effects, string of) => Sync(effects).GetProperty(of).GetProperty("count").GetInt64();

    private static JsonElement Sync(JsonElement effects) => effects.GetProperty("syncs").EnumerateArray().Single(sync => sync.GetProperty("destination").GetString() == "braze");

    private static async Task<(double Seconds, JsonElement Effects)> AskAsync(HttpClient http, JsonObject files, string effects)
    {
        var began = Stopwatch.GetTimestamp();
        using var answer = await http.PostAsJsonAsync("/v1/config/versions/plan", new { files, effects });
        var told = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return answer.IsSuccessStatusCode
            ? (Stopwatch.GetElapsedTime(began).TotalSeconds, told.TryGetProperty("effects", out var found) ? found.Clone() : default)
            : throw new InvalidOperationException($"The plan was refused: {told}");
    }

    /// <summary>People whom the vendor has by an earlier mapping; a fifth said no.</summary>
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
        ScenarioOptions.Progress($"filling {people} people ...");
        await using var command = source.CreateCommand(
            $$"""
            INSERT INTO profiles (profile_id, tenant_id, external_id, email, email_key, attributes, attributes_at, consent, occurred_at, version, updated_at) OVERRIDING SYSTEM VALUE
            SELECT n, 'default', 'p' || n, 'p' || n || '@example.test', 'p' || n || '@example.test',
                jsonb_build_object('first_name', 'Kim' || n % 97, 'last_name', 'Person ' || n, 'date_of_birth', '04/08/1966', 'gender', 'F', 'prefix', 'Ms.', 'annual_income', '$40,000', 'total_children', '2', 'marital_status', 'M'), '{}',
                jsonb_build_object('email_marketing', jsonb_build_object('s', CASE WHEN n % 5 = 0 THEN 'denied' ELSE 'granted' END, 't', 1700000000000, 'src', 'form')), now(), 1, now()
            FROM generate_series(1, {{people}}) n;
            INSERT INTO memberships (audience, profile_id, is_member, since, occurred_at) SELECT 'customers', n, true, now(), now() FROM generate_series(1, {{people}}) n;
            INSERT INTO destination_members (destination, audience, profile_id, is_member, added_by_hub, confirmed_at) SELECT 'braze', 'customers', n, true, true, now() FROM generate_series(1, {{people}}) n WHERE n % 5 <> 0;
            INSERT INTO destination_profiles (destination, profile_id, remote_id, content_hash, profile_version, plan_version, confirmed_at)
            SELECT 'braze', n, 'p' || n, md5(n::text)::uuid, 1, 'an earlier one', now() FROM generate_series(1, {{people}}) n WHERE n % 5 <> 0;
            SELECT setval(pg_get_serial_sequence('profiles', 'profile_id'), {{people}});
            ANALYZE;
            """);
        command.CommandTimeout = 3_600;
        await command.ExecuteNonQueryAsync();
    }
}
