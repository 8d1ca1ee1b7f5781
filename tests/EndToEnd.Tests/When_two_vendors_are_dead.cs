using System.Net.Http.Json;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.TestServers;

namespace EndToEnd.Tests;

/// <summary>Two vendors take calls and never answer: on a real broker, whose places all destinations share in part, the third one's runs go on.</summary>
[TestFixture]
[Category("Slow")]
[Parallelizable(ParallelScope.Self)]
public sealed class When_two_vendors_are_dead
{
    private static readonly string[] _dead = ["braze", "hubspot"];
    private static readonly Dictionary<string, string> _readBacks = new() { ["braze"] = "users/export/ids", ["hubspot"] = "crm/v3/lists/{listId}/memberships" };
    private readonly World _world = new(300);
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
        _hub = await HubProcess.ServeAsync(Settings.AtSandbox(_sandbox).Production(_database.ConnectionString, _broker.Uri));
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
    public async Task Should_go_on_with_the_third_while_they_are_delivered_to_and_while_they_are_read_back()
    {
        foreach (var vendor in _dead)
        {
            await StrikeAsync(vendor, null);
        }

        var snapshot = await Job.LoadSnapshotAsync(_hub, _world.Csv());
        var stuck = await Job.StartAsync(_hub, snapshot, destinations: _dead);
        await ShouldCompleteAsync(snapshot);
        Assert.That(await StatesAsync(stuck), Is.All.EqualTo(RunState.Delivering));

        foreach (var vendor in _dead)
        {
            await ClearAsync(vendor);
            await StrikeAsync(vendor, _readBacks[vendor]);
        }

        await Poll.Until(async () => (await StatesAsync(stuck)).All(state => state == RunState.Verifying), "both to be read back");
        _world.Change(new Random(1));
        await ShouldCompleteAsync(await Job.LoadSnapshotAsync(_hub, _world.Csv()));
        Assert.That(await StatesAsync(stuck), Is.All.EqualTo(RunState.Verifying));

        foreach (var vendor in _dead)
        {
            await ClearAsync(vendor);
        }

        foreach (var run in await Job.FinishAsync(_hub, stuck))
        {
            Job.ShouldBalance(run);
            Job.ShouldBeVerified(run);
        }
    }

    /// <summary>A run to the living vendor ends, delivered and read back.</summary>
    private async Task ShouldCompleteAsync(Guid snapshot)
    {
        var run = (await Job.FinishAsync(_hub, await Job.StartAsync(_hub, snapshot, destinations: "marketo"))).Single();
        Job.ShouldBalance(run);
        Job.ShouldBeVerified(run);
    }

    private async Task<IReadOnlyList<string?>> StatesAsync(IReadOnlyList<Guid> runs)
    {
        var states = new List<string?>();
        foreach (var run in runs)
        {
            states.Add((await Job.ShowAsync(_hub, run)).GetProperty("state").GetString());
        }

        return states;
    }

    private async Task StrikeAsync(string vendor, string? endpoint) =>
        (await _sandbox.Http.PostAsJsonAsync($"/{vendor}/_sandbox/faults", endpoint is null ? new { kind = "timeout" } : (object)new { kind = "timeout", endpoint })).EnsureSuccessStatusCode();

    private async Task ClearAsync(string vendor) => (await _sandbox.Http.DeleteAsync($"/{vendor}/_sandbox/faults")).EnsureSuccessStatusCode();
}
