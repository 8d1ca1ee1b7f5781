using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.TestServers;
using Npgsql;

namespace IntegrationHub.Benchmarks.Diagnosis;

/// <summary>
/// Whatever holds a run up, provoked in production hubs with the usual thresholds and servers of their own that are stopped and killed: how long it takes from the trouble until the hub names
/// it. Each trouble of a destination has one of its own, so that they last side by side. Leases alone are longer than usual: a usual one has freed itself before its hub counts as dead.
/// </summary>
internal sealed class StuckScenario : IAsyncDisposable
{
    private const int People = 60;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hub-stuck-");
    private readonly TcpListener _mute = new(IPAddress.Loopback, 0);
    private readonly int _closed = HubProcess.FreePort();
    private readonly Sightings _sightings = new();
    private PostgresServer _postgres = null!;
    private RabbitMqServer _rabbitMq = null!;
    private HubProcess _sandbox = null!;
    private Dictionary<string, string> _settings = null!;
    private HubProcess _hub = null!;
    private int _version;

    public static async Task<JsonObject> RunAsync(ScenarioOptions options)
    {
        await using var scenario = new StuckScenario();
        await scenario.StartAsync();
        await scenario.MissABellAsync();
        var waiting = await scenario.HoldUpAsync();
        await scenario.LoseServersAsync();
        await scenario.LoseTheHubAsync(waiting);
        return scenario._sightings.Table;
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _sandbox.DisposeAsync();
        await _rabbitMq.DisposeAsync();
        await _postgres.DisposeAsync();
        _mute.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StartAsync()
    {
        (_postgres, _rabbitMq, _sandbox) = (await PostgresServer.StartAsync(), await RabbitMqServer.StartAsync(), await HubProcess.SandboxAsync());
        _mute.Start();
        await File.WriteAllTextAsync(PathOf("key"), "nobody's");
        await SteerAsync("hubspot", "faults", """{"kind":"unknown_code","endpoint":"crm/v3/objects/contacts/batch/upsert"}""");
        await SteerAsync("marketo", "knobs", """{"apply_delay_ms":600000}""");
        _settings = new Dictionary<string, string>(SyncRuns.Vendors(_sandbox))
        {
            ["Hub__Bus"] = "RabbitMq", ["Hub__Database"] = "Postgres", ["Hub__LogLevel"] = "Error",
            ["Hub__ConnectionString"] = _postgres.ConnectionString.Replace("Pooling=false", "Pooling=true", StringComparison.Ordinal), ["Hub__RabbitMq"] = _rabbitMq.Uri.ToString(),
            ["Hub__Destinations__marketo__Settings__import_from"] = "10", ["Hub__Delivery__LeaseLength"] = "00:02:00", ["Hub__ConfigPath"] = Write("all", isWhole: true),
        };
        _hub = await HubProcess.ServeAsync(_settings);
    }

    /// <summary>No hub is there at the time of a bell.</summary>
    private async Task MissABellAsync()
    {
        await _hub.StopAsync();
        await using (var connection = new NpgsqlConnection(_postgres.ConnectionString))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("INSERT INTO job_runs (schedule, due_at, at, instance, outcome, run_ids) VALUES ('yearly', now() - interval '2 years', now() - interval '2 years', 'earlier', 'started', '[]')", connection);
            await command.ExecuteNonQueryAsync();
        }

        var since = Stopwatch.StartNew();
        await _hub.StartAsync();
        await _sightings.OfAsync(_hub, since, ("schedule_missed", "yearly"));
    }

    /// <summary>Everything that destinations do to runs.</summary>
    /// <returns>The run that waits for the next day.</returns>
    private async Task<Guid> HoldUpAsync()
    {
        var first = await LoadAsync(People);
        var since = Stopwatch.StartNew();
        var runs = await SyncRuns.StartAsync(_hub, first, "full", "braze", "locked", "distant", "hubspot", "marketo", "thrifty");
        await _sightings.OfAsync(
            _hub, since, ("unauthorized", $"{runs[1]}"), ("circuit_open", $"{runs[2]}"), ("poison_record", $"{runs[3]}"), ("vendor_job", $"{runs[4]}"), ("quota", $"{runs[5]}"));
        await Poll.Until(() => IsOverAsync(runs[0]), "the first run to be over");
        var half = await LoadAsync(People / 2);
        since.Restart();
        var removal = (await SyncRuns.StartAsync(_hub, half, "full", "braze")).Single();
        await _sightings.OfAsync(_hub, since, ("approval", $"{removal}"));
        return runs[5];
    }

    private async Task LoseServersAsync()
    {
        var since = Stopwatch.StartNew();
        await _rabbitMq.StopAsync();
        await _sightings.OfAsync(_hub, since, ("broker_unreachable", null));
        await _rabbitMq.RestartAsync();
        await GoneAsync("broker_unreachable");
        since.Restart();
        await _postgres.StopAsync();
        await _sightings.OfAsync(_hub, since, ("database_unreachable", null));
        await _postgres.RestartAsync();
        await GoneAsync("database_unreachable");
    }

    private async Task LoseTheHubAsync(Guid waiting)
    {
        var name = await Poll.For(async () => (await _hub.GetAsync("/v1/instances")).GetProperty("items").EnumerateArray().FirstOrDefault(hub => hub.GetProperty("is_alive").GetBoolean()), hub => hub.ValueKind == JsonValueKind.Object, "the hub to be heard of again");
        var first = name.GetProperty("name").GetString();
        var held = (await SyncRuns.StartAsync(_hub, await LoadAsync(People), "full", "mute")).Single();
        await LeasedAsync();
        var since = Stopwatch.StartNew();
        await using var other = await HubProcess.ServeAsync(new Dictionary<string, string>(_settings) { ["Hub__ConfigPath"] = Write("other", isWhole: false) });
        await _sightings.OfAsync(other, since, ("configuration_behind", first));
        await Poll.Until(() => IsHeardOfLastAsync(other, first!), "the first hub to be heard of after the other one started, which else stood for it");
        since.Restart();
        await _hub.KillAsync();
        await _sightings.OfAsync(other, since, ("dead_process", first), ("dead_process", $"{held}"), ("no_consumer", $"{waiting}"));
    }

    private static async Task<bool> IsHeardOfLastAsync(HubProcess asked, string name)
    {
        var hubs = (await asked.GetAsync("/v1/instances")).GetProperty("items").EnumerateArray().ToLookup(hub => hub.GetProperty("name").GetString() == name);
        return hubs[true].Any(hub => hubs[false].All(later => later.GetProperty("started_at").GetDateTimeOffset() < hub.GetProperty("seen_at").GetDateTimeOffset()));
    }

    private async Task LeasedAsync()
    {
        await using var connection = new NpgsqlConnection(_postgres.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT 1 FROM leases WHERE destination = 'mute' AND owner <> '' AND expires_at > clock_timestamp()", connection);
        await Poll.Until(async () => await command.ExecuteScalarAsync() is not null, "the hub to work on the one that never answers");
    }

    private Task GoneAsync(string code) => Poll.Until(
        async () => !(await _hub.GetAsync("/v1/diagnoses")).GetProperty("items").EnumerateArray().Any(named => named.GetProperty("code").GetString() == code), $"{code} to be over");

    private async Task<bool> IsOverAsync(Guid run)
    {
        using var answer = await _hub.Http.GetAsync($"/v1/runs/{run}");
        return answer.IsSuccessStatusCode && JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("finished_at").ValueKind != JsonValueKind.Null;
    }

    private Task<Guid> LoadAsync(int people) => SyncRuns.LoadAsync(_hub, "full", 0, people, _version++);

    private async Task SteerAsync(string vendor, string what, string body)
    {
        using var answer = await _sandbox.Http.PostAsync($"/{vendor}/_sandbox/{what}", new StringContent(body));
        answer.EnsureSuccessStatusCode();
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private string Write(string name, bool isWhole)
    {
        SampleFolder.Write(
            PathOf(name),
            [
                new("locked", "braze", _sandbox.Port) { KeyFile = PathOf("key") },
                new("distant", "braze", _closed),
                new("mute", "braze", ((IPEndPoint)_mute.LocalEndpoint).Port),
                .. isWhole ? [new("thrifty", "marketo", _sandbox.Port) { More = "quota: { daily: 2 }\n" }] : Array.Empty<AddedDestination>(),
            ],
            new Dictionary<string, string> { ["schedules.yaml"] = "schedules:\n  yearly: { sync: customers, destinations: [hubspot], cron: \"0 0 3 1 1 ?\", time_zone: UTC }\n" });
        return PathOf(name);
    }
}
