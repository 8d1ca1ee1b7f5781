using System.Text.Json;
using IntegrationHub.TestServers;

namespace EndToEnd.Tests;

/// <summary>The broker and the database of two production hubs are killed (SIGKILL) in the middle of runs and come back on the same data.</summary>
[TestFixture]
[Category("Slow")]
[Parallelizable(ParallelScope.Self)]
public sealed class When_servers_are_killed
{
    private const int People = 4_000;
    private HubProcess _sandbox = null!;
    private HubProcess _hub = null!;
    private HubProcess _otherHub = null!;
    private PostgresServer _postgres = null!;
    private RabbitMqServer _rabbitMq = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _postgres = await PostgresServer.StartAsync();
        _rabbitMq = await RabbitMqServer.StartAsync();
        _sandbox = await HubProcess.SandboxAsync();
        var settings = Settings.AtSandbox(_sandbox).Production(_postgres.ConnectionString.Replace("Pooling=false", "Pooling=true", StringComparison.Ordinal), _rabbitMq.Uri);
        settings["Hub__Delivery__LeaseLength"] = "00:00:03";
        _hub = await HubProcess.ServeAsync(settings);
        _otherHub = await HubProcess.ServeAsync(settings);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _hub.DisposeAsync();
        await _otherHub.DisposeAsync();
        await _sandbox.DisposeAsync();
        await _rabbitMq.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    [TestCase("broker")]
    [TestCase("database")]
    [TestCase("both")]
    public async Task Should_recover_without_a_restart_of_the_hubs(string which)
    {
        var world = new World(People);
        world.Change(new Random(which.Length));
        var runs = await Job.StartAsync(_hub, await Job.LoadSnapshotAsync(_hub, world.Csv()));
        await Poll.Until(
            async () => await Job.ShowAsync(_hub, runs[0]) is { ValueKind: JsonValueKind.Object } run && (Job.IsOver(run) || Job.Count(run, "planned") > 0),
            "a run to be planned");
        if (which is "broker" or "both")
        {
            await _rabbitMq.KillAsync();
        }

        if (which is "database" or "both")
        {
            await _postgres.KillAsync();
            await _postgres.RestartAsync();
        }

        if (which is "broker" or "both")
        {
            await _rabbitMq.RestartAsync();
        }

        foreach (var run in await Job.FinishAsync(_otherHub, runs))
        {
            Job.ShouldBalance(run);
            Job.ShouldBeVerified(run);
        }

        foreach (var destination in World.Destinations)
        {
            await VendorState.ShouldHoldAsync(_sandbox.Http, destination, world.ExpectedAt(destination, withDenied: true));
        }
    }
}
