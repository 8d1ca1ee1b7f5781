using System.Globalization;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Quotas;
using IntegrationHub.Storage.Runs;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace EndToEnd.Tests;

/// <summary>
/// Two containers whose hubs are process 1 each, on addresses that derive alike: here two whole hubs in one process, so that nothing of the machine
/// tells them apart. They share a database, a broker and vendors who count.
/// </summary>
[TestFixture]
[Category("Slow")]
public sealed class When_two_hubs_share_process_id_and_address
{
    /// <summary>So little that the calls of the job, made at once, would be refused.</summary>
    private const double Scale = 0.2;

    private static readonly string[] _vendors = ["braze", "hubspot"];
    private readonly World _world = new(120);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hub-e2e-");
    private PostgresDatabase _database = null!;
    private RabbitMqVirtualHost _broker = null!;
    private SandboxServer _sandbox = null!;
    private HubApplication[] _hubs = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _database = await MigratedDatabase.CreateAsync();
        _broker = await RabbitMqVirtualHost.CreateAsync();
        _sandbox = await SandboxServer.StartAsync(new SandboxOptions { QuotaScale = Scale }, CancellationToken.None);
        _hubs = [await StartHubAsync(), await StartHubAsync()];
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        foreach (var hub in _hubs)
        {
            await hub.DisposeAsync();
        }

        LogContext.Current = null;
        await _sandbox.DisposeAsync();
        await _broker.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Should_send_each_record_and_event_once_and_keep_to_the_quotas_together()
    {
        using var vendors = new HttpClient { BaseAddress = new Uri(_sandbox.BaseUrl("braze").GetLeftPart(UriPartial.Authority)) };
        var at = DateTimeOffset.UtcNow;
        foreach (var run in await SyncAsync())
        {
            Assert.That((run.Counts.Balances, run.Counts.Pending, run.Verification.Missing, run.Verification.Unexpected), Is.EqualTo((true, 0L, (long?)0, (long?)0)), run.ToString());
        }

        var views = Enumerable.Range(0, 2).SelectMany(turn => Enumerable.Range(0, _world.Size).Select(person => Happenings.View(World.ExternalId(person), at.AddSeconds(turn)))).ToList();
        await _hubs[1].Web.Services.GetRequiredService<IBus>().PublishBatch(views);

        foreach (var vendor in _vendors)
        {
            var people = _world.ExpectedAt(vendor, withDenied: true);
            var stated = views.Where(view => people.Contains(view.Subject.ExternalId!)).Select(view => view.EventId).ToHashSet();
            await Poll.Until(async () => (await Happenings.AtAsync(vendors, vendor)).Count >= stated.Count, $"{vendor} to keep the events");
            await Happenings.SettleAsync(vendors, vendor);
            Happenings.ShouldBeAccountedFor(vendor, stated, await Happenings.AtAsync(vendors, vendor), []);
            Assert.That((await BooksAsync(vendor)).Members.Keys, Is.EquivalentTo(_hubs.Select(NameOf)), $"both called {vendor}, under names of their own");
        }

        Assert.That(_sandbox.Rooms.Values.Sum(room => room.Stats.Throttled), Is.Zero, "no call is refused");
    }

    private static string NameOf(HubApplication hub) => hub.Web.Services.GetRequiredService<HubInstance>().Name;

    private async Task<HubApplication> StartHubAsync()
    {
        var settings = new List<string>
        {
            "--Hub:Bus=RabbitMq", $"--Hub:RabbitMq={_broker.Uri}", "--Hub:Database=Postgres", $"--Hub:ConnectionString={_database.ConnectionString}", "--Hub:Urls=http://127.0.0.1:0",
            $"--Hub:DataPath={_folder.FullName}", "--Hub:LogLevel=Error", string.Create(CultureInfo.InvariantCulture, $"--Hub:Delivery:QuotaScale={Scale}"), "--Hub:Delivery:ClaimSize=5",
        };
        foreach (var vendor in _vendors)
        {
            settings.Add($"--Hub:Destinations:{vendor}:BaseUrl={_sandbox.BaseUrl(vendor)}");
            foreach (var (name, value) in _sandbox[vendor].Vendor.Credentials)
            {
                var file = Path.Combine(_folder.FullName, $"{vendor}-{name}");
                await File.WriteAllTextAsync(file, value);
                settings.Add($"--Hub:Destinations:{vendor}:Credentials:{name}:File={file}");
            }
        }

        var hub = await HubApplication.BuildAsync([.. settings], null, CancellationToken.None);
        await hub.StartAsync(CancellationToken.None);
        return hub;
    }

    private async Task<IReadOnlyList<RunView>> SyncAsync()
    {
        var services = _hubs[0].Web.Services;
        using var csv = _world.Csv();
        var audience = services.GetRequiredService<IntegrationHub.Hub.Configuration.HubConfiguration>().Audiences["customers"];
        var snapshot = await services.GetRequiredService<IntegrationHub.Hub.Intake.SnapshotLoader>()
            .LoadAsync(audience, "full", csv, IntegrationHub.Hub.Intake.SnapshotFormat.Csv, "customers.csv", null, CancellationToken.None);
        var (started, refusal) = await services.GetRequiredService<RunStarter>()
            .StartAsync(new RunRequest("customers", _vendors, SyncMode.Full, snapshot.SnapshotId, "test"), CancellationToken.None);
        Assert.That(refusal, Is.Null);
        var runs = new List<RunView>();
        foreach (var run in started)
        {
            runs.Add((await Poll.For(
                () => services.GetRequiredService<OutboxTransaction>().ReadAsync(db => services.GetRequiredService<IRunStore>().FindAsync(db, run.RunId, CancellationToken.None)),
                view => view?.FinishedAt is not null, $"run {run.RunId} to be over"))!);
        }

        return runs;
    }

    private Task<SharedQuota> BooksAsync(string vendor)
    {
        var services = _hubs[0].Web.Services;
        return services.GetRequiredService<OutboxTransaction>().ReadAsync(
            async db => SharedQuota.Parse(await services.GetRequiredService<IQuotaStore>().FindAsync(db, vendor, CancellationToken.None)));
    }
}
