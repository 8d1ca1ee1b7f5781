using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.TestServers;
using Npgsql;

namespace EndToEnd.Tests;

/// <summary>A production hub and a Marketo sandbox as processes of their own, with a database in which the test can hold up the hub's statements.</summary>
internal sealed class BulkScene : IAsyncDisposable
{
    private const int People = 3_600;
    private const string ImportPath = "bulk/v1/leads.json";
    private readonly PostgresDatabase _database;
    private readonly RabbitMqVirtualHost _broker;
    private readonly HubProcess _sandbox;
    private readonly Dictionary<string, string> _settings;
    private readonly NpgsqlDataSource _sql;
    private HubProcess _hub;

    private BulkScene(PostgresDatabase database, RabbitMqVirtualHost broker, HubProcess sandbox, Dictionary<string, string> settings, HubProcess hub)
    {
        (_database, _broker, _sandbox, _settings, _hub) = (database, broker, sandbox, settings, hub);
        _sql = NpgsqlDataSource.Create($"{database.ConnectionString};Pooling=false");
    }

    private World World { get; } = new(People);

    private IReadOnlyList<Guid> Runs { get; set; } = [];

    public static async Task<BulkScene> OpenAsync()
    {
        var database = await MigratedDatabase.CreateAsync();
        var broker = await RabbitMqVirtualHost.CreateAsync();
        var sandbox = await HubProcess.SandboxAsync();
        var settings = Settings.AtSandbox(sandbox).Production(database.ConnectionString, broker.Uri);
        settings["Hub__Delivery__Bulk"] = "true";
        settings["Hub__Delivery__Partitions"] = "1";
        settings["Hub__Destinations__marketo__Settings__import_from"] = "3000";
        return new BulkScene(database, broker, sandbox, settings, await HubProcess.ServeAsync(settings));
    }

    public async Task StartRunAsync() => Runs = await Job.StartAsync(_hub, await Job.LoadSnapshotAsync(_hub, World.Csv()), destinations: "marketo");

    /// <summary>From now on an import takes this long at the vendor.</summary>
    public async Task SlowImportsAsync(int milliseconds) =>
        (await _sandbox.Http.PostAsJsonAsync("/marketo/_sandbox/knobs", new { apply_delay_ms = milliseconds })).EnsureSuccessStatusCode();

    public Task KillAsync() => _hub.KillAsync();

    public Task RestartAsync() => _hub.StartAsync();

    /// <summary>Another instance starts; the dead one stays dead.</summary>
    public async Task HandOverAsync()
    {
        var dead = _hub;
        _hub = await HubProcess.ServeAsync(_settings);
        await dead.DisposeAsync();
    }

    /// <summary>Waits until a statement's answer is true.</summary>
    public Task UntilAsync(string question) => Poll.Until(async () => await AskAsync($"SELECT {question}") is true, question);

    /// <summary>Holds the table of vendor jobs so that statements against the mode wait for the transaction's end.</summary>
    public async Task<NpgsqlConnection> HoldJobsAsync(string mode)
    {
        var connection = await _sql.OpenConnectionAsync();
        await using var hold = new NpgsqlCommand($"BEGIN; LOCK TABLE bulk_jobs IN {mode} MODE", connection);
        await hold.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Waits until a statement of the hub with this beginning waits for the table.</summary>
    public Task UntilHeldUpAsync(string beginning) => UntilAsync(
        "EXISTS (SELECT 1 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
        + $"WHERE NOT l.granted AND l.relation = 'bulk_jobs'::regclass AND ltrim(a.query, E' \\r\\n') LIKE '{beginning}%')");

    public async Task<long> ImportsAsync() => Endpoint(await StatsAsync(), ImportPath).Calls;

    public async Task<bool> IsImportingAsync() => !(await StatsAsync()).GetProperty("settled").GetBoolean();

    public async Task<long> CountAsync(string table) => (long)(await AskAsync($"SELECT count(*) FROM {table}"))!;

    /// <summary>Waits for the end of the run: everybody is there once, everything is accounted for, and so many imports brought them.</summary>
    public async Task ShouldEndWellAsync(int imports, bool sentAgain = false)
    {
        var run = (await Job.FinishAsync(_hub, Runs)).Single();
        Job.ShouldBalance(run);
        Job.ShouldBeVerified(run);
        var expected = World.ExpectedAt("marketo", withDenied: true);
        var members = await VendorState.MembersAsync(_sandbox.Http, "marketo");
        var everybody = await VendorState.EverybodyAsync(_sandbox.Http, "marketo");
        var stats = await StatsAsync();
        Assert.Multiple(() =>
        {
            Assert.That(members, Is.EquivalentTo(expected));
            Assert.That(everybody, Is.EquivalentTo(expected), "nobody else was told of");
            Assert.That(stats.GetProperty("duplicates").GetInt64(), Is.Zero);
            Assert.That(Job.Count(run, "delivered"), Is.EqualTo(expected.Count), run.ToString());
            Assert.That(Endpoint(stats, ImportPath).Calls, Is.EqualTo(imports), "imports sent");
            Assert.That(Endpoint(stats, ImportPath).Records, Is.EqualTo(imports * expected.Count), "rows sent");
            var readBack = run.GetProperty("verification").GetProperty("fields_read").GetInt64(); // by the same path
            Assert.That(Endpoint(stats, "rest/v1/leads.json").Records, Is.EqualTo((sentAgain ? expected.Count : 0) + readBack), "sent by the call for single records");
        });
        Assert.That((await CountAsync("bulk_jobs"), await CountAsync("bulk_job_rows")), Is.EqualTo((0L, 0L)), "no job is left behind");
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _sandbox.DisposeAsync();
        await _sql.DisposeAsync();
        await _broker.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static (long Calls, long Records) Endpoint(JsonElement stats, string path)
    {
        var seen = stats.GetProperty("endpoints").EnumerateObject().Where(endpoint => endpoint.Name.EndsWith(path, StringComparison.Ordinal)).ToList();
        return (seen.Sum(endpoint => endpoint.Value.GetProperty("calls").GetInt64()), seen.Sum(endpoint => endpoint.Value.GetProperty("records").GetInt64()));
    }

    private Task<JsonElement> StatsAsync() => _sandbox.GetAsync("/marketo/_sandbox/stats");

    private async Task<object?> AskAsync(string sql)
    {
        await using var command = _sql.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
