using System.Text.Json;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.TestServers;
using Npgsql;

namespace IntegrationHub.Benchmarks.Diagnosis;

/// <summary>
/// One production hub with the usual thresholds, servers of its own that are stopped and killed, and destinations each of which gets into a trouble of its own, so that they last side by side. Leases
/// alone are longer than usual: a usual one has freed itself before its hub counts as dead.
/// </summary>
internal sealed class StuckStage : IAsyncDisposable
{
    /// <summary>Takes other credentials than the hub's.</summary>
    public const string Locked = "locked";

    /// <summary>Nothing goes to it until <see cref="ToDistant"/> is mended.</summary>
    public const string Distant = "distant";

    /// <summary>Takes writes and never answers, where it is told to.</summary>
    public const string Mute = "mute";

    /// <summary>Has a day of two calls.</summary>
    public const string Thrifty = "thrifty";

    /// <summary>Asks everybody to wait.</summary>
    public const string Busy = "busy";

    /// <summary>Shows what was written after a while.</summary>
    public const string Slowly = "slowly";

    /// <summary>Refuses whoever lacks a permission.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>Does as it is told; changes go there as they happen.</summary>
    public const string Plain = "plain";

    /// <summary>May be asked once a day what it holds.</summary>
    public const string Frugal = "frugal";

    /// <summary>How many people are in the audience.</summary>
    public const int People = 60;

    private const string DoorSecret = "of-the-sender-alone";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hub-stuck-");
    private readonly List<HubProcess> _sandboxes = [];
    private Dictionary<string, string> _settings = null!;
    private Receiver _receiver = null!;
    private int _version;

    private StuckStage()
    {
    }

    public PostgresServer Postgres { get; private set; } = null!;

    public RabbitMqServer RabbitMq { get; private set; } = null!;

    /// <summary>The hub that is asked.</summary>
    public HubProcess Hub { get; private set; } = null!;

    public Wire ToDistant { get; private set; } = null!;

    /// <summary>The way to whoever is told of alerts.</summary>
    public Wire ToReceiver { get; private set; } = null!;

    public Sightings Sightings { get; } = new();

    /// <summary>The run that waits for the next day; null before it was begun.</summary>
    public string? OfThrifty { get; set; }

    public static async Task<StuckStage> OpenAsync()
    {
        var stage = new StuckStage();
        await stage.StartAsync();
        return stage;
    }

    public async ValueTask DisposeAsync()
    {
        await (Hub?.DisposeAsync() ?? ValueTask.CompletedTask);
        foreach (var sandbox in _sandboxes)
        {
            await sandbox.DisposeAsync();
        }

        await (ToDistant?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (ToReceiver?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_receiver?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (RabbitMq?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (Postgres?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Delete(recursive: true);
    }

    /// <summary>Another hub, which runs what was applied; its own folder lacks <see cref="Thrifty"/>, and waits for somebody who applies it.</summary>
    public Task<HubProcess> ServeAnotherAsync() => HubProcess.ServeAsync(new Dictionary<string, string>(_settings.Where(setting => setting.Key != NeedsThrifty)) { ["Hub__ConfigPath"] = Write("other", isWhole: false), ["Hub__Config__Apply"] = "Manual" });

    /// <summary>The folder of <see cref="ServeAnotherAsync"/>.</summary>
    public string OtherFolder => PathOf("other");

    /// <summary>Puts the credential there that <see cref="Locked"/> takes.</summary>
    public Task UnlockAsync() => File.WriteAllTextAsync(PathOf("key"), "sandbox-braze-api-key");

    /// <summary>Takes away how little <see cref="Frugal"/> may be asked, and starts the hub again.</summary>
    public async Task SpendMoreAsync()
    {
        var file = Path.Combine(PathOf("all"), "destinations", $"{Frugal}.yaml");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace(TheLeast, "reconcile: { read_back_share: 0.01 }\n", StringComparison.Ordinal));
        await Hub.StopAsync();
        await Hub.StartAsync();
    }

    /// <summary>People come in as a list, each with other values than in the list before.</summary>
    public Task<Guid> LoadAsync(int people) => SyncRuns.LoadAsync(Hub, "full", 0, people, _version++);

    /// <summary>Runs begin, one per destination.</summary>
    public async Task<IReadOnlyList<Guid>> StartRunsAsync(int people, params string[] destinations) => await SyncRuns.StartAsync(Hub, await LoadAsync(people), "full", destinations);

    /// <summary>A command that has to be taken.</summary>
    public async Task<JsonElement> PostAsync(string path, object? body)
    {
        var (status, answer) = await Hub.PostAsync(path, body);
        return (int)status is >= 200 and < 300 ? answer : throw new InvalidOperationException($"{path}: {(int)status} {answer}");
    }

    /// <summary>A call of another system that the hub keeps.</summary>
    public async Task CallDoorAsync(string id)
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, "/v1/webhooks/door")
        {
            Content = new StringContent($$$"""{"type":"customer.updated","id":"{{{id}}}","timestamp":"2026-11-01T09:30:00Z","data":{"customer_no":"c1","name":"Dana"}}""", System.Text.Encoding.UTF8, "application/json"),
        };
        call.Headers.Authorization = new("Bearer", DoorSecret);
        using var answer = await Hub.Http.SendAsync(call);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Tells a sandbox what to do.</summary>
    /// <param name="at">A destination there.</param>
    /// <param name="what"><c>faults</c> or <c>knobs</c>.</param>
    /// <param name="body">As the sandbox's README tells.</param>
    public async Task SteerAsync(string at, string what, string body)
    {
        var (sandbox, vendor) = PlaceOf(at);
        using var answer = await sandbox.Http.PostAsync($"/{vendor}/_sandbox/{what}", new StringContent(body));
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Ends all faults of a destination's vendor.</summary>
    public async Task HealAsync(string at)
    {
        var (sandbox, vendor) = PlaceOf(at);
        using var answer = await sandbox.Http.DeleteAsync($"/{vendor}/_sandbox/faults");
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Somebody else's program at HubSpot's API of a destination.</summary>
    public HttpClient VendorOf(string at)
    {
        var vendor = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{PlaceOf(at).Sandbox.Port}/hubspot/") };
        vendor.DefaultRequestHeaders.Authorization = new("Bearer", "sandbox-hubspot-access-token");
        return vendor;
    }

    /// <summary>A statement at the database, of the first column of its first row when it has one.</summary>
    public async Task<object?> ExecuteAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>A table that somebody else's transaction holds: it can be read, and nothing in it changed, until the connection is closed.</summary>
    public async Task<NpgsqlConnection> HoldTableAsync(string table)
    {
        var connection = await ConnectAsync();
        await using var hold = new NpgsqlCommand($"BEGIN; LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE", connection);
        await hold.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>True when a run is over, however it ended.</summary>
    public async Task<bool> IsOverAsync(Guid run)
    {
        using var answer = await Hub.Http.GetAsync($"/v1/runs/{run}");
        return answer.IsSuccessStatusCode && JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("finished_at").ValueKind != JsonValueKind.Null;
    }

    private const string TheLeast = "reconcile: { read_back_share: 0.000001 }\n";

    /// <summary>A setting of a destination that only the whole folder has: who is started with it cannot run another one.</summary>
    private const string NeedsThrifty = $"Hub__Destinations__{Thrifty}__live";

    private async Task StartAsync()
    {
        (Postgres, RabbitMq, _receiver) = (await PostgresServer.StartAsync(), await RabbitMqServer.StartAsync(), await Receiver.StartAsync());
        for (var i = 0; i < 4; i++)
        {
            _sandboxes.Add(await HubProcess.SandboxAsync());
        }

        (ToDistant, ToReceiver) = (Wire.To(_sandboxes[0].Port), Wire.To(_receiver.Address.Port));
        ToDistant.Cut();
        await File.WriteAllTextAsync(PathOf("key"), "nobody's");
        await File.WriteAllTextAsync(PathOf("slack"), $"http://127.0.0.1:{ToReceiver.Port}/in");
        _settings = new Dictionary<string, string>(SyncRuns.Vendors(_sandboxes[0]))
        {
            ["Hub__Bus"] = "RabbitMq", ["Hub__Database"] = "Postgres", ["Hub__LogLevel"] = "Error", ["DOOR_SECRET"] = DoorSecret, ["Hub__DataPath"] = _folder.FullName,
            ["Hub__ConnectionString"] = Postgres.ConnectionString.Replace("Pooling=false", "Pooling=true", StringComparison.Ordinal), ["Hub__RabbitMq"] = RabbitMq.Uri.ToString(),
            ["Hub__Destinations__marketo__Settings__import_from"] = "10", ["Hub__Delivery__LeaseLength"] = "00:02:00", ["Hub__ConfigPath"] = Write("all", isWhole: true), [NeedsThrifty] = "off",
        };
        Hub = await HubProcess.ServeAsync(_settings);
    }

    private (HubProcess Sandbox, string Vendor) PlaceOf(string destination) => destination switch
    {
        Busy => (_sandboxes[1], "braze"),
        Plain => (_sandboxes[1], "hubspot"),
        Slowly => (_sandboxes[2], "braze"),
        Frugal => (_sandboxes[2], "hubspot"),
        Mute => (_sandboxes[3], "braze"),
        Forbidden => (_sandboxes[3], "hubspot"),
        Thrifty => (_sandboxes[0], "marketo"),
        Locked or Distant => (_sandboxes[0], "braze"),
        _ => (_sandboxes[0], destination),
    };

    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(Postgres.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private AddedDestination At(string name, string more = "") => PlaceOf(name) is var (sandbox, vendor) ? new AddedDestination(name, vendor, sandbox.Port) { More = more } : throw new ArgumentException(name);

    private string Write(string name, bool isWhole)
    {
        var samples = Path.Combine(AppContext.BaseDirectory, "Samples", "config");
        var folder = PathOf(name);
        foreach (var part in new[] { "audiences", "sources" })
        {
            Directory.CreateDirectory(Path.Combine(folder, part));
        }

        SampleFolder.Write(
            folder,
            [
                At(Locked) with { KeyFile = PathOf("key") }, At(Distant) with { Port = ToDistant.Port }, At(Mute), At(Busy), At(Slowly), At(Forbidden), At(Plain, "live: on\n"), At(Frugal, TheLeast),
                .. isWhole ? [At(Thrifty, "quota: { daily: 2 }\n")] : Array.Empty<AddedDestination>(),
            ],
            new Dictionary<string, string>
            {
                ["schedules.yaml"] = "schedules:\n  yearly: { sync: customers, destinations: [hubspot], cron: \"0 0 3 1 1 ?\", time_zone: UTC }\n",
                ["alerts.yaml"] = $"routes:\n  team: {{ kind: slack, url: {{ file: {PathOf("slack")} }} }}\n",
                ["canaries.yaml"] =
                    $$"""
                    canaries:
                      anna: { external_id: canary-anna, email: anna@birds-of-ours.com, audience: birds, stamp: last_name, attributes: { first_name: Anna }, consents: { email_marketing: granted }, destinations: [{{Plain}}], every_minutes: 10080, shown_within_minutes: 1 }
                      ben: { external_id: canary-ben, email: ben@birds-of-ours.com, audience: birds, stamp: last_name, consents: { email_marketing: denied }, destinations: [{{Plain}}], every_minutes: 10080, shown_within_minutes: 1 }

                    """,
                ["consent.yaml"] = File.ReadAllText(Path.Combine(samples, "consent.yaml")).Replace("  \"*\": { may: [deny] }", "  hub.canary: { may: [grant, deny], producers: [hub.canary] }\n  \"*\": { may: [deny] }", StringComparison.Ordinal),
                [Path.Combine("audiences", "birds.yaml")] = File.ReadAllText(Path.Combine(samples, "audiences", "customers.yaml"))
                    .Replace("display_name: Customers", "display_name: Birds", StringComparison.Ordinal).Replace("[braze, hubspot, marketo]", $"[{Plain}]", StringComparison.Ordinal),
                [Path.Combine("sources", "door.yaml")] =
                    """
                    dialect: json
                    signature: { scheme: bearer, secret: { env: DOOR_SECRET } }
                    facts:
                      - when: { /type: customer.updated }
                        event_type: profile_updated
                        event_id: /id
                        occurred_at: /timestamp
                        subject: { external_id: /data/customer_no }
                        attributes: { first_name: /data/name }

                    """,
            });
        return folder;
    }
}
