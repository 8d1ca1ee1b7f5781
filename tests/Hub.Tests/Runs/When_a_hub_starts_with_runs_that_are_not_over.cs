using Hub.Tests;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IntegrationHub.Hub.Tests.Runs;

/// <summary>The bus may have forgotten what it carried.</summary>
public sealed class When_a_hub_starts_with_runs_that_are_not_over : DeliveryFixture
{
    [Test]
    public async Task Should_remind_those_that_wait_for_the_hub_and_no_other()
    {
        var runs = new Dictionary<string, Guid>();
        foreach (var state in new[] { RunState.Snapshotting, RunState.Planning, RunState.AwaitingApproval, RunState.Delivering, RunState.Verifying, RunState.Paused, RunState.Canceling, RunState.Completed })
        {
            runs[state] = await StartRunAsync(Unique("aud"), state, Unique("dest"));
        }

        await RunToEndAsync(Recovery(Transactions, Clock));
        var reminded = new StepBus(Scopes).Said<RemindAudienceSync>(reminder => runs.ContainsValue(reminder.RunId)).Select(reminder => reminder.RunId);
        Assert.That(
            reminded.Select(id => runs.Single(run => run.Value == id).Key),
            Is.EquivalentTo(new[] { RunState.Snapshotting, RunState.Planning, RunState.Delivering, RunState.Verifying, RunState.Canceling }));
    }

    [Test]
    public async Task Should_try_again_when_the_database_stumbles_and_let_the_hub_live()
    {
        var run = await StartRunAsync(Unique("aud"), RunState.Delivering, Unique("dest"));
        var stumbling = new StumblingScopes(Scopes, stumbles: 3);
        var time = new FakeTimeProvider();
        var recovered = RunToEndAsync(Recovery(new OutboxTransaction(stumbling), time));
        await time.Until(() => recovered.IsCompleted, "the pauses to pass", TimeSpan.FromHours(1));
        await recovered;
        Assert.That(new StepBus(Scopes).Said<RemindAudienceSync>(reminder => reminder.RunId == run), Has.Count.EqualTo(1));
        Assert.That(stumbling.Left, Is.Zero);
    }

    [Test]
    public async Task Should_remind_only_the_runs_of_a_destination_whose_wait_somebody_ended()
    {
        var (here, there) = (Unique("dest"), Unique("dest"));
        var (run, other) = (await StartRunAsync(Unique("aud"), RunState.Verifying, here), await StartRunAsync(Unique("aud"), RunState.Verifying, there));
        var reminder = new RunReminder(Transactions, Runs, Clock, NullLogger<RunReminder>.Instance);
        Assert.That(await reminder.RemindAsync(here, CancellationToken.None), Is.EqualTo(1));
        Assert.That(new StepBus(Scopes).Said<RemindAudienceSync>(said => said.RunId == run || said.RunId == other).Select(said => said.RunId), Is.EqualTo(new[] { run }));
    }

    private RunRecovery Recovery(OutboxTransaction transactions, TimeProvider time) =>
        new(new RunReminder(transactions, Runs, time, NullLogger<RunReminder>.Instance), Control, time, NullLogger<RunRecovery>.Instance);

    private IBusControl Control => Scopes.CreateScope().ServiceProvider.GetRequiredService<IBusControl>();

    private static async Task RunToEndAsync(RunRecovery recovery)
    {
        await recovery.StartAsync(CancellationToken.None);
        await recovery.ExecuteTask!.WaitAsync(Poll.Patience);
        await recovery.StopAsync(CancellationToken.None);
        recovery.Dispose();
    }
}
