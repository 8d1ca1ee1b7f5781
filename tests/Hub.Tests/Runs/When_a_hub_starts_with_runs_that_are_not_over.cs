using Hub.Tests;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.Storage.Erasures;
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
    public async Task Should_remind_backfills_and_erasures_too()
    {
        var (backfill, held) = (Guid.NewGuid(), Guid.NewGuid());
        var erasures = new[] { ErasurePhase.AwaitingApproval, ErasurePhase.Suppressing, ErasurePhase.ErasingDestinations, ErasurePhase.ErasingOwn, ErasurePhase.Rechecking, ErasurePhase.Completed }.ToDictionary(phase => phase, _ => Guid.NewGuid());
        await WriteAsync(db =>
        {
            db.AddRange(Backfill(backfill, RunState.Delivering), Backfill(held, RunState.Paused));
            db.AddRange(erasures.Select(erasure => new ErasureState { CorrelationId = erasure.Value, CurrentState = erasure.Key, Law = ErasureLaw.Gdpr, RequestedAt = Noon, Deadline = Noon.AddMonths(1) }));
            return Task.CompletedTask;
        });

        await RunToEndAsync(Recovery(Transactions, Clock));

        var bus = new StepBus(Scopes);
        Assert.That(bus.Said<RemindBackfill>(said => said.RunId == backfill || said.RunId == held).Select(said => said.RunId), Is.EqualTo(new[] { backfill }));
        Guid[] asked =
        [
            .. bus.Said<SuppressPerson>(said => erasures.ContainsValue(said.RequestId)).Select(said => said.RequestId),
            .. bus.Said<EraseAtDestinations>(said => erasures.ContainsValue(said.RequestId)).Select(said => said.RequestId),
            .. bus.Said<EraseOwnTables>(said => erasures.ContainsValue(said.RequestId)).Select(said => said.RequestId),
        ];
        Assert.That(asked, Is.EqualTo(new[] { erasures[ErasurePhase.Suppressing], erasures[ErasurePhase.ErasingDestinations], erasures[ErasurePhase.ErasingOwn] }));
    }

    [Test]
    public async Task Should_remind_only_erasures_that_the_destination_has_not_done()
    {
        var (here, there) = (Unique("dest"), Unique("dest"));
        var (waits, done) = (Guid.NewGuid(), Guid.NewGuid());
        await WriteAsync(async db =>
        {
            db.AddRange(new[] { waits, done }.Select(id => new ErasureState { CorrelationId = id, CurrentState = ErasurePhase.ErasingDestinations, Law = ErasureLaw.Gdpr, RequestedAt = Noon, Deadline = Noon.AddMonths(1) }));
            await db.SaveChangesAsync();
            await DestinationErasures.KeepAsync(db, waits, new DestinationErasure(here, DestinationErasure.Deleting, "http_403", 1, 1, Noon), CancellationToken.None);
            await DestinationErasures.KeepAsync(db, done, new DestinationErasure(here, DestinationErasure.Deleted, null, 1, 1, Noon), CancellationToken.None);
            await DestinationErasures.KeepAsync(db, done, new DestinationErasure(there, DestinationErasure.Deleting, null, 1, 1, Noon), CancellationToken.None);
        });
        Assert.That(await new RunReminder(Transactions, Runs, Clock, NullLogger<RunReminder>.Instance).RemindAsync(here, CancellationToken.None), Is.EqualTo(1));
        Assert.That(new StepBus(Scopes).Said<EraseAtDestinations>(said => said.RequestId == waits || said.RequestId == done).Select(said => said.RequestId), Is.EqualTo(new[] { waits }));
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

    private static BackfillRunState Backfill(Guid id, string state) => new() { CorrelationId = id, CurrentState = state, Kind = BackfillKind.Attributes, Destination = Unique("dest"), RequestedAt = Noon, LastProgressAt = Noon };

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
