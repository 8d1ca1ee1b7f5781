using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas.AudienceSync.Messages;
using IntegrationHub.Sagas.Runs;
using MassTransit;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Sagas.AudienceSync;

/// <summary>
/// One run of an audience sync, from the request to the proof. A snapshot is merged into the ledger when one is given, then the hub plans what
/// the destination owes the audience. A plan that removes or adds too much waits for a person. Deliveries are claimable while the run is
/// Delivering; when none is pending, the members are read back until the vendor shows what was delivered. A person may pause, resume or cancel
/// at any time; a run that stands still is diagnosed and its pending step is asked for again.
/// </summary>
public sealed class AudienceSyncStateMachine : HubStateMachine<AudienceSyncState>
{
    /// <summary>Builds the machine.</summary>
    /// <param name="clock">The only clock of the machine.</param>
    /// <param name="options">How patient a run is.</param>
    public AudienceSyncStateMachine(TimeProvider clock, IOptions<RunOptions> options)
    {
        var patience = options.Value;
        bool StandsStill(BehaviorContext<AudienceSyncState> context) => context.Saga.StandsStill(clock, patience);

        InstanceState(run => run.CurrentState);
        First(() => StartAudienceSync, start => start.RunId);
        FromOperator(() => ApproveAudienceSync, command => command.RunId);
        FromOperator(() => PauseAudienceSync, command => command.RunId);
        FromOperator(() => ResumeAudienceSync, command => command.RunId);
        FromOperator(() => CancelAudienceSync, command => command.RunId);
        FromHub(() => SnapshotApplied, answer => answer.RunId);
        FromHub(() => AudienceSyncPlanned, answer => answer.RunId);
        FromHub(() => AudienceSyncProgressed, answer => answer.RunId);
        FromHub(() => AudienceSyncDelivered, answer => answer.RunId);
        FromHub(() => AudienceSyncVerified, answer => answer.RunId);
        FromHub(() => DeliveriesCanceled, answer => answer.RunId);
        FromHub(() => AudienceSyncStepFailed, answer => answer.RunId);
        FromHub(() => AudienceSyncDiagnosed, answer => answer.RunId);
        FromHub(() => AudienceSyncStepPostponed, answer => answer.RunId);
        FromHub(() => RemindAudienceSync, reminder => reminder.RunId);
        FromItself(() => ProgressTimeout, run => run.ProgressTimeoutTokenId, timeout => timeout.RunId);
        FromItself(() => VerificationDelay, run => run.VerificationDelayTokenId, timeout => timeout.RunId);
        var timeouts = new RunTimeouts<AudienceSyncState, ProgressTimeoutElapsed, VerificationDelayElapsed>(
            clock, patience, ProgressTimeout, VerificationDelay, run => new ProgressTimeoutElapsed { RunId = run }, run => new VerificationDelayElapsed { RunId = run });

        Initially(
            When(StartAudienceSync)
                .RecordRequest()
                .IfElse(context => context.Saga.FailureCode is not null,
                    refused => refused.TransitionTo(Failed),
                    accepted => accepted
                        .Publish(context => context.Saga.Started())
                        .IfElse(context => context.Saga.SnapshotId is not null,
                            withSnapshot => withSnapshot.TransitionTo(Snapshotting),
                            withoutSnapshot => withoutSnapshot.TransitionTo(Planning))));

        WhenEnter(Snapshotting, run => run
            .Enter(clock)
            .Publish(context => context.Saga.Snapshot())
            .WatchProgress(timeouts));
        During(Snapshotting,
            When(SnapshotApplied).TransitionTo(Planning),
            When(RemindAudienceSync).Publish(context => context.Saga.Snapshot()),
            When(ProgressTimeout.Received)
                .If(StandsStill, run => run.Publish(context => context.Saga.Diagnose()).Publish(context => context.Saga.Snapshot()))
                .WatchProgress(timeouts),
            Ignore(AudienceSyncPlanned)); // no plan was asked for yet

        WhenEnter(Planning, run => run
            .Enter(clock)
            .Publish(context => context.Saga.Plan())
            .WatchProgress(timeouts));
        During(Planning,
            When(AudienceSyncPlanned)
                .RecordPlan()
                .IfElse(context => AudienceSyncGuardrail.Holds(context.Saga),
                    held => held.TransitionTo(AwaitingApproval),
                    free => free.TransitionTo(Delivering)),
            When(AudienceSyncStepPostponed, context => context.Message.Step == nameof(PlanAudienceSync)).AskAgainWhenItIsOver(timeouts, said => said.Until),
            When(VerificationDelay.Received).Publish(context => context.Saga.Plan()),
            When(RemindAudienceSync).Publish(context => context.Saga.Plan()),
            When(ProgressTimeout.Received)
                .If(StandsStill, run => run.Publish(context => context.Saga.Diagnose()).Publish(context => context.Saga.Plan()))
                .WatchProgress(timeouts));

        WhenEnter(AwaitingApproval, run => run
            .Enter(clock)
            .StopWatching(timeouts)
            .ExplainHold()
            .Publish(context => context.Saga.AwaitingApproval()));
        During(AwaitingApproval,
            When(ApproveAudienceSync).RecordApproval(said => (said.By, said.At)).TransitionTo(Delivering),
            Ignore(AudienceSyncPlanned), // a repeat carries the same numbers
            Ignore(AudienceSyncProgressed), // nothing is claimable
            Ignore(AudienceSyncStepFailed), // the plan stands: a repeat of a step that had succeeded
            Ignore(AudienceSyncDiagnosed), // not a stall, a person is waited for
            Ignore(ProgressTimeout.Received)); // stopped on entering, this one was already on its way

        WhenEnter(Delivering, run => run
            .Enter(clock)
            .Unschedule(VerificationDelay)
            .OpenDeliveries()
            .Publish(context => context.Saga.Deliver())
            .WatchProgress(timeouts));
        During(Delivering,
            When(AudienceSyncDelivered).RecordDelivered(said => said.At).TransitionTo(Verifying),
            When(RemindAudienceSync).Publish(context => context.Saga.Deliver()),
            When(ProgressTimeout.Received)
                .If(StandsStill, run => run.Publish(context => context.Saga.Diagnose()).Publish(context => context.Saga.Deliver()))
                .WatchProgress(timeouts),
            Ignore(AudienceSyncPlanned)); // a repeat carries the same numbers

        WhenEnter(Verifying, run => run
            .Enter(clock)
            .BeginReadingBack()
            .Publish(context => context.Saga.Verify(clock, patience))
            .WatchProgress(timeouts));
        During(Verifying,
            When(AudienceSyncVerified, context => context.Message.Round == context.Saga.VerificationRound) // older rounds are late
                .RecordReadBack()
                .IfElse(context => !context.Message.IsLastRound && context.Saga.MayCatchUp(clock, patience),
                    again => again.ReadBackLater(timeouts, said => said.Round, run => run.ExplainCatchingUp(patience)),
                    over => over.IfElse(context => context.Message.WithIssues > 0 || context.Saga.Differs(),
                        withIssues => withIssues.TransitionTo(CompletedWithIssues),
                        clean => clean.TransitionTo(Completed))),
            When(VerificationDelay.Received).EndWaitForVendor().Publish(context => context.Saga.Verify(clock, patience)),
            When(AudienceSyncStepPostponed, context => context.Message.Step == nameof(VerifyAudienceSync)).AskAgainWhenItIsOver(timeouts, said => said.Until),
            When(RemindAudienceSync, context => context.Saga.ReadBackAt is null) // the vendor's time sleeps in the scheduler and survives a restart
                .Publish(context => context.Saga.Verify(clock, patience)),
            When(ProgressTimeout.Received)
                .If(StandsStill, run => run
                    .Publish(context => context.Saga.Diagnose())
                    .If(context => context.Saga.VerificationDelayTokenId is null, free => free.Publish(context => context.Saga.Verify(clock, patience))))
                .WatchProgress(timeouts),
            Ignore(AudienceSyncPlanned), // a repeat carries the same numbers
            Ignore(AudienceSyncDelivered)); // a repeat

        WhenEnter(Paused, run => run.StopWatching(timeouts));
        During(Paused,
            When(ResumeAudienceSync).RecordRelease(said => said.At).ReturnToOneOf(Snapshotting, Planning, AwaitingApproval, Delivering, Verifying),
            When(SnapshotApplied, context => context.Saga.WillResumeIn(Snapshotting)).ResumeIn(Planning),
            When(AudienceSyncPlanned, context => context.Saga.WillResumeIn(Planning))
                .RecordPlan()
                .IfElse(context => AudienceSyncGuardrail.Holds(context.Saga),
                    held => held.ResumeIn(AwaitingApproval),
                    free => free.ResumeIn(Delivering)),
            When(AudienceSyncDelivered, context => context.Saga.WillResumeIn(Delivering)).RecordDelivered(said => said.At).ResumeIn(Verifying),
            // Noted for the operator; resuming asks for the round again and gets this answer, be it the last.
            When(AudienceSyncVerified, context => context.Saga.WillResumeIn(Verifying) && context.Message.Round == context.Saga.VerificationRound)
                .RecordReadBack(),
            When(AudienceSyncProgressed).RecordProgress(said => said.At), // batches that were under way are finished
            Ignore(PauseAudienceSync), // is paused
            Ignore(AudienceSyncDiagnosed), // not a stall, a person is waited for
            Ignore(ProgressTimeout.Received)); // stopped on entering, this one was already on its way

        WhenEnter(Canceling, run => run
            .Enter(clock)
            .StopWatching(timeouts)
            .Publish(context => context.Saga.SettlePending())
            .WatchProgress(timeouts));
        During(Canceling,
            When(DeliveriesCanceled)
                .IfElse(context => context.Saga.FailureCode is not null,
                    failed => failed.TransitionTo(Failed),
                    canceled => canceled.TransitionTo(Canceled)),
            When(AudienceSyncPlanned).RecordPlan().Publish(context => context.Saga.SettlePending()), // planned while it was being canceled
            When(AudienceSyncStepFailed, context => context.Saga.WaitsFor(context.Message.Step)).RecordFailure(said => (said.Code, said.Detail)).TransitionTo(Failed),
            When(RemindAudienceSync).Publish(context => context.Saga.SettlePending()),
            When(ProgressTimeout.Received)
                .If(StandsStill, run => run.Publish(context => context.Saga.Diagnose()).Publish(context => context.Saga.SettlePending()))
                .WatchProgress(timeouts),
            Ignore(PauseAudienceSync), // the run goes no further, there is nothing to hold
            Ignore(CancelAudienceSync)); // is being canceled

        WhenEnter(Completed, run => run.Finish(timeouts).Publish(context => context.Saga.CompletedClean()));
        WhenEnter(CompletedWithIssues, run => run.Finish(timeouts).Publish(context => context.Saga.CompletedWithIssues()));
        WhenEnter(Failed, run => run.Finish(timeouts).Publish(context => context.Saga.Failed()));
        WhenEnter(Canceled, run => run.Finish(timeouts).Publish(context => context.Saga.Canceled()));

        // A plan that was still being written when the run ended would stay pending for ever.
        During([Failed, Canceled],
            When(AudienceSyncPlanned).RecordPlan().Publish(context => context.Saga.SettlePending()));

        // The hub works on a step.
        During([Snapshotting, Planning, Delivering, Verifying, Canceling],
            When(AudienceSyncProgressed).RecordProgress(said => said.At),
            When(AudienceSyncDiagnosed).If(StandsStill, run => run.RecordStall(said => (said.Code, said.Detail)).Publish(context => context.Saga.Stalled(context.Message)))); // else it moves again

        // A step that can never succeed ends the run; what is pending is settled first, so that its ledger balances.
        During([Snapshotting, Planning, Delivering, Verifying, Paused],
            When(AudienceSyncStepFailed, context => context.Saga.WaitsFor(context.Message.Step)).RecordFailure(said => (said.Code, said.Detail)).TransitionTo(Canceling));

        // An operator can hold or stop it.
        During([Snapshotting, Planning, AwaitingApproval, Delivering, Verifying], When(PauseAudienceSync).Hold("sync", said => said.By).TransitionTo(Paused));
        During([Snapshotting, Planning, AwaitingApproval, Delivering, Verifying, Paused],
            When(CancelAudienceSync).RecordCancellation(said => said.By).TransitionTo(Canceling));

        // Late and repeated messages are boring.
        State[] open = [Snapshotting, Planning, AwaitingApproval, Delivering, Verifying, Paused, Canceling];
        State[] over = [Completed, CompletedWithIssues, Failed, Canceled];
        State[] all = [.. open, .. over];
        Boring(all, StartAudienceSync); // the run is known
        Boring(all.Except([AwaitingApproval]), ApproveAudienceSync); // nothing to approve; a paused run is resumed first
        Boring(all.Except([Paused]), ResumeAudienceSync); // is not held
        Boring(all.Except([Snapshotting, Paused]), SnapshotApplied); // a repeat, or the run goes no further
        Boring([Snapshotting, Planning, AwaitingApproval, Canceling], AudienceSyncDelivered); // Delivering asks and is answered again
        Boring(all.Except([Verifying, Paused]), AudienceSyncVerified); // no read-back is due
        Boring(all.Except([Canceling]), DeliveriesCanceled); // nobody waits for it
        Boring(all.Except([Planning, Verifying]), VerificationDelay.Received); // entering Verifying reads back at once
        Boring(all.Except([Planning, Verifying]), AudienceSyncStepPostponed); // late: no such step is waited for
        Boring([AwaitingApproval, Paused, .. over], RemindAudienceSync); // the hub owes it nothing
        Boring(over, PauseAudienceSync, CancelAudienceSync); // is over
        Boring(over, AudienceSyncProgressed, AudienceSyncDelivered, AudienceSyncStepFailed, AudienceSyncDiagnosed, ProgressTimeout.Received); // the same
        Boring([Completed, CompletedWithIssues], AudienceSyncPlanned); // a repeat carries the same numbers
    }

    public State Snapshotting { get; private set; } = null!;
    public State Planning { get; private set; } = null!;
    public State AwaitingApproval { get; private set; } = null!;
    public State Delivering { get; private set; } = null!;
    public State Verifying { get; private set; } = null!;
    public State Paused { get; private set; } = null!;
    public State Canceling { get; private set; } = null!;
    public State Completed { get; private set; } = null!;
    public State CompletedWithIssues { get; private set; } = null!;
    public State Failed { get; private set; } = null!;
    public State Canceled { get; private set; } = null!;

    public Event<StartAudienceSync> StartAudienceSync { get; private set; } = null!;
    public Event<ApproveAudienceSync> ApproveAudienceSync { get; private set; } = null!;
    public Event<PauseAudienceSync> PauseAudienceSync { get; private set; } = null!;
    public Event<ResumeAudienceSync> ResumeAudienceSync { get; private set; } = null!;
    public Event<CancelAudienceSync> CancelAudienceSync { get; private set; } = null!;
    public Event<SnapshotApplied> SnapshotApplied { get; private set; } = null!;
    public Event<AudienceSyncPlanned> AudienceSyncPlanned { get; private set; } = null!;
    public Event<AudienceSyncProgressed> AudienceSyncProgressed { get; private set; } = null!;
    public Event<AudienceSyncDelivered> AudienceSyncDelivered { get; private set; } = null!;
    public Event<AudienceSyncVerified> AudienceSyncVerified { get; private set; } = null!;
    public Event<DeliveriesCanceled> DeliveriesCanceled { get; private set; } = null!;
    public Event<AudienceSyncStepFailed> AudienceSyncStepFailed { get; private set; } = null!;
    public Event<AudienceSyncDiagnosed> AudienceSyncDiagnosed { get; private set; } = null!;
    public Event<AudienceSyncStepPostponed> AudienceSyncStepPostponed { get; private set; } = null!;
    public Event<RemindAudienceSync> RemindAudienceSync { get; private set; } = null!;
    public Schedule<AudienceSyncState, ProgressTimeoutElapsed> ProgressTimeout { get; private set; } = null!;
    public Schedule<AudienceSyncState, VerificationDelayElapsed> VerificationDelay { get; private set; } = null!;
}
