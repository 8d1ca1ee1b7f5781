using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Sagas.BackfillRun.Messages;
using MassTransit;

namespace IntegrationHub.Sagas.BackfillRun;

/// <summary>The verbs of the machine. They change the row and schedule timeouts, nothing else.</summary>
internal static class BackfillRunBehaviors
{
    /// <summary>A run whose request cannot be kept gets a failure code instead of a start.</summary>
    public static EventActivityBinder<BackfillRunState, StartBackfill> RecordRequest(
        this EventActivityBinder<BackfillRunState, StartBackfill> binder) => binder.Then(context =>
    {
        var (run, start) = (context.Saga, context.Message);
        (run.Kind, run.Destination, run.Audience, run.RollsBack) = (start.Kind, start.Destination, start.Audience, start.RollsBack);
        (run.RequestedBy, run.RequestedAt) = (start.By, start.At.ToUniversalTime());
        (run.FailureCode, run.FailureDetail) = start switch
        {
            { Kind: BackfillKind.Attributes, RollsBack: null } or { Kind: BackfillKind.Rollback, RollsBack: not null } => ((string?)null, (string?)null),
            { Kind: BackfillKind.Attributes or BackfillKind.Rollback } => ("rollback_of_nothing", "A rollback names the run that it takes back, and no other backfill does; start it with 'backfill rollback RUN'."),
            _ => ("unknown_kind", "The kind is unknown; ask for attributes or rollback."),
        };
    });

    /// <summary>Entering a state is progress: it ends a stall and every reason to wait.</summary>
    public static EventActivityBinder<BackfillRunState> Enter(this EventActivityBinder<BackfillRunState> binder, TimeProvider clock) =>
        binder.Then(context =>
        {
            context.Saga.Moved(clock.GetUtcNow());
            (context.Saga.ResumeState, context.Saga.WaitingFor, context.Saga.ReadBackAt) = (null, null, null);
        });

    /// <summary>Looks again when the run could have stood still for the whole timeout.</summary>
    public static EventActivityBinder<BackfillRunState> WatchProgress(
        this EventActivityBinder<BackfillRunState> binder,
        Schedule<BackfillRunState, BackfillProgressTimeoutElapsed> timeout,
        TimeProvider clock,
        BackfillRunOptions patience) => binder.Schedule(
            timeout,
            context => new BackfillProgressTimeoutElapsed { RunId = context.Saga.CorrelationId },
            context => context.Saga.NextLook(clock, patience));

    /// <inheritdoc cref="WatchProgress(EventActivityBinder{BackfillRunState},Schedule{BackfillRunState,BackfillProgressTimeoutElapsed},TimeProvider,BackfillRunOptions)" />
    public static EventActivityBinder<BackfillRunState, BackfillProgressTimeoutElapsed> WatchProgress(
        this EventActivityBinder<BackfillRunState, BackfillProgressTimeoutElapsed> binder,
        Schedule<BackfillRunState, BackfillProgressTimeoutElapsed> timeout,
        TimeProvider clock,
        BackfillRunOptions patience) => binder.Schedule(
            timeout,
            context => new BackfillProgressTimeoutElapsed { RunId = context.Saga.CorrelationId },
            context => context.Saga.NextLook(clock, patience));

    public static EventActivityBinder<BackfillRunState> StopWatching(
        this EventActivityBinder<BackfillRunState> binder,
        Schedule<BackfillRunState, BackfillProgressTimeoutElapsed> timeout,
        Schedule<BackfillRunState, BackfillVerificationDelayElapsed> delay) => binder.Unschedule(timeout).Unschedule(delay);

    public static EventActivityBinder<BackfillRunState> Finish(
        this EventActivityBinder<BackfillRunState> binder,
        TimeProvider clock,
        Schedule<BackfillRunState, BackfillProgressTimeoutElapsed> timeout,
        Schedule<BackfillRunState, BackfillVerificationDelayElapsed> delay) => binder
        .Enter(clock)
        .Then(context => context.Saga.FinishedAt ??= context.Saga.LastProgressAt)
        .StopWatching(timeout, delay);

    public static EventActivityBinder<BackfillRunState, BackfillPlanned> RecordPlan(
        this EventActivityBinder<BackfillRunState, BackfillPlanned> binder) => binder.Then(context =>
    {
        var (run, plan) = (context.Saga, context.Message);
        run.PlannedAt = plan.At.ToUniversalTime();
        (run.Planned, run.ToWrite, run.PlanHash) = (plan.Planned, plan.ToWrite, plan.PlanHash);
    });

    public static EventActivityBinder<BackfillRunState> ExplainApproval(this EventActivityBinder<BackfillRunState> binder) =>
        binder.Then(context => context.Saga.WaitingFor = context.Saga.ExplainApproval());

    public static EventActivityBinder<BackfillRunState, ApproveBackfill> RecordApproval(
        this EventActivityBinder<BackfillRunState, ApproveBackfill> binder) =>
        binder.Then(context => (context.Saga.ApprovedBy, context.Saga.ApprovedAt) = (context.Message.By, context.Message.At.ToUniversalTime()));

    public static EventActivityBinder<BackfillRunState, BackfillRollbackBegan> RecordRollback(
        this EventActivityBinder<BackfillRunState, BackfillRollbackBegan> binder) => binder.Then(context =>
    {
        var run = context.Saga;
        run.Moved(context.Message.At);
        (run.RollbackId, run.WaitingFor) = (context.Message.RollbackId, $"Run {context.Message.RollbackId} takes back what this one wrote; see 'backfill show {context.Message.RollbackId}'.");
    });

    /// <summary>The run that is taken back learns it; of any other nobody waits to hear.</summary>
    public static EventActivityBinder<BackfillRunState> SayRollbackBegan(this EventActivityBinder<BackfillRunState> binder) =>
        binder.If(context => context.Saga.RollsBack is not null, rollback => rollback.Publish(context => context.Saga.RollbackBegan()));

    /// <inheritdoc cref="SayRollbackBegan" />
    public static EventActivityBinder<BackfillRunState> SayRollbackEnded(this EventActivityBinder<BackfillRunState> binder, bool isDone) =>
        binder.If(context => context.Saga is { RollsBack: not null, DeliveringAt: not null }, rollback => rollback.Publish(context => context.Saga.RollbackEnded(isDone)));

    /// <summary>Deliveries become claimable with the state; the time is that of the first opening.</summary>
    public static EventActivityBinder<BackfillRunState> OpenDeliveries(this EventActivityBinder<BackfillRunState> binder) =>
        binder.Then(context => context.Saga.DeliveringAt ??= context.Saga.LastProgressAt);

    public static EventActivityBinder<BackfillRunState, BackfillDelivered> RecordDelivered(
        this EventActivityBinder<BackfillRunState, BackfillDelivered> binder) =>
        binder.Then(context => context.Saga.DeliveredAt = context.Message.At.ToUniversalTime());

    /// <summary>A resumed run reads the same round again.</summary>
    public static EventActivityBinder<BackfillRunState> BeginReadingBack(this EventActivityBinder<BackfillRunState> binder) =>
        binder.Then(context => context.Saga.VerificationRound ??= 1);

    public static EventActivityBinder<BackfillRunState, BackfillVerified> RecordReadBack(
        this EventActivityBinder<BackfillRunState, BackfillVerified> binder) => binder.Then(context =>
    {
        var (run, seen) = (context.Saga, context.Message);
        run.VerifiedAt = seen.At.ToUniversalTime();
        (run.Expected, run.Found, run.Missing) = (seen.Expected, seen.Found, seen.Missing);
        run.Moved(seen.At);
    });

    /// <summary>Growing pauses give the vendor time; from here on answers of this round are late.</summary>
    public static EventActivityBinder<BackfillRunState, BackfillVerified> ReadBackLater(
        this EventActivityBinder<BackfillRunState, BackfillVerified> binder,
        Schedule<BackfillRunState, BackfillVerificationDelayElapsed> delay,
        TimeProvider clock,
        BackfillRunOptions patience) => binder
        .Then(context =>
        {
            var run = context.Saga;
            run.VerificationRound = context.Message.Round + 1;
            run.ReadBackAt = run.NextReadBack(context.Message.Round, clock, patience);
            run.WaitingFor = run.ExplainCatchingUp(patience);
        })
        .Schedule(
            delay,
            context => new BackfillVerificationDelayElapsed { RunId = context.Saga.CorrelationId },
            context => context.Saga.ReadBackAt!.Value.UtcDateTime);

    /// <summary>The destination is in trouble: the same step is asked for again when that may be over.</summary>
    public static EventActivityBinder<BackfillRunState, BackfillStepPostponed> AskAgainWhenItIsOver(
        this EventActivityBinder<BackfillRunState, BackfillStepPostponed> binder,
        Schedule<BackfillRunState, BackfillVerificationDelayElapsed> delay) => binder.Schedule(
            delay,
            context => new BackfillVerificationDelayElapsed { RunId = context.Saga.CorrelationId },
            context => context.Message.Until.UtcDateTime);

    public static EventActivityBinder<BackfillRunState, BackfillVerificationDelayElapsed> EndWaitForVendor(
        this EventActivityBinder<BackfillRunState, BackfillVerificationDelayElapsed> binder) => binder.Then(context =>
    {
        var run = context.Saga;
        (run.WaitingFor, run.ReadBackAt) = (run.ReadBackAt is null ? run.WaitingFor : null, null);
    });

    public static EventActivityBinder<BackfillRunState, BackfillProgressed> RecordProgress(
        this EventActivityBinder<BackfillRunState, BackfillProgressed> binder) =>
        binder.Then(context => context.Saga.Moved(context.Message.At));

    public static EventActivityBinder<BackfillRunState, BackfillDiagnosed> RecordStall(
        this EventActivityBinder<BackfillRunState, BackfillDiagnosed> binder) => binder.Then(context =>
    {
        var (run, diagnosis) = (context.Saga, context.Message);
        run.StalledSince ??= run.LastProgressAt;
        (run.DiagnosisCode, run.DiagnosisDetail, run.WaitingFor) = (diagnosis.Code, diagnosis.Detail, diagnosis.Detail);
    });

    public static EventActivityBinder<BackfillRunState, BackfillStepFailed> RecordFailure(
        this EventActivityBinder<BackfillRunState, BackfillStepFailed> binder) => binder.Then(context =>
    {
        context.Saga.FailureCode ??= context.Message.Code; // the first failure is the cause
        context.Saga.FailureDetail ??= context.Message.Detail;
    });

    public static EventActivityBinder<BackfillRunState, CancelBackfill> RecordCancellation(
        this EventActivityBinder<BackfillRunState, CancelBackfill> binder) =>
        binder.Then(context => context.Saga.CanceledBy = context.Message.By);

    public static EventActivityBinder<BackfillRunState, PauseBackfill> Hold(
        this EventActivityBinder<BackfillRunState, PauseBackfill> binder) => binder.Then(context =>
    {
        var run = context.Saga;
        run.EndStall();
        run.ReadBackAt = null;
        run.ResumeState = run.CurrentState;
        run.WaitingFor = $"Paused by {context.Message.By}; go on with 'backfill resume {run.CorrelationId}'.";
    });

    /// <summary>An answer that arrived while paused moves the place where the run goes on.</summary>
    public static EventActivityBinder<BackfillRunState, T> ResumeIn<T>(this EventActivityBinder<BackfillRunState, T> binder, State state)
        where T : class => binder.Then(context => context.Saga.ResumeState = state.Name);

    public static EventActivityBinder<BackfillRunState, ResumeBackfill> ReturnToOneOf(
        this EventActivityBinder<BackfillRunState, ResumeBackfill> binder, params State[] states) => states is [var only]
        ? binder.TransitionTo(only)
        : binder.IfElse(
            context => context.Saga.WillResumeIn(states[0]),
            there => there.TransitionTo(states[0]),
            elsewhere => elsewhere.ReturnToOneOf(states[1..]));
}
