using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.TestServers;
using Npgsql;

namespace EndToEnd.Tests;

/// <summary>A production hub gets SIGTERM in the middle of its work: it ends what is on its way, gives back what it holds, and complains of nothing.</summary>
[TestFixture]
[Parallelizable(ParallelScope.Self)]
public sealed class When_a_hub_is_stopped
{
    private const string Slow = """{"kind":"slow","delay_ms":300}""";
    private readonly World _world = new(1_500);
    private PostgresDatabase _database = null!;
    private RabbitMqVirtualHost _broker = null!;
    private HubProcess _sandbox = null!;
    private HubProcess _hub = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _database = await MigratedDatabase.CreateAsync();
        _broker = await RabbitMqVirtualHost.CreateAsync();
        _sandbox = await HubProcess.SandboxAsync();
        _hub = await HubProcess.ServeAsync(new Dictionary<string, string>(Settings.AtSandbox(_sandbox).Production(_database.ConnectionString, _broker.Uri))
        {
            ["Hub__Delivery__Quotas"] = "true",
            ["Hub__Delivery__Bulk"] = "false",
            ["Hub__Delivery__ClaimSize"] = "100",
            ["Hub__ProgressTimeout"] = "00:10:00", // the vendors are slow on purpose, and a run that stands still would be told of
            ["Hub__Delivery__LeaseLength"] = "00:02:00", // whoever takes up the work does not wait for that
        });
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _hub.DisposeAsync();
        await _sandbox.DisposeAsync();
        await _broker.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Test]
    public async Task Should_drain_give_back_what_it_holds_and_complain_of_nothing()
    {
        foreach (var vendor in World.Destinations)
        {
            using var body = new StringContent(Slow, Encoding.UTF8, "application/json");
            (await _sandbox.Http.PostAsync($"/{vendor}/_sandbox/faults", body)).EnsureSuccessStatusCode();
        }

        var runs = await Job.StartAsync(_hub, await Job.LoadSnapshotAsync(_hub, _world.Csv()));
        await Poll.Until(async () => await CountAsync("SELECT count(DISTINCT destination) FROM outcomes WHERE outcome = 'delivered'") == World.Destinations.Length, "every destination to be delivered to");
        Assert.That(await CountAsync("SELECT count(*) FROM leases WHERE owner <> '' AND lane = 'bulk'"), Is.Positive, "the stop comes in the middle of work");

        var written = _hub.Log.Count;
        Assert.That(await _hub.StopAsync(), Is.Zero);

        Assert.That(await CountAsync("SELECT count(*) FROM deliveries"), Is.Positive, "there was more to do");
        Assert.That(_hub.Log.Skip(written).Where(line => line.Contains(" WRN ", StringComparison.Ordinal) || line.Contains(" ERR ", StringComparison.Ordinal) || line.Contains(" FTL ", StringComparison.Ordinal)), Is.Empty, string.Join('\n', _hub.Log.Skip(written)));
        Assert.That(await CountAsync("SELECT count(*) FROM leases WHERE owner <> '' OR expires_at > clock_timestamp()"), Is.Zero, "leases");
        Assert.That(await CountAsync("SELECT count(*) FROM deliveries WHERE attempt > 0 OR sending_since IS NOT NULL"), Is.Zero, "no attempt is spent, and no call is in doubt");
        foreach (var books in await BooksAsync())
        {
            Assert.That(books.Pools.Values.SelectMany(pool => pool.Holdings).Sum(holding => holding.Tokens), Is.Zero, "tokens");
            Assert.That(books.Budgets.Values.SelectMany(budget => budget.Instances.Values).Sum(instance => instance.Left), Is.Zero, "slices of a day");
        }

        using var queues = JsonDocument.Parse(await _broker.Management.GetStringAsync($"api/queues/{_broker.Name}"));
        Assert.That(queues.RootElement.EnumerateArray().Select(queue => queue.GetProperty("name").GetString()), Has.None.EndsWith("_error").And.None.EndsWith("_skipped"));

        await _hub.StartAsync();
        foreach (var run in await Job.FinishAsync(_hub, runs))
        {
            Job.ShouldBalance(run);
            Job.ShouldBeVerified(run);
        }

        foreach (var destination in World.Destinations)
        {
            await VendorState.ShouldHoldAsync(_sandbox.Http, destination, _world.ExpectedAt(destination, withDenied: true));
        }
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_database.ConnectionString);
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<IReadOnlyList<SharedQuota>> BooksAsync()
    {
        await using var source = NpgsqlDataSource.Create(_database.ConnectionString);
        await using var command = source.CreateCommand("SELECT state FROM destination_quotas");
        await using var reader = await command.ExecuteReaderAsync();
        var books = new List<SharedQuota>();
        while (await reader.ReadAsync())
        {
            books.Add(SharedQuota.Parse(reader.GetString(0)));
        }

        Assert.That(books, Has.Count.EqualTo(World.Destinations.Length));
        return books;
    }
}
