using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.TestServers;
using Npgsql;

namespace IntegrationHub.Benchmarks.Reconciliation;

/// <summary>
/// N members stand at HubSpot's sandbox in production mode; somebody else then removes some, deletes some, changes a field of some and adds strangers, over the vendor's own HTTP. One
/// reconciliation has to find them all and nobody else and heal them, the next one has to find nothing. All fields of everybody are read unless <c>--fields sample</c> says otherwise.
/// </summary>
internal sealed class ReconcileScenario(int members, int planted, string fields)
{
    private const int PerCall = 100;
    private const int DocumentedCallsPerDay = 250_000;

    public static Task<JsonObject> RunAsync(ScenarioOptions options)
    {
        var members = options.Number("members", 20_000);
        return new ReconcileScenario(members, options.Number("planted", Math.Min(1_000, members / 50)), options.Text("fields", "whole")).MeasureAsync();
    }

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        var config = ConfigFolder();
        try
        {
            var settings = SyncRuns.Settings(sandbox, database, broker, quotas: false);
            settings["Hub__ConfigPath"] = config.FullName;
            await using var hub = await HubProcess.ServeAsync(settings);
            ScenarioOptions.Progress($"{members} members go to HubSpot");
            await SyncRuns.SyncAsync(hub, database, await SyncRuns.LoadAsync(hub, "full", 0, members, 0), "full", "hubspot");
            ScenarioOptions.Progress($"{planted} differences of each kind are planted");
            await PlantAsync(sandbox, database);
            var before = ProcessMemory.ResidentMb(hub.Id);
            var (compared, seconds) = await ReconcileAsync(hub, "all");
            var peak = ProcessMemory.PeakMb(hub.Id);
            var (again, secondsAgain) = await ReconcileAsync(hub, "report");
            return new JsonObject
            {
                ["members"] = members,
                ["planted_of_each_kind"] = planted,
                ["found"] = JsonNode.Parse(compared.GetProperty("causes").GetRawText()),
                ["found_after_healing"] = JsonNode.Parse(again.GetProperty("causes").GetRawText()),
                ["state"] = compared.GetProperty("state").GetString(),
                ["seconds"] = seconds,
                ["seconds_when_nothing_differs"] = secondsAgain,
                ["calls"] = compared.GetProperty("calls").GetInt64(),
                ["calls_when_nothing_differs"] = again.GetProperty("calls").GetInt64(),
                ["share_of_250000_calls"] = again.GetProperty("calls").GetInt64() / (double)DocumentedCallsPerDay,
                ["hub_memory_before_mb"] = before,
                ["hub_memory_peak_mb"] = peak,
            };
        }
        finally
        {
            config.Delete(recursive: true);
        }
    }

    private DirectoryInfo ConfigFolder()
    {
        var folder = Directory.CreateTempSubdirectory("hub-reconcile-");
        var samples = Path.Combine(AppContext.BaseDirectory, "Samples", "config");
        foreach (var file in Directory.EnumerateFiles(samples, "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder.FullName, Path.GetRelativePath(samples, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        File.AppendAllText(Path.Combine(folder.FullName, "destinations", "hubspot.yaml"), $"\nreconcile: {{ fields: {fields}, read_back_share: 1 }}\n");
        return folder;
    }

    private async Task PlantAsync(HubProcess sandbox, PostgresDatabase database)
    {
        using var vendor = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{sandbox.Port}/hubspot/") };
        vendor.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "sandbox-hubspot-access-token");
        var known = await vendor.GetFromJsonAsync<JsonElement>($"crm/v3/lists/object-type-id/0-1/name/{Uri.EscapeDataString("Customers (IntegrationHub)")}");
        var list = known.GetProperty("list").GetProperty("listId").GetString();
        var remote = await RemoteIdsAsync(database, 3 * planted);
        foreach (var ids in remote[..planted].Chunk(PerCall))
        {
            await PutAsync(vendor, $"crm/v3/lists/{list}/memberships/remove", ids);
        }

        foreach (var ids in remote[planted..(2 * planted)].Chunk(PerCall))
        {
            await PostAsync(vendor, "crm/v3/objects/contacts/batch/archive", new { inputs = ids.Select(id => new { id }) });
        }

        foreach (var ids in remote[(2 * planted)..].Chunk(PerCall))
        {
            await PostAsync(vendor, "crm/v3/objects/contacts/batch/update", new { inputs = ids.Select(id => new { id, properties = new { lastname = "Changed" } }) });
        }

        foreach (var strangers in Enumerable.Range(0, planted).Chunk(PerCall))
        {
            var made = await PostAsync(vendor, "crm/v3/objects/contacts/batch/create", new
            {
                inputs = strangers.Select(stranger => string.Create(CultureInfo.InvariantCulture, $"by-hand-{stranger}")).Select(key => new { properties = new { email = $"{key}@example.test", hub_external_id = key } }),
            });
            await PutAsync(vendor, $"crm/v3/lists/{list}/memberships/add", [.. made.GetProperty("results").EnumerateArray().Select(contact => contact.GetProperty("id").GetString()!)]);
        }
    }

    private static async Task<string[]> RemoteIdsAsync(PostgresDatabase database, int count)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand(
            "SELECT d.remote_id FROM destination_members m JOIN destination_profiles d USING (destination, profile_id) WHERE m.destination = 'hubspot' AND m.is_member ORDER BY md5(d.remote_id) LIMIT $1");
        command.Parameters.Add(new NpgsqlParameter { Value = count });
        await using var reader = await command.ExecuteReaderAsync();
        var ids = new List<string>(count);
        while (await reader.ReadAsync())
        {
            ids.Add(reader.GetString(0));
        }

        return [.. ids];
    }

    private static async Task<(JsonElement Run, double Seconds)> ReconcileAsync(HubProcess hub, string heal)
    {
        ScenarioOptions.Progress($"comparing, heal {heal}");
        var (status, started) = await hub.PostAsync("/v1/reconciliations", new { audience = "customers", destinations = new[] { "hubspot" }, heal });
        if ((int)status != 202)
        {
            throw new InvalidOperationException(started.ToString());
        }

        var runId = started[0].GetProperty("run_id").GetGuid();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var run = await hub.Http.GetFromJsonAsync<JsonElement>($"/v1/reconciliations/{runId}");
            if (run.GetProperty("finished_at").ValueKind == JsonValueKind.String)
            {
                return (run, (run.GetProperty("finished_at").GetDateTimeOffset() - run.GetProperty("requested_at").GetDateTimeOffset()).TotalSeconds);
            }

            await timer.WaitForNextTickAsync();
        }
    }

    private static async Task<JsonElement> PostAsync(HttpClient vendor, string path, object body)
    {
        using var answer = await vendor.PostAsJsonAsync(path, body);
        answer.EnsureSuccessStatusCode();
        var text = await answer.Content.ReadAsStringAsync();
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    private static async Task PutAsync(HttpClient vendor, string path, string[] ids)
    {
        using var answer = await vendor.PutAsJsonAsync(path, ids);
        answer.EnsureSuccessStatusCode();
    }
}
