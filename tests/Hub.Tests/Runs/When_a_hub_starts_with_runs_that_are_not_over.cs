using System.Text.Json;
using Hub.Tests;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Erasure;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Runs;
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

    /// <summary>A run was asked for, and the process died before the run took its command: the request was accepted, so the run is to begin.</summary>
    [Test]
    public async Task Should_say_again_what_was_asked_for_and_does_not_stand()
    {
        var (audience, taken, lost) = (Unique("aud"), Unique("aud"), Guid.NewGuid());
        var (sync, late, backfill, stands) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), await StartRunAsync(Unique("aud"), RunState.Planning, Unique("dest")));
        await WriteAsync(async db =>
        {
            foreach (var (runId, of) in new[] { (sync, audience), (late, taken), (stands, Unique("aud")) })
            {
                var start = new StartAudienceSync { RunId = runId, Audience = of, Destination = "braze", Mode = SyncMode.Full, MaxRemovalShare = 0.2, MaxAdditionMultiple = 2, By = "test", At = Clock.Now };
                await AskedRuns.AddAsync(db, runId, AskedRuns.Sync, JsonSerializer.Serialize(start), Clock.Now, CancellationToken.None);
            }

            var plan = new StartBackfill { RunId = backfill, Kind = BackfillKind.Attributes, Destination = "braze", Audience = "", By = "test", At = Clock.Now };
            await AskedRuns.AddAsync(db, backfill, AskedRuns.Backfill, JsonSerializer.Serialize(plan), Clock.Now, CancellationToken.None);
            await AskedRuns.AddAsync(db, lost, AskedRuns.Sync, "{}", Clock.Now, CancellationToken.None);
            Assert.That(await Runs.TryReserveAsync(db, taken, "braze", Guid.NewGuid(), Clock.Now, CancellationToken.None), Is.True, "another run has the place of the late one by now");
        });

        await RunToEndAsync(Recovery(Transactions, Clock));
        var bus = new StepBus(Scopes);
        Guid[] asked = [sync, late, stands, lost];
        Assert.That(bus.Said<StartAudienceSync>(said => asked.Contains(said.RunId)).Select(said => (said.RunId, said.Audience, said.Mode, said.By)), Is.EqualTo(new[] { (sync, audience, SyncMode.Full, "test") }));
        Assert.That(bus.Said<StartBackfill>(said => said.RunId == backfill).Select(said => said.Kind), Is.EqualTo(new[] { BackfillKind.Attributes }));

        await RunToEndAsync(Recovery(Transactions, Clock));
        Assert.That(new StepBus(Scopes).Said<StartAudienceSync>(said => asked.Contains(said.RunId)), Has.Count.EqualTo(2), "until it stands");
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

    /// <summary>The word was given, or refused, and the process died with it; or it died before anybody was asked.</summary>
    [Test]
    public async Task Should_say_again_what_was_decided_and_ask_where_nobody_was_asked()
    {
        var syncs = new Dictionary<string, Guid>();
        foreach (var what in new[] { "approved", "refused", "waits", "not asked" })
        {
            syncs[what] = await StartRunAsync(Unique("aud"), RunState.AwaitingApproval, Unique("dest"));
        }

        var (backfill, erasure, unasked) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await WriteAsync(db =>
        {
            db.AddRange(Backfill(backfill, RunState.AwaitingApproval), Backfill(unasked, RunState.AwaitingApproval));
            db.Add(new ErasureState { CorrelationId = erasure, CurrentState = ErasurePhase.AwaitingApproval, Law = ErasureLaw.Gdpr, RequestedAt = Noon, Deadline = Noon.AddMonths(1) });
            return Task.CompletedTask;
        });
        foreach (var (what, runId) in syncs.Where(run => run.Key != "not asked"))
        {
            var run = (await ReadAsync(db => Runs.FindAsync(db, runId, CancellationToken.None)))!;
            await DecideAsync(ApprovalKind.Sync, SyncApproval.SubjectOf(runId), RunVersion.Of(run), what switch { "approved" => true, "refused" => false, _ => null });
        }

        await DecideAsync(ApprovalKind.Backfill, BackfillApproval.SubjectOf(backfill), "plan", false);
        await DecideAsync(ApprovalKind.Erasure, ErasureApproval.SubjectOf(erasure), "person", true);

        await RunToEndAsync(Recovery(Transactions, Clock));

        var bus = new StepBus(Scopes);
        Assert.Multiple(async () =>
        {
            Assert.That(bus.Said<ApproveAudienceSync>(said => syncs.ContainsValue(said.RunId)).Select(said => said.RunId), Is.EqualTo(new[] { syncs["approved"] }));
            Assert.That(bus.Said<CancelAudienceSync>(said => syncs.ContainsValue(said.RunId)).Select(said => said.RunId), Is.EqualTo(new[] { syncs["refused"] }));
            Assert.That(bus.Said<CancelBackfill>(said => said.RunId == backfill || said.RunId == unasked).Select(said => said.RunId), Is.EqualTo(new[] { backfill }));
            Assert.That(bus.Said<ApproveErasure>(said => said.RequestId == erasure).Select(said => said.By), Is.EqualTo(new[] { "person:ben" }));
            Assert.That(await StateOfAsync(SyncApproval.SubjectOf(syncs["not asked"])), Is.EqualTo(ApprovalState.Waiting));
            Assert.That(await StateOfAsync(SyncApproval.SubjectOf(syncs["waits"])), Is.EqualTo(ApprovalState.Waiting));
            Assert.That(await StateOfAsync(BackfillApproval.SubjectOf(unasked)), Is.EqualTo(ApprovalState.Waiting));
        });
    }

    /// <summary>The law's time runs, whoever died: an old request is said again too, until the erasure stands.</summary>
    [Test]
    public async Task Should_ask_again_for_an_erasure_that_does_not_stand()
    {
        var (lost, stands) = (Guid.NewGuid(), Guid.NewGuid());
        await WriteAsync(async db =>
        {
            db.Add(new ErasureState { CorrelationId = stands, CurrentState = ErasurePhase.Suppressing, Law = ErasureLaw.Gdpr, RequestedAt = Noon, Deadline = Noon.AddMonths(1) });
            foreach (var requestId in new[] { lost, stands })
            {
                var request = new RequestErasure { RequestId = requestId, Law = ErasureLaw.Gdpr, Reason = "ticket 1", SubjectHash = "hmac:1:x", By = "person:anna", At = Noon };
                await AskedRuns.AddAsync(db, requestId, AskedRuns.Erasure, JsonSerializer.Serialize(request), Clock.Now.AddDays(-20), CancellationToken.None);
            }

            return true;
        });

        await RunToEndAsync(Recovery(Transactions, Clock));
        Assert.That(new StepBus(Scopes).Said<RequestErasure>(said => said.RequestId == lost || said.RequestId == stands).Select(said => said.RequestId), Is.EqualTo(new[] { lost }));
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

    private static BackfillRunState Backfill(Guid id, string state) =>
        new() { CorrelationId = id, CurrentState = state, Kind = BackfillKind.Attributes, Destination = Unique("dest"), PlanHash = "plan", RequestedBy = "person:anna", RequestedAt = Noon, LastProgressAt = Noon };

    private Task DecideAsync(string kind, string subject, string plan, bool? approves) => WriteAsync(async db =>
    {
        var id = await ApprovalDesk.RequestAsync(db, new ApprovalRequest(kind, subject, plan, "person:anna", Noon, Noon.AddDays(1), 1, true, "A test."), CancellationToken.None);
        await (approves is { } yes ? ApprovalDesk.DecideAsync(db, id, new ApprovalDecision("person:ben", Noon, yes, "seen"), CancellationToken.None) : Task.CompletedTask);
    });

    private async Task<string?> StateOfAsync(string subject) => (await ReadAsync(db => ApprovalDesk.FindLastAsync(db, subject, CancellationToken.None)))?.State;

    private RunRecovery Recovery(OutboxTransaction transactions, TimeProvider time) =>
        new(new AskedReminder(transactions, Runs, time, NullLogger<AskedReminder>.Instance), new RunReminder(transactions, Runs, time, NullLogger<RunReminder>.Instance), Held(transactions, time), Control, time, NullLogger<RunRecovery>.Instance);

    private HeldReminder Held(OutboxTransaction transactions, TimeProvider time)
    {
        var rules = new ApprovalRules(Acme.Hub(), new ApiKey(null));
        var (syncs, nowhere, services) = (new SyncApproval(Runs, rules, time), new DestinationDirectory(new Dictionary<string, Destination>()), Scopes.CreateScope().ServiceProvider);
        var acceptance = new ErasureAcceptance(transactions, services.GetRequiredService<SealedPeople>(), services.GetRequiredService<PersonErasure>(), Deliveries, nowhere, time);
        return new HeldReminder([syncs, new BackfillRelease(ApprovalKind.Backfill, nowhere), new ErasureApproval(rules, acceptance, time)], syncs, new BackfillApproval(rules, time), Runs, transactions);
    }

    private IBusControl Control => Scopes.CreateScope().ServiceProvider.GetRequiredService<IBusControl>();

    private static async Task RunToEndAsync(RunRecovery recovery)
    {
        await recovery.StartAsync(CancellationToken.None);
        await recovery.ExecuteTask!.WaitAsync(Poll.Patience);
        await recovery.StopAsync(CancellationToken.None);
        recovery.Dispose();
    }
}
