using IntegrationHub.TestServers;
using Npgsql;

namespace EndToEnd.Tests;

/// <summary>
/// A hub is killed (SIGKILL) right before and right after a call that must not be repeated. The database holds the hub up at the statement
/// in question, so the kill never comes too early or too late.
/// </summary>
[TestFixture]
[Category("Slow")]
[Parallelizable(ParallelScope.Self)]
public sealed class When_a_hub_is_killed_around_a_call
{
    private const string AMarkIsHeldUp = "sending_since = $6";
    private const string ASettlementIsHeldUp = "DELETE FROM deliveries";
    private const int HeldByTheTest = 7_204_611;
    private readonly World _world = new(40);
    private PostgresDatabase _database = null!;
    private RabbitMqVirtualHost _broker = null!;
    private HubProcess _sandbox = null!;
    private HubProcess _hub = null!;
    private NpgsqlDataSource _sql = null!;
    private Dictionary<string, HashSet<Guid>> _stated = null!;

    [SetUp]
    public async Task Owe_an_event_of_everybody()
    {
        (_database, _broker, _sandbox) = (await MigratedDatabase.CreateAsync(), await RabbitMqVirtualHost.CreateAsync(), await HubProcess.SandboxAsync());
        _sql = NpgsqlDataSource.Create($"{_database.ConnectionString};Pooling=false");
        var settings = Settings.AtSandbox(_sandbox).Production(_database.ConnectionString, _broker.Uri);
        settings["Hub__Delivery__Partitions"] = "1";
        _hub = await HubProcess.ServeAsync(settings);
        await Job.FinishAsync(_hub, await Job.StartAsync(_hub, await Job.LoadSnapshotAsync(_hub, _world.Csv())));
        await _hub.KillAsync();
        var views = Enumerable.Range(0, _world.Size).Select(person => Happenings.View(World.ExternalId(person), DateTimeOffset.UtcNow)).ToList();
        await StoredFacts.AppendAsync(settings, [.. views.Select(Happenings.Stored)]);
        _stated = World.Destinations.ToDictionary(vendor => vendor, vendor =>
        {
            var people = _world.ExpectedAt(vendor, withDenied: true);
            return views.Where(view => people.Contains(view.Subject.ExternalId!)).Select(view => view.EventId).ToHashSet();
        });
    }

    [TearDown]
    public async Task Stop()
    {
        await _hub.DisposeAsync();
        await _sandbox.DisposeAsync();
        await _sql.DisposeAsync();
        await _broker.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Test]
    public async Task Should_send_everything_once_when_killed_before_it_is_written_down()
    {
        await using (await HoldDeliveriesAsync())
        {
            await _hub.StartAsync();
            await UntilHeldUpAsync(AMarkIsHeldUp, times: 2);
            await _hub.KillAsync();
        }

        Assert.That((await KeptAsync("braze"), await KeptAsync("marketo")), Is.EqualTo((0, 0)));
        await _hub.StartAsync();
        foreach (var vendor in World.Destinations)
        {
            Assert.That(await EndAsync(vendor), Is.Empty, vendor);
        }
    }

    [Test]
    public async Task Should_send_nothing_again_that_would_double_when_killed_before_the_vendors_answer_is_written_down()
    {
        await using (await HoldSettlementsAsync())
        {
            await _hub.StartAsync();
            await UntilHeldUpAsync(ASettlementIsHeldUp, times: 3);
            await _hub.KillAsync();
        }

        foreach (var vendor in World.Destinations)
        {
            await Poll.Until(async () => await KeptAsync(vendor) == _stated[vendor].Count, $"{vendor} to show what it took");
        }

        await _hub.StartAsync();
        foreach (var vendor in World.Destinations)
        {
            Assert.That((await EndAsync(vendor)).Keys, Is.EquivalentTo(vendor == "hubspot" ? [] : _stated[vendor]), $"{vendor}: what is in doubt");
        }
    }

    private async Task<int> KeptAsync(string vendor) => (await Happenings.AtAsync(_sandbox.Http, vendor)).Values.Sum();

    /// <summary>Waits for the end and returns the dead letters: each event must be at the vendor once.</summary>
    private async Task<Dictionary<Guid, string>> EndAsync(string vendor)
    {
        await Poll.Until(async () => await Happenings.PendingAsync(_hub) == 0, "nothing to be owed any more");
        await Happenings.SettleAsync(_sandbox.Http, vendor);
        var (kept, letters) = (await Happenings.AtAsync(_sandbox.Http, vendor), await Happenings.LettersAsync(_hub, vendor));
        Happenings.ShouldBeAccountedFor(vendor, _stated[vendor], kept, letters);
        Assert.That(kept.Keys, Is.EquivalentTo(_stated[vendor]), vendor);
        return letters;
    }

    /// <summary>Nothing is written to the queue until the connection is closed.</summary>
    private async Task<NpgsqlConnection> HoldDeliveriesAsync()
    {
        var connection = await _sql.OpenConnectionAsync();
        await using var hold = new NpgsqlCommand("BEGIN; LOCK TABLE deliveries IN SHARE MODE", connection);
        await hold.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Work may be marked as under way, but nothing of it is taken from the queue until the connection is closed.</summary>
    private async Task<NpgsqlConnection> HoldSettlementsAsync()
    {
        var connection = await _sql.OpenConnectionAsync();
        await using var hold = new NpgsqlCommand(
            $"""
            CREATE FUNCTION wait_for_the_test() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock_shared({HeldByTheTest}); RETURN NULL; END';
            CREATE TRIGGER wait_for_the_test BEFORE DELETE ON deliveries FOR EACH STATEMENT EXECUTE FUNCTION wait_for_the_test();
            SELECT pg_advisory_lock({HeldByTheTest})
            """,
            connection);
        await hold.ExecuteNonQueryAsync();
        return connection;
    }

    private Task UntilHeldUpAsync(string statement, int times) => UntilAsync(
        "(SELECT count(DISTINCT a.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE NOT l.granted AND a.datname = current_database() "
        + $"AND (l.relation = 'deliveries'::regclass OR l.locktype = 'advisory' AND l.objid = {HeldByTheTest}) AND position('{statement}' IN a.query) > 0) = {times}");

    private Task UntilAsync(string question) => Poll.Until(async () =>
    {
        await using var command = _sql.CreateCommand($"SELECT {question}");
        return await command.ExecuteScalarAsync() is true;
    }, question);
}
