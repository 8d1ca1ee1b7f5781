using System.Text.Json;
using IntegrationHub.TestServers;

namespace EndToEnd.Tests;

/// <summary>Promise 2: any process may be killed at any instant.</summary>
[Category("Slow")]
[Parallelizable(ParallelScope.Self)]
public abstract class When_a_hub_is_killed
{
    private const int Runs = 6;
    private const int People = 1_200;
    private HubProcess _sandbox = null!;

    private protected HubProcess Hub { get; set; } = null!;

    private protected abstract Task<Dictionary<string, string>> PrepareAsync(Dictionary<string, string> settings, World world);

    private protected World World { get; } = new(People);

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _sandbox = await HubProcess.SandboxAsync();
        Hub = await HubProcess.ServeAsync(await PrepareAsync(Settings.AtSandbox(_sandbox), World));
    }

    [OneTimeTearDown]
    public virtual async Task StopAsync()
    {
        await Hub.DisposeAsync();
        await _sandbox.DisposeAsync();
    }

    [Test]
    public async Task Should_end_with_balanced_ledgers_and_exactly_the_desired_members_every_time()
    {
        var random = new Random(20_261_121);
        for (var turn = 1; turn <= Runs; turn++)
        {
            var runs = await Job.StartAsync(Hub, await Job.LoadSnapshotAsync(Hub, World.Csv()));
            await KillSomewhereAsync(random, runs, turn);
            await Hub.StartAsync();
            foreach (var run in await Job.FinishAsync(Hub, runs))
            {
                Job.ShouldBalance(run);
                Job.ShouldBeVerified(run);
            }

            await ShouldHoldExactlyTheDesiredAsync(turn);
            World.Change(random);
        }
    }

    /// <summary>The instant is chosen by progress, one in each part of a run, so that kills fall into every phase: before there is a plan, after a share of its records, while they are read back.</summary>
    private async Task KillSomewhereAsync(Random random, IReadOnlyList<Guid> runs, int turn)
    {
        var (run, share) = (runs[random.Next(runs.Count)], ((turn - 1 + random.NextDouble()) / Runs * 1.4) - 0.2);
        await Poll.Until(async () => share < 0 || (await Job.ShowAsync(Hub, run) is { ValueKind: JsonValueKind.Object } shown && (Job.IsOver(shown) || HasSettled(shown, share))), "the instant of the kill");
        await Hub.KillAsync();
    }

    private static bool HasSettled(JsonElement run, double share) =>
        Job.Count(run, "planned") is > 0 and var planned && planned - Job.Count(run, "pending") >= planned * Math.Min(share, 1);

    private async Task ShouldHoldExactlyTheDesiredAsync(int turn)
    {
        var denied = World.Denied.Select(World.ExternalId).ToHashSet();
        foreach (var destination in World.Destinations)
        {
            await VendorState.ShouldHoldAsync(_sandbox.Http, destination, World.ExpectedAt(destination));
            var told = await VendorState.EverybodyAsync(_sandbox.Http, destination);
            Assert.That(told.Overlaps(denied), Is.False, $"turn {turn}: a suppressed person was sent to {destination}");
        }
    }
}

[TestFixture]
[Parallelizable(ParallelScope.Self)]
public sealed class When_an_embedded_hub_is_killed : When_a_hub_is_killed
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hub-e2e-").FullName;

    private protected override async Task<Dictionary<string, string>> PrepareAsync(Dictionary<string, string> settings, World world)
    {
        var embedded = settings.Embedded(_folder);
        await Consents.DenyAsync(embedded, world.Denied.Select(World.ExternalId));
        return embedded;
    }

    public override async Task StopAsync()
    {
        await base.StopAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

[TestFixture]
[Parallelizable(ParallelScope.Self)]
public sealed class When_a_production_hub_is_killed : When_a_hub_is_killed
{
    private PostgresDatabase _database = null!;
    private RabbitMqVirtualHost _broker = null!;

    private protected override async Task<Dictionary<string, string>> PrepareAsync(Dictionary<string, string> settings, World world)
    {
        _database = await MigratedDatabase.CreateAsync();
        _broker = await RabbitMqVirtualHost.CreateAsync();
        var production = settings.Production(_database.ConnectionString, _broker.Uri);
        await Consents.DenyAsync(production, world.Denied.Select(World.ExternalId));
        return production;
    }

    public override async Task StopAsync()
    {
        await base.StopAsync();
        await _broker.DisposeAsync();
        await _database.DisposeAsync();
    }
}
