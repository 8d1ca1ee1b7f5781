using System.Text;
using IntegrationHub.TestServers;

namespace EndToEnd.Tests;

/// <summary>A hub is killed (SIGKILL) while events are on their way: none is applied twice, and those in doubt are dead letters.</summary>
[TestFixture(true)]
[TestFixture(false)]
[Category("Slow")]
[Parallelizable(ParallelScope.Self)]
public sealed class When_a_hub_is_killed_while_it_tells_of_events(bool production)
{
    private const string Slow = """{"kind":"slow","delay_ms":100}""";
    private static readonly (string Vendor, string Endpoint)[] Kills = [("marketo", "rest/v1/activities/external.json"), ("braze", "users/track")];
    private readonly World _world = new(600);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hub-e2e-");
    private PostgresDatabase? _database;
    private RabbitMqVirtualHost? _broker;
    private HubProcess _sandbox = null!;
    private HubProcess _hub = null!;
    private Dictionary<string, string> _settings = null!;

    [OneTimeSetUp]
    public async Task Make_everybody_known()
    {
        _sandbox = await HubProcess.SandboxAsync();
        _settings = Settings.AtSandbox(_sandbox);
        if (production)
        {
            _database = await MigratedDatabase.CreateAsync();
            _broker = await RabbitMqVirtualHost.CreateAsync();
            _settings = _settings.Production(_database.ConnectionString, _broker.Uri);
        }
        else
        {
            _settings = _settings.Embedded(_folder.FullName);
        }

        _hub = await HubProcess.ServeAsync(_settings);
        await Job.FinishAsync(_hub, await Job.StartAsync(_hub, await Job.LoadSnapshotAsync(_hub, _world.Csv())));
        foreach (var vendor in World.Destinations)
        {
            await ArmAsync(vendor, Slow);
        }
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _hub.DisposeAsync();
        await _sandbox.DisposeAsync();
        await (_broker?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_database?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Should_apply_none_twice_and_account_for_each()
    {
        var random = new Random(20_261_125);
        var stated = World.Destinations.ToDictionary(vendor => vendor, _ => new HashSet<Guid>());
        foreach (var (vendor, endpoint) in Kills)
        {
            await _hub.KillAsync();
            await StateAsync(stated, DateTimeOffset.UtcNow);
            await ArmAsync(vendor, $$"""{"kind":"lost_response","endpoint":"{{endpoint}}","delay_ms":600000,"calls":1}""");
            var instant = (await Happenings.AtAsync(_sandbox.Http, vendor)).Count + random.Next(1, _world.Size / 2);
            await _hub.StartAsync();
            await Poll.Until(async () => (await Happenings.AtAsync(_sandbox.Http, vendor)).Count >= instant, $"the instant of the kill: {vendor} to keep {instant} and owe an answer");
            await _hub.KillAsync();
            await _hub.StartAsync();
            await Poll.Until(async () => await Happenings.PendingAsync(_hub) == 0, "nothing to be owed any more");
        }

        foreach (var vendor in World.Destinations)
        {
            var letters = await Happenings.LettersAsync(_hub, vendor);
            await Happenings.SettleAsync(_sandbox.Http, vendor);
            Happenings.ShouldBeAccountedFor(vendor, stated[vendor], await Happenings.AtAsync(_sandbox.Http, vendor), letters);
            Assert.That(letters.Values, Is.All.EqualTo("ambiguous"), "nothing else goes wrong here");
            Assert.That(vendor == "hubspot" ? letters.Count : 0, Is.Zero, "HubSpot recognises a repeat, so nothing is in doubt there");
            Assert.That(vendor == "hubspot" || letters.Count > 0, "the kill must hit events that are on their way");
        }
    }

    private async Task ArmAsync(string vendor, string fault)
    {
        using var body = new StringContent(fault, Encoding.UTF8, "application/json");
        (await _sandbox.Http.PostAsync($"/{vendor}/_sandbox/faults", body)).EnsureSuccessStatusCode();
    }

    /// <summary>Everybody whom the vendors know does something while no hub runs.</summary>
    private async Task StateAsync(Dictionary<string, HashSet<Guid>> stated, DateTimeOffset at)
    {
        var views = Enumerable.Range(0, _world.Size).Select(person => Happenings.View(World.ExternalId(person), at)).ToList();
        await StoredFacts.AppendAsync(_settings, [.. views.Select(Happenings.Stored)]);
        foreach (var vendor in World.Destinations)
        {
            var people = _world.ExpectedAt(vendor, withDenied: true);
            stated[vendor].UnionWith(views.Where(view => people.Contains(view.Subject.ExternalId!)).Select(view => view.EventId));
        }
    }
}
