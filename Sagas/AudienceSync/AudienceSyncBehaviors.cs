using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas.AudienceSync.Messages;
using MassTransit;

namespace IntegrationHub.Sagas.AudienceSync;

/// <summary>The verbs of the machine. They change the row and schedule timeouts, nothing else.</summary>
internal static class AudienceSyncBehaviors
{
    /// <summary>A run whose request cannot be kept gets a failure code instead of a start.</summary>
    public static EventActivityBinder<AudienceSyncState, StartAudienceSync> RecordRequest(
        this EventActivityBinder<AudienceSyncState, StartAudienceSync> binder) => binder.Then(context =>
    {
        var (run, start) = (context.Saga, context.Message);
        (run.Audience, run.Destination, run.Mode, run.SnapshotId) = (start.Audience, start.Destination, start.Mode, start.SnapshotId);
        (run.MaxRemovalShare, run.MaxAdditionMultiple) = (start.MaxRemovalShare, start.MaxAdditionMultiple);
        (run.RequestedBy, run.RequestedAt) = (start.By, start.At.ToUniversalTime());
        (run.FailureCode, run.FailureDetail) = start switch
        {
            { Mode: not (SyncMode.Full or SyncMode.Delta or SyncMode.Mirror or SyncMode.Reconcile) } =>
                ("unknown_mode", "The mode is unknown; ask for full, delta or mirror."),
            { MaxRemovalShare: not (>= 0 and <= 1) } =>
                ("invalid_guardrail", "max_removal_share is out of range; give a share from 0 to 1."),
            { MaxAdditionMultiple: not (null or (>= 0 and <= StartAudienceSync.LargestAdditionMultiple)) } =>
                ("invalid_guardrail", "max_addition_multiple is out of range; give 0 to 1000000, or none."),
            _ => ((string?)null, (string?)null),
        };
    });

    /// <summary>Entering a state is progress: it ends a stall and every reason to wait.</summary>
    public static EventActivityBinder<AudienceSyncState> Enter(this EventActivityBinder<AudienceSyncState> binder, TimeProvider clock) =>
        binder.Then(context =>
        {
            context.Saga.Moved(clock.GetUtcNow());
            (context.Saga.ResumeState, context.Saga.WaitingFor, context.Saga.ReadBackAt) = (null, null, null);
        });

    /// <summary>Looks again when the run could have stood still for the whole timeout.</summary>
    public static EventActivityBinder<AudienceSyncState> WatchProgress(
        this EventActivityBinder<AudienceSyncState> binder,
        Schedule<AudienceSyncState, ProgressTimeoutElapsed> timeout,
        TimeProvider clock,
        AudienceSyncOptions patience) => binder.Schedule(
            timeout,
            context => new ProgressTimeoutElapsed { RunId = context.Saga.CorrelationId },
            context => context.Saga.NextLook(clock, patience));

    /// <inheritdoc cref="WatchProgress(EventActivityBinder{AudienceSyncState},Schedule{AudienceSyncState,ProgressTimeoutElapsed},TimeProvider,AudienceSyncOptions)" />
    public static EventActivityBinder<AudienceSyncState, ProgressTimeoutElapsed> WatchProgress(
        this EventActivityBinder<AudienceSyncState, ProgressTimeoutElapsed> binder,
        Schedule<AudienceSyncState, ProgressTimeoutElapsed> timeout,
        TimeProvider clock,
        AudienceSyncOptions patience) => binder.Schedule(
            timeout,
            context => new ProgressTimeoutElapsed { RunId = context.Saga.CorrelationId },
            context => context.Saga.NextLook(clock, patience));

    public static EventActivityBinder<AudienceSyncState> StopWatching(
        this EventActivityBinder<AudienceSyncState> binder,
        Schedule<AudienceSyncState, ProgressTimeoutElapsed> timeout,
        Schedule<AudienceSyncState, VerificationDelayElapsed> delay) => binder.Unschedule(timeout).Unschedule(delay);

    public static EventActivityBinder<AudienceSyncState> Finish(
        this EventActivityBinder<AudienceSyncState> binder,
        TimeProvider clock,
        Schedule<AudienceSyncState, ProgressTimeoutElapsed> timeout,
        Schedule<AudienceSyncState, VerificationDelayElapsed> delay) => binder
        .Enter(clock)
        .Then(context => context.Saga.FinishedAt = context.Saga.LastProgressAt)
        .StopWatching(timeout, delay);

    public static EventActivityBinder<AudienceSyncState, AudienceSyncPlanned> RecordPlan(
        this EventActivityBinder<AudienceSyncState, AudienceSyncPlanned> binder) => binder.Then(context =>
    {
        var (run, plan) = (context.Saga, context.Message);
        run.PlannedAt = plan.At.ToUniversalTime();
        (run.Planned, run.ToAdd, run.ToRemove, run.ToUpdate) = (plan.Planned, plan.ToAdd, plan.ToRemove, plan.ToUpdate);
        (run.CurrentMembers, run.UnreadRows) = (plan.CurrentMembers, plan.UnreadRows);
    });

    public static EventActivityBinder<AudienceSyncState> ExplainHold(this EventActivityBinder<AudienceSyncState> binder) =>
        binder.Then(context => context.Saga.WaitingFor = AudienceSyncGuardrail.Explanation(context.Saga));

    public static EventActivityBinder<AudienceSyncState, ApproveAudienceSync> RecordApproval(
        this EventActivityBinder<AudienceSyncState, ApproveAudienceSync> binder) =>
        binder.Then(context => (context.Saga.ApprovedBy, context.Saga.ApprovedAt) = (context.Message.By, context.Message.At.ToUniversalTime()));

    /// <summary>Deliveries become claimable with the state; the time is that of the first opening.</summary>
    public static EventActivityBinder<AudienceSyncState> OpenDeliveries(this EventActivityBinder<AudienceSyncState> binder) =>
        binder.Then(context => context.Saga.DeliveringAt ??= context.Saga.LastProgressAt);

    public static EventActivityBinder<AudienceSyncState, AudienceSyncDelivered> RecordDelivered(
        this EventActivityBinder<AudienceSyncState, AudienceSyncDelivered> binder) =>
        binder.Then(context => context.Saga.DeliveredAt = context.Message.At.ToUniversalTime());

    /// <summary>A resumed run reads the same round again.</summary>
    public static EventActivityBinder<AudienceSyncState> BeginReadingBack(this EventActivityBinder<AudienceSyncState> binder) =>
        binder.Then(context => context.Saga.VerificationRound ??= 1);

    public static EventActivityBinder<AudienceSyncState, AudienceSyncVerified> RecordReadBack(
        this EventActivityBinder<AudienceSyncState, AudienceSyncVerified> binder) => binder.Then(context =>
    {
        var (run, seen) = (context.Saga, context.Message);
        run.VerifiedAt = seen.At.ToUniversalTime();
        (run.Expected, run.Found, run.Missing, run.Unexpected) = (seen.Expected, seen.Found, seen.Missing, seen.Unexpected);
        run.Moved(seen.At);
    });

    /// <summary>Growing pauses give the vendor time; from here on answers of this round are late.</summary>
    public static EventActivityBinder<AudienceSyncState, AudienceSyncVerified> ReadBackLater(
        this EventActivityBinder<AudienceSyncState, AudienceSyncVerified> binder,
        Schedule<AudienceSyncState, VerificationDelayElapsed> delay,
        TimeProvider clock,
        AudienceSyncOptions patience) => binder
        .Then(context =>
        {
            var run = context.Saga;
            run.VerificationRound = context.Message.Round + 1;
            run.ReadBackAt = run.NextReadBack(context.Message.Round, clock, patience);
            run.WaitingFor = run.ExplainCatchingUp(patience);
        })
        .Schedule(
            delay,
            context => new VerificationDelayElapsed { RunId = context.Saga.CorrelationId },
            context => context.Saga.ReadBackAt!.Value.UtcDateTime);

    /// <summary>The destination is in trouble: the same step is asked for again when that may be over.</summary>
    public static EventActivityBinder<AudienceSyncState, AudienceSyncStepPostponed> AskAgainWhenItIsOver(
        this EventActivityBinder<AudienceSyncState, AudienceSyncStepPostponed> binder,
        Schedule<AudienceSyncState, VerificationDelayElapsed> delay) => binder.Schedule(
            delay,
            context => new VerificationDelayElapsed { RunId = context.Saga.CorrelationId },
            context => context.Message.Until.UtcDateTime);

    public static EventActivityBinder<AudienceSyncState, VerificationDelayElapsed> EndWaitForVendor(
        this EventActivityBinder<AudienceSyncState, VerificationDelayElapsed> binder) => binder.Then(context =>
    {
        var run = context.Saga;
        (run.WaitingFor, run.ReadBackAt) = (run.ReadBackAt is null ? run.WaitingFor : null, null);
    });

    public static EventActivityBinder<AudienceSyncState, AudienceSyncProgressed> RecordProgress(
        this EventActivityBinder<AudienceSyncState, AudienceSyncProgressed> binder) =>
        binder.Then(context => context.Saga.Moved(context.Message.At));

    public static EventActivityBinder<AudienceSyncState, AudienceSyncDiagnosed> RecordStall(
        this EventActivityBinder<AudienceSyncState, AudienceSyncDiagnosed> binder) => binder.Then(context =>
    {
        var (run, diagnosis) = (context.Saga, context.Message);
        run.StalledSince ??= run.LastProgressAt;
        (run.DiagnosisCode, run.DiagnosisDetail, run.WaitingFor) = (diagnosis.Code, diagnosis.Detail, diagnosis.Detail);
    });

    public static EventActivityBinder<AudienceSyncState, AudienceSyncStepFailed> RecordFailure(
        this EventActivityBinder<AudienceSyncState, AudienceSyncStepFailed> binder) => binder.Then(context =>
    {
        context.Saga.FailureCode ??= context.Message.Code; // the first failure is the cause
        context.Saga.FailureDetail ??= context.Message.Detail;
    });

    public static EventActivityBinder<AudienceSyncState, CancelAudienceSync> RecordCancellation(
        this EventActivityBinder<AudienceSyncState, CancelAudienceSync> binder) =>
        binder.Then(context => context.Saga.CanceledBy = context.Message.By);

    public static EventActivityBinder<AudienceSyncState, PauseAudienceSync> Hold(
        this EventActivityBinder<AudienceSyncState, PauseAudienceSync> binder) => binder.Then(context =>
    {
        var run = context.Saga;
        run.EndStall();
        run.ReadBackAt = null;
        run.ResumeState = run.CurrentState;
        run.WaitingFor = $"Paused by {context.Message.By}; go on with 'sync resume {run.CorrelationId}'.";
    });

    /// <summary>An answer that arrived while paused moves the place where the run goes on.</summary>
    public static EventActivityBinder<AudienceSyncState, T> ResumeIn<T>(this EventActivityBinder<AudienceSyncState, T> binder, State state)
        where T : class => binder.Then(context => context.Saga.ResumeState = state.Name);

    public static EventActivityBinder<AudienceSyncState, ResumeAudienceSync> ReturnToOneOf(
        this EventActivityBinder<AudienceSyncState, ResumeAudienceSync> binder, params State[] states) => states is [var only]
        ? binder.TransitionTo(only)
        : binder.IfElse(
            context => context.Saga.WillResumeIn(states[0]),
            there => there.TransitionTo(states[0]),
            elsewhere => elsewhere.ReturnToOneOf(states[1..]));
}
