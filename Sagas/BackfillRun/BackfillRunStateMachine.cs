using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Sagas.BackfillRun.Messages;
using IntegrationHub.Sagas.Runs;
using MassTransit;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Sagas.BackfillRun;

/// <summary>
/// One backfill, from the dry run to the proof, or the rollback of one, which is a run of its own. Nothing is written before a person has let the
/// plan pass by its hash. Deliveries are claimable while the run is Delivering; when none is pending, what was written is read back until the vendor
/// shows it. A person may pause, resume or cancel at any time; a run that is over may be rolled back.
/// </summary>
public sealed class BackfillRunStateMachine : HubStateMachine<BackfillRunState>
{
    /// <summary>Builds the machine.</summary>
    /// <param name="clock">The only clock of the machine.</param>
    /// <param name="options">How patient a run is.</param>
    public BackfillRunStateMachine(TimeProvider clock, IOptions<RunOptions> options)
    {
        var patience = options.Value;
        bool StandsStill(BehaviorContext<BackfillRunState> context) => context.Saga.StandsStill(clock, patience);

        InstanceState(run => run.CurrentState);
        First(() => StartBackfill, start => start.RunId);
        FromOperator(() => ApproveBackfill, command => command.RunId);
        FromOperator(() => PauseBackfill, command => command.RunId);
        FromOperator(() => ResumeBackfill, command => command.RunId);
        FromOperator(() => CancelBackfill, command => command.RunId);
        FromHub(() => BackfillPlanned, answer => answer.RunId);
        FromHub(() => BackfillProgressed, answer => answer.RunId);
        FromHub(() => BackfillDelivered, answer => answer.RunId);
        FromHub(() => BackfillVerified, answer => answer.RunId);
        FromHub(() => DeliveriesCanceled, answer => answer.RunId); // said of audience syncs too: those are not known here
        FromHub(() => BackfillStepFailed, answer => answer.RunId);
        FromHub(() => BackfillDiagnosed, answer => answer.RunId);
        FromHub(() => BackfillStepPostponed, answer => answer.RunId);
        FromHub(() => BackfillRollbackBegan, word => word.RunId);
        FromHub(() => BackfillRollbackEnded, word => word.RunId);
        FromHub(() => RemindBackfill, reminder => reminder.RunId);
        FromItself(() => ProgressTimeout, run => run.ProgressTimeoutTokenId, timeout => timeout.RunId);
        FromItself(() => VerificationDelay, run => run.VerificationDelayTokenId, timeout => timeout.RunId);
        var timeouts = new RunTimeouts<BackfillRunState, BackfillProgressTimeoutElapsed, BackfillVerificationDelayElapsed>(
            clock, patience, ProgressTimeout, VerificationDelay, run => new BackfillProgressTimeoutElapsed { RunId = run }, run => new BackfillVerificationDelayElapsed { RunId = run });

        Initially(
            When(StartBackfill)
                .RecordRequest()
                .IfElse(context => context.Saga.FailureCode is not null,
                    refused => refused.TransitionTo(Failed),
                    accepted => accepted.TransitionTo(Planning)));

        WhenEnter(Planning, run => run
            .Enter(clock)
            .Publish(context => context.Saga.Plan())
            .WatchProgress(timeouts));
        During(Planning,
            When(BackfillPlanned).RecordPlan().TransitionTo(AwaitingApproval),
            When(RemindBackfill).Publish(context => context.Saga.Plan()),
            When(ProgressTimeout.Received)
                .If(StandsStill, run => run.Publish(context => context.Saga.Diagnose()).Publish(context => context.Saga.Plan()))
                .WatchProgress(timeouts));

        WhenEnter(AwaitingApproval, run => run
            .Enter(clock)
            .StopWatching(timeouts)
            .ExplainApproval()
            .Publish(context => context.Saga.Changed()));
        During(AwaitingApproval,
            When(ApproveBackfill, context => context.Message.PlanHash == context.Saga.PlanHash).RecordApproval(said => (said.By, said.At)).TransitionTo(Delivering));

        WhenEnter(Delivering, run => run
            .Enter(clock)
            .OpenDeliveries()
            .SayRollbackBegan()
            .Publish(context => context.Saga.Deliver())
            .WatchProgress(timeouts));
        During(Delivering,
            When(BackfillDelivered).RecordDelivered(said => said.At).TransitionTo(Verifying),
            When(RemindBackfill).Publish(context => context.Saga.Deliver()),
            When(ProgressTimeout.Received)
                .If(StandsStill, run => run.Publish(context => context.Saga.Diagnose()).Publish(context => context.Saga.Deliver()))
                .WatchProgress(timeouts));

        WhenEnter(Verifying, run => run
            .Enter(clock)
            .BeginReadingBack()
            .Publish(context => context.Saga.Verify(clock, patience))
            .WatchProgress(timeouts));
        During(Verifying,
            When(BackfillVerified, context => context.Message.Round == context.Saga.VerificationRound) // older rounds are late
                .RecordReadBack()
                .IfElse(context => context.Saga.Missing > 0 && !context.Message.IsLastRound, // the vendor may catch up
                    again => again.ReadBackLater(timeouts, said => said.Round, run => run.ExplainCatchingUp(patience)),
                    over => over.IfElse(context => context.Message.WithIssues > 0 || context.Saga.Missing > 0,
                        withIssues => withIssues.TransitionTo(CompletedWithIssues),
                        clean => clean.TransitionTo(Completed))),
            When(VerificationDelay.Received).EndWaitForVendor().Publish(context => context.Saga.Verify(clock, patience)),
            When(BackfillStepPostponed, context => context.Message.Step == nameof(VerifyBackfill)).AskAgainWhenItIsOver(timeouts, said => said.Until),
            When(RemindBackfill, context => context.Saga.ReadBackAt is null) // the vendor's time sleeps in the scheduler and survives a restart
                .Publish(context => context.Saga.Verify(clock, patience)),
            When(ProgressTimeout.Received)
                .If(StandsStill, run => run
                    .Publish(context => context.Saga.Diagnose())
                    .If(context => context.Saga.VerificationDelayTokenId is null, free => free.Publish(context => context.Saga.Verify(clock, patience))))
                .WatchProgress(timeouts));

        WhenEnter(Paused, run => run.StopWatching(timeouts));
        During(Paused,
            When(ResumeBackfill).RecordRelease(said => said.At).ReturnToOneOf(Planning, AwaitingApproval, Delivering, Verifying),
            When(BackfillPlanned, context => context.Saga.WillResumeIn(Planning)).RecordPlan().ResumeIn(AwaitingApproval),
            When(BackfillDelivered, context => context.Saga.WillResumeIn(Delivering)).RecordDelivered(said => said.At).ResumeIn(Verifying),
            // Noted for the operator; resuming asks for the round again.
            When(BackfillVerified, context => context.Saga.WillResumeIn(Verifying) && context.Message.Round == context.Saga.VerificationRound).RecordReadBack(),
            When(BackfillProgressed).RecordProgress(said => said.At)); // batches that were under way are finished

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
            When(BackfillPlanned).RecordPlan().Publish(context => context.Saga.SettlePending()), // planned while it was being canceled
            When(BackfillStepFailed, context => context.Saga.WaitsFor(context.Message.Step)).RecordFailure(said => (said.Code, said.Detail)).TransitionTo(Failed),
            When(RemindBackfill).Publish(context => context.Saga.SettlePending()),
            When(ProgressTimeout.Received)
                .If(StandsStill, run => run.Publish(context => context.Saga.Diagnose()).Publish(context => context.Saga.SettlePending()))
                .WatchProgress(timeouts));

        WhenEnter(Completed, run => run.Finish(timeouts).SayRollbackEnded(isDone: true).Publish(context => context.Saga.Changed()));
        WhenEnter(CompletedWithIssues, run => run.Finish(timeouts).SayRollbackEnded(isDone: true).Publish(context => context.Saga.Changed()));
        WhenEnter(Failed, run => run.Finish(timeouts).SayRollbackEnded(isDone: false).Publish(context => context.Saga.Changed()));
        WhenEnter(Canceled, run => run.Finish(timeouts).SayRollbackEnded(isDone: false).Publish(context => context.Saga.Changed()));
        WhenEnter(RolledBack, run => run.Finish(timeouts).Publish(context => context.Saga.Changed()));

        // A plan that was still being written when the run ended would stay pending for ever.
        During([Failed, Canceled],
            When(BackfillPlanned).RecordPlan().Publish(context => context.Saga.SettlePending()));

        // The hub works on a step.
        During([Planning, Delivering, Verifying, Canceling],
            When(BackfillProgressed).RecordProgress(said => said.At),
            When(BackfillDiagnosed).If(StandsStill, run => run.RecordStall(said => (said.Code, said.Detail)).Publish(context => context.Saga.Changed()))); // else it moves again

        // A step that can never succeed ends the run; what is pending is settled first, so that its ledger balances.
        During([Planning, Delivering, Verifying, Paused],
            When(BackfillStepFailed, context => context.Saga.WaitsFor(context.Message.Step)).RecordFailure(said => (said.Code, said.Detail)).TransitionTo(Canceling));

        // An operator can hold or stop it.
        During([Planning, AwaitingApproval, Delivering, Verifying], When(PauseBackfill).Hold("backfill", said => said.By, said => said.Reason).TransitionTo(Paused));
        During([Planning, AwaitingApproval, Delivering, Verifying, Paused],
            When(CancelBackfill).RecordCancellation(said => said.By).TransitionTo(Canceling));

        // What a run wrote may be taken back once it is over, and again when that was stopped on the way.
        During([Completed, CompletedWithIssues, Failed, Canceled],
            When(BackfillRollbackBegan).RecordRollback().TransitionTo(RollingBack));
        During(RollingBack,
            When(BackfillRollbackEnded, context => context.Message.RollbackId == context.Saga.RollbackId)
                .IfElse(context => context.Message.IsDone,
                    done => done.TransitionTo(RolledBack),
                    stopped => stopped.TransitionTo(CompletedWithIssues)));

        // Late and repeated messages are boring.
        State[] over = [Completed, CompletedWithIssues, RollingBack, RolledBack, Failed, Canceled];
        State[] all = [Planning, AwaitingApproval, Delivering, Verifying, Paused, Canceling, .. over];
        Boring(all, StartBackfill); // the run is known
        Boring(all.Except([AwaitingApproval]), ApproveBackfill); // nothing to approve; a paused run is resumed first
        Boring(all.Except([Paused]), ResumeBackfill); // is not held
        Boring(all.Except([Planning, Paused, Canceling, Failed, Canceled]), BackfillPlanned); // a repeat carries the same numbers
        Boring(all.Except([Planning, Delivering, Verifying, Paused, Canceling]), BackfillProgressed); // nothing is claimable
        Boring(all.Except([Delivering, Paused]), BackfillDelivered); // Delivering asks and is answered again
        Boring(all.Except([Verifying, Paused]), BackfillVerified); // no read-back is due
        Boring(all.Except([Canceling]), DeliveriesCanceled); // nobody waits for it
        Boring(all.Except([Verifying]), VerificationDelay.Received, BackfillStepPostponed); // entering Verifying reads back at once
        Boring(all.Except([Planning, Delivering, Verifying, Canceling]), RemindBackfill, ProgressTimeout.Received, BackfillDiagnosed); // the hub owes it nothing
        Boring(all.Except([Planning, Delivering, Verifying, Paused, Canceling]), BackfillStepFailed); // a repeat of a step that had succeeded
        Boring(all.Except([Planning, AwaitingApproval, Delivering, Verifying]), PauseBackfill); // is held, or goes no further
        Boring([Canceling, .. over], CancelBackfill); // is being canceled, or over
        Boring(all.Except([Completed, CompletedWithIssues, Failed, Canceled]), BackfillRollbackBegan); // not over, or taken back already
        Boring(all.Except([RollingBack]), BackfillRollbackEnded); // a repeat
    }

    public State Planning { get; private set; } = null!;
    public State AwaitingApproval { get; private set; } = null!;
    public State Delivering { get; private set; } = null!;
    public State Verifying { get; private set; } = null!;
    public State Paused { get; private set; } = null!;
    public State Canceling { get; private set; } = null!;
    public State Completed { get; private set; } = null!;
    public State CompletedWithIssues { get; private set; } = null!;
    public State RollingBack { get; private set; } = null!;
    public State RolledBack { get; private set; } = null!;
    public State Failed { get; private set; } = null!;
    public State Canceled { get; private set; } = null!;

    public Event<StartBackfill> StartBackfill { get; private set; } = null!;
    public Event<ApproveBackfill> ApproveBackfill { get; private set; } = null!;
    public Event<PauseBackfill> PauseBackfill { get; private set; } = null!;
    public Event<ResumeBackfill> ResumeBackfill { get; private set; } = null!;
    public Event<CancelBackfill> CancelBackfill { get; private set; } = null!;
    public Event<BackfillPlanned> BackfillPlanned { get; private set; } = null!;
    public Event<BackfillProgressed> BackfillProgressed { get; private set; } = null!;
    public Event<BackfillDelivered> BackfillDelivered { get; private set; } = null!;
    public Event<BackfillVerified> BackfillVerified { get; private set; } = null!;
    public Event<DeliveriesCanceled> DeliveriesCanceled { get; private set; } = null!;
    public Event<BackfillStepFailed> BackfillStepFailed { get; private set; } = null!;
    public Event<BackfillDiagnosed> BackfillDiagnosed { get; private set; } = null!;
    public Event<BackfillStepPostponed> BackfillStepPostponed { get; private set; } = null!;
    public Event<BackfillRollbackBegan> BackfillRollbackBegan { get; private set; } = null!;
    public Event<BackfillRollbackEnded> BackfillRollbackEnded { get; private set; } = null!;
    public Event<RemindBackfill> RemindBackfill { get; private set; } = null!;
    public Schedule<BackfillRunState, BackfillProgressTimeoutElapsed> ProgressTimeout { get; private set; } = null!;
    public Schedule<BackfillRunState, BackfillVerificationDelayElapsed> VerificationDelay { get; private set; } = null!;
}
