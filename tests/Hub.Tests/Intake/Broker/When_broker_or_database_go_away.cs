using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using IntegrationHub.Hub.Intake.Broker;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Postgres;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using RabbitMQ.Client;

namespace IntegrationHub.Hub.Tests.Intake.Broker;

/// <summary>A whole hub on a real broker and a real database, either of which goes away in the middle of a batch: nothing is lost, nothing is doubled, nobody waits for ever.</summary>
public sealed class When_broker_or_database_go_away
{
    private const string Held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    private readonly CapturedLog _log = new();
    private PostgresDatabase _postgres = null!;
    private RabbitMqVirtualHost _broker = null!;
    private HubApplication _hub = null!;
    private IConnection _connection = null!;
    private IChannel _channel = null!;
    private NpgsqlDataSource _database = null!;
    private DirectoryInfo _folder = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _postgres = await MigratedDatabase.CreateAsync();
        _broker = await RabbitMqVirtualHost.CreateAsync();
        _database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_postgres.ConnectionString) { Pooling = false }.ConnectionString);
        _folder = Directory.CreateTempSubdirectory("hub-broker-");
        _hub = await StartHubAsync(_broker, _log);
        _connection = await new ConnectionFactory { Uri = _broker.Uri, ClientProvidedName = "test" }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        await _hub.DisposeAsync();
        LogContext.Current = null;
        await _database.DisposeAsync();
        await _broker.DisposeAsync();
        await _postgres.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Should_take_in_once_what_was_under_way_when_the_connection_broke()
    {
        await using (await HoldTheLedgerAsync())
        {
            await PublishAsync("broken", 3_000);
            await Poll.For(() => CountAsync(Held), waiting => waiting >= 2);
            await BreakAsync();
            await Poll.Until(() => !_hub.Web.Services.GetRequiredService<FactBroker>().IsConnected);
        }

        await CountsAsync("SELECT count(*) FROM facts WHERE producer = 'broken'", 3_000);
        await IsEmptyAsync();
        Assert.That(await CountAsync("SELECT count(DISTINCT event_id) FROM facts WHERE producer = 'broken'"), Is.EqualTo(3_000));
    }

    [Test]
    public async Task Should_wait_for_the_database_however_long_it_is_away()
    {
        var before = Waits();
        await using (var administrator = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_postgres.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString))
        {
            await ExecuteAsync(administrator, $"ALTER DATABASE {_postgres.Name} ALLOW_CONNECTIONS false");
            await ExecuteAsync(administrator, $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_postgres.Name}'");
            await PublishAsync("patient", 50);
            await Poll.Until(() => Waits() >= before + 3);
            await ExecuteAsync(administrator, $"ALTER DATABASE {_postgres.Name} ALLOW_CONNECTIONS true");
        }

        await CountsAsync("SELECT count(*) FROM facts WHERE producer = 'patient'", 50);
        Assert.That(await CountAsync("SELECT count(*) FROM quarantined_facts WHERE producer = 'patient'"), Is.Zero, "an outage is no fault of a fact");
        await IsEmptyAsync();
        Assert.That(await _broker.Management.GetStringAsync($"api/queues/{_broker.Name}"), Does.Not.Contain("_error"));
    }

    [Test]
    public async Task Should_wait_for_a_secret_of_tombstones_that_it_lacks()
    {
        var before = Waits();
        await ExecuteAsync(_database, "INSERT INTO tombstone_keys (key_version) VALUES ('of-another-hub')");
        await PublishAsync("lacking", 1); // alone, so that there is nothing to divide before it would be set aside
        await Poll.Until(() => Waits() >= before + 4);
        Assert.That(await CountAsync("SELECT (SELECT count(*) FROM facts WHERE producer = 'lacking') + (SELECT count(*) FROM quarantined_facts WHERE producer = 'lacking')"), Is.Zero, "nobody can tell who was erased");
        await ExecuteAsync(_database, "DELETE FROM tombstone_keys");

        await CountsAsync("SELECT count(*) FROM facts WHERE producer = 'lacking'", 1);
        await IsEmptyAsync();
    }

    [Test]
    public async Task Should_set_aside_alone_what_the_hub_itself_fails_at()
    {
        await using (await HoldTheLedgerAsync())
        {
            await PublishAsync("neighbour", 3);
            await PublishAsync(FaultyLedger.Producer, 1);
            await PublishAsync("neighbour", 3);
        }

        await CountsAsync("SELECT count(*) FROM facts WHERE producer = 'neighbour'", 6);
        await CountsAsync("SELECT count(*) FROM quarantined_facts WHERE code = 'hub_failed'", 1);
        await IsEmptyAsync();
    }

    [Test]
    public async Task Should_say_that_it_is_not_ready_while_the_broker_sends_nothing()
    {
        using var http = new HttpClient { BaseAddress = new Uri(_hub.Web.Urls.First()) };
        await PermitAsync("^$");
        await BreakAsync();
        await Poll.For(async () => await (await http.GetAsync("/healthz/ready")).Content.ReadAsStringAsync(), text => text.Contains("intake-from-broker does not answer", StringComparison.Ordinal));
        await PermitAsync(".*");

        await Poll.For(async () => (await http.GetAsync("/healthz/ready")).StatusCode, status => status == HttpStatusCode.OK);
        await PublishAsync("after", 1);
        await CountsAsync("SELECT count(*) FROM facts WHERE producer = 'after'", 1);
    }

    [Test]
    public async Task Should_end_the_batch_acknowledge_it_and_complain_of_nothing_when_it_is_stopped()
    {
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        var log = new CapturedLog();
        await using var hub = await StartHubAsync(broker, log);
        await using var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        Task stop;
        await using (await HoldTheLedgerAsync())
        {
            await PublishAsync("stopped", 3_000, channel);
            await Poll.For(() => CountAsync(Held), waiting => waiting >= 2);
            log.Complaints.Clear();
            stop = hub.Web.StopAsync();
            await Poll.Until(() => hub.Web.Lifetime.ApplicationStopping.IsCancellationRequested);
        }

        await stop;
        var taken = await CountAsync("SELECT count(*) FROM facts WHERE producer = 'stopped'");
        Assert.That(taken, Is.Positive.And.LessThanOrEqualTo(2 * FactQueue.Others.Batch));
        Assert.That(taken + await channel.MessageCountAsync(FactQueue.Others.Name), Is.EqualTo(3_000), "what was committed is acknowledged, the rest is still there");
        Assert.That(log.Complaints, Is.Empty);
    }

    private async Task<HubApplication> StartHubAsync(RabbitMqVirtualHost broker, CapturedLog log)
    {
        var hub = await HubApplication.BuildAsync(
            [
                "--Hub:Bus=RabbitMq", $"--Hub:RabbitMq={broker.Uri}", "--Hub:Database=Postgres", $"--Hub:ConnectionString={_postgres.ConnectionString}",
                "--Hub:Urls=http://127.0.0.1:0", $"--Hub:DataPath={_folder.FullName}", "--Hub:LogLevel=Critical", "--Hub:Delivery:Quotas=false",
            ],
            builder =>
            {
                builder.Services.AddSingleton<ILoggerProvider>(log);
                var ledger = builder.Services.Last(service => service.ServiceType == typeof(ILedger));
                builder.Services.Remove(ledger);
                builder.Services.Add(new ServiceDescriptor(typeof(ILedger), services => FaultyLedger.Of((ILedger)ActivatorUtilities.CreateInstance(services, ledger.ImplementationType!)), ledger.Lifetime));
            },
            CancellationToken.None);
        await hub.StartAsync(CancellationToken.None);
        return hub;
    }

    /// <summary>Keeps every batch in the middle of its transaction until it is disposed.</summary>
    private async Task<NpgsqlConnection> HoldTheLedgerAsync()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_postgres.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection) { Parameters = { new() { Value = (long)AdvisoryLock.Ledger } } };
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Ends the connection over which facts come, as a network would.</summary>
    private async Task BreakAsync()
    {
        var connections = await Poll.For(
            async () => JsonNode.Parse(await _broker.Management.GetStringAsync($"api/vhosts/{_broker.Name}/connections"))!.AsArray()
                .Where(connection => (string?)connection!["user_provided_name"] == "integrationhub intake").Select(connection => (string)connection!["name"]!).ToList(),
            found => found.Count > 0);
        foreach (var connection in connections)
        {
            await _broker.Management.DeleteAsync($"api/connections/{Uri.EscapeDataString(connection)}");
        }
    }

    private async Task PermitAsync(string configure) => (await _broker.Management.PutAsJsonAsync(
        $"api/permissions/{_broker.Name}/{Uri.UnescapeDataString(_broker.Uri.UserInfo.Split(':')[0])}", new { configure, write = ".*", read = ".*" })).EnsureSuccessStatusCode();

    private async Task PublishAsync(string producer, int facts, IChannel? channel = null)
    {
        var published = new List<Task>();
        for (var i = 0; i < facts; i++)
        {
            var fact = $$$$"""{"event_id":"{{{{Guid.NewGuid()}}}}","event_type":"profile_updated","occurred_at":"2026-11-20T10:00:00Z","producer":"{{{{producer}}}}","subject":{"external_id":"{{{{producer}}}}-{{{{i}}}}"},"payload":{"attributes":{"city":"Bonn"}}}""";
            published.Add((channel ?? _channel).BasicPublishAsync("hub.events", "profile_updated", mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes(fact)).AsTask());
        }

        await Task.WhenAll(published);
    }

    private async Task IsEmptyAsync() => await Poll.For(
        async () => JsonNode.Parse(await _broker.Management.GetStringAsync($"api/queues/{_broker.Name}"))!.AsArray()
            .Where(queue => FactQueue.All.Any(known => known.Name == (string?)queue!["name"]))
            .Sum(queue => (int?)queue!["messages"] ?? 1),
        left => left == 0,
        "nothing is left in the queues");

    private int Waits() => _log.Complaints.Count(line => line.Contains("could not be taken in", StringComparison.Ordinal));

    private Task CountsAsync(string sql, long expected) => Poll.For(() => CountAsync(sql), count => count == expected, sql);

    private async Task<long> CountAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
