using System.Net;
using System.Net.Sockets;
using IntegrationHub.TestServers;
using Npgsql;

namespace EndToEnd.Tests;

/// <summary>
/// Whatever holds runs up, all at once in one production hub: each trouble has a destination of its own and lasts until it is mended. The hub's wires to broker and database can be cut;
/// a second hub may come, whose configuration is another one.
/// </summary>
internal sealed class StuckScene : IAsyncDisposable
{
    /// <summary>Takes everything; the run that would take many out of it waits for somebody's word.</summary>
    public const string Guarded = "braze";

    /// <summary>Takes other credentials than the hub's.</summary>
    public const string Locked = "locked";

    /// <summary>Nothing goes to it until <see cref="ToVendor"/> is mended.</summary>
    public const string Distant = "distant";

    /// <summary>Takes connections and never answers.</summary>
    public const string Mute = "mute";

    /// <summary>Answers every write with a code that nobody documented.</summary>
    public const string Poisoned = "hubspot";

    /// <summary>Takes its time for imports.</summary>
    public const string Slow = "marketo";

    /// <summary>Has a day of two calls; the second hub does not know it.</summary>
    public const string Thrifty = "thrifty";

    /// <summary>Rings once a year, and did not this year.</summary>
    public const string Schedule = "yearly";

    private const string Key = "sandbox-braze-api-key";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hub-stuck-");
    private readonly TcpListener _mute = new(IPAddress.Loopback, 0);
    private readonly List<HubProcess> _hubs = [];
    private HubProcess _sandbox = null!;
    private PostgresDatabase _database = null!;
    private RabbitMqVirtualHost _broker = null!;
    private Dictionary<string, string> _settings = null!;
    private NpgsqlConnection? _holding;

    public HubProcess Hub => _hubs[0];

    /// <summary>Who is told of alerts.</summary>
    public Receiver Receiver { get; private set; } = null!;

    public Wire ToVendor { get; private set; } = null!;

    public Wire ToDatabase { get; private set; } = null!;

    public Wire ToBroker { get; private set; } = null!;

    public static async Task<StuckScene> OpenAsync()
    {
        var scene = new StuckScene();
        var sandbox = HubProcess.SandboxAsync();
        (scene._database, scene._broker, scene.Receiver) = (await MigratedDatabase.CreateAsync(), await RabbitMqVirtualHost.CreateAsync(), await Receiver.StartAsync());
        scene._sandbox = await sandbox;
        scene._mute.Start();
        var postgres = new NpgsqlConnectionStringBuilder(scene._database.ConnectionString);
        (scene.ToVendor, scene.ToDatabase, scene.ToBroker) = (Wire.To(scene._sandbox.Port), Wire.To(postgres.Port), Wire.To(scene._broker.Uri.Port));
        scene.ToVendor.Cut();
        await scene.ExecuteAsync($"INSERT INTO job_runs (schedule, due_at, at, instance, outcome, run_ids) VALUES ('{Schedule}', now() - interval '2 years', now() - interval '2 years', 'earlier', 'started', '[]')");
        await scene.SteerAsync(Poisoned, "faults", """{"kind":"unknown_code","endpoint":"crm/v3/objects/contacts/batch/upsert"}""");
        await scene.SteerAsync(Slow, "knobs", """{"apply_delay_ms":600000}""");
        await File.WriteAllTextAsync(scene.PathOf("key"), "nobody's");
        (postgres.Port, postgres.Timeout) = (scene.ToDatabase.Port, 2);
        scene._settings = new(Settings.AtSandbox(scene._sandbox))
        {
            ["Hub__Watch__Heartbeat"] = "00:00:00.5", ["Hub__Watch__Silence"] = "00:00:03", ["Hub__Watch__Look"] = "00:00:00.6", ["Hub__ProgressTimeout"] = "00:10:00",
            ["Hub__Delivery__Quotas"] = "true", ["Hub__Delivery__LeaseLength"] = "00:10:00", ["Hub__Delivery__PauseUntilRepaired"] = "01:00:00", ["Hub__Delivery__Partitions"] = "1",
            ["Hub__Delivery__FirstRetryDelay"] = "00:00:00.2", ["Hub__Delivery__LongestRetryDelay"] = "00:10:00", ["Hub__Delivery__MaxAttempts"] = "100",
            ["Hub__Destinations__marketo__Settings__import_from"] = "10", ["Hub__DataPath"] = scene._folder.FullName,
        };
        scene._hubs.Add(await HubProcess.ServeAsync(
            new Dictionary<string, string>(scene._settings.Production(postgres.ConnectionString, new UriBuilder(scene._broker.Uri) { Port = scene.ToBroker.Port }.Uri))
            {
                // A setting about a destination that the other hub's folder lacks: this hub cannot run that configuration, and stays behind.
                ["Hub__ConfigPath"] = scene.Write("all", isWhole: true), [$"Hub__Destinations__{Thrifty}__live"] = "off",
            }));
        return scene;
    }

    /// <summary>Another hub starts beside the first, with wires of its own and a folder that lacks <see cref="Thrifty"/>.</summary>
    public async Task<HubProcess> ServeAnotherAsync()
    {
        _hubs.Add(await HubProcess.ServeAsync(new Dictionary<string, string>(_settings.Production(_database.ConnectionString, _broker.Uri)) { ["Hub__ConfigPath"] = Write("other", isWhole: false) }));
        return _hubs[^1];
    }

    /// <summary>Runs begin that bring forty people to some destinations.</summary>
    public async Task<IReadOnlyList<Guid>> StartRunsAsync(params string[] destinations) => await Job.StartAsync(Hub, await Job.LoadSnapshotAsync(Hub, new World(40).Csv()), destinations: destinations);

    /// <summary>Half of the people are left out of the list, and a run begins that would take them out.</summary>
    public async Task<Guid> StartRemovalAsync() => (await Job.StartAsync(Hub, await Job.LoadSnapshotAsync(Hub, new World(20).Csv()), destinations: Guarded)).Single();

    /// <summary>The credential that <see cref="Locked"/> takes.</summary>
    public Task UnlockAsync() => File.WriteAllTextAsync(PathOf("key"), Key);

    /// <summary><see cref="Poisoned"/> takes everything, and <see cref="Slow"/> is done at once.</summary>
    public async Task HealAsync()
    {
        using var healed = await _sandbox.Http.DeleteAsync($"/{Poisoned}/_sandbox/faults");
        healed.EnsureSuccessStatusCode();
        await SteerAsync(Slow, "knobs", """{"apply_delay_ms":0}""");
    }

    /// <summary>
    /// Waits until a hub works on something for <see cref="Mute"/>, and holds its lease there until the scene is over: it can neither be given back nor does the hub learn of the trouble.
    /// </summary>
    /// <param name="hub">Name of the hub.</param>
    public async Task HoldLeaseAsync(string hub)
    {
        _holding = new NpgsqlConnection($"{_database.ConnectionString};Pooling=false");
        await _holding.OpenAsync();
        await using var begin = new NpgsqlCommand($"BEGIN; INSERT INTO destination_conditions (destination, trouble, code, until, since, failures) VALUES ('{Mute}', 'unavailable', 'held', now(), now(), 1)", _holding);
        await begin.ExecuteNonQueryAsync();
        await using var hold = new NpgsqlCommand($"SELECT 1 FROM leases WHERE destination = '{Mute}' AND owner LIKE '{hub}-%' AND expires_at > clock_timestamp() FOR UPDATE", _holding);
        await Poll.Until(async () => await hold.ExecuteScalarAsync() is not null, "the hub to work on the one that never answers");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var hub in _hubs)
        {
            await hub.DisposeAsync();
        }

        await (_holding?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _sandbox.DisposeAsync();
        await ToVendor.DisposeAsync();
        await ToDatabase.DisposeAsync();
        await ToBroker.DisposeAsync();
        await Receiver.DisposeAsync();
        await _broker.DisposeAsync();
        await _database.DisposeAsync();
        _mute.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task SteerAsync(string vendor, string what, string body)
    {
        using var answer = await _sandbox.Http.PostAsync($"/{vendor}/_sandbox/{what}", new StringContent(body));
        answer.EnsureSuccessStatusCode();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection($"{_database.ConnectionString};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private string Write(string name, bool isWhole)
    {
        AddedDestination[] added =
        [
            new(Locked, "braze", _sandbox.Port) { KeyFile = PathOf("key") },
            new(Distant, "braze", ToVendor.Port),
            new(Mute, "braze", ((IPEndPoint)_mute.LocalEndpoint).Port),
            .. isWhole ? [new(Thrifty, "marketo", _sandbox.Port) { More = "quota: { daily: 2 }\n" }] : Array.Empty<AddedDestination>(),
        ];
        File.WriteAllText(PathOf("slack"), Receiver.Address.ToString());
        SampleFolder.Write(PathOf(name), added, new Dictionary<string, string>
        {
            ["schedules.yaml"] = $"schedules:\n  {Schedule}: {{ sync: customers, destinations: [{Poisoned}], cron: \"0 0 3 1 1 ?\", time_zone: UTC }}\n",
            ["alerts.yaml"] = $"routes:\n  team: {{ kind: slack, url: {{ file: {PathOf("slack")} }} }}\n",
        });
        return PathOf(name);
    }
}
