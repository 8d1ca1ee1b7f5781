using MassTransit;

namespace IntegrationHub.Sagas.Runs;

/// <summary>The verbs that machines of runs share. They change the row and schedule timeouts, nothing else.</summary>
internal static class RunBehaviors
{
    /// <summary>What is done on entering a state.</summary>
    extension<TRun>(EventActivityBinder<TRun> binder)
        where TRun : RunRow
    {
        /// <summary>Entering a state is progress: it ends a stall and every reason to wait.</summary>
        public EventActivityBinder<TRun> Enter(TimeProvider clock) => binder.Then(context =>
        {
            context.Saga.Moved(clock.GetUtcNow());
            (context.Saga.ResumeState, context.Saga.WaitingFor, context.Saga.ReadBackAt) = (null, null, null);
        });

        /// <summary>Deliveries become claimable with the state; the time is that of the first opening.</summary>
        public EventActivityBinder<TRun> OpenDeliveries() => binder.Then(context => context.Saga.DeliveringAt ??= context.Saga.LastProgressAt);

        /// <summary>A resumed run reads the same round again.</summary>
        public EventActivityBinder<TRun> BeginReadingBack() => binder.Then(context => context.Saga.VerificationRound ??= 1);

        /// <summary>Looks again when the run could have stood still for the whole timeout.</summary>
        public EventActivityBinder<TRun> WatchProgress<TLook, TDelay>(RunTimeouts<TRun, TLook, TDelay> timeouts)
            where TLook : class
            where TDelay : class => binder.Schedule(timeouts.Progress, context => timeouts.LookAt(context.Saga), context => timeouts.NextLook(context.Saga));

        public EventActivityBinder<TRun> StopWatching<TLook, TDelay>(RunTimeouts<TRun, TLook, TDelay> timeouts)
            where TLook : class
            where TDelay : class => binder.Unschedule(timeouts.Progress).Unschedule(timeouts.Verification);

        public EventActivityBinder<TRun> Finish<TLook, TDelay>(RunTimeouts<TRun, TLook, TDelay> timeouts)
            where TLook : class
            where TDelay : class => binder
            .Enter(timeouts.Clock)
            .Then(context => context.Saga.FinishedAt ??= context.Saga.LastProgressAt)
            .StopWatching(timeouts);
    }

    /// <summary>What is done about a message.</summary>
    extension<TRun, T>(EventActivityBinder<TRun, T> binder)
        where TRun : RunRow
        where T : class
    {
        public EventActivityBinder<TRun, T> RecordApproval(Func<T, (string By, DateTimeOffset At)> said) => binder.Then(context =>
        {
            var (by, at) = said(context.Message);
            (context.Saga.ApprovedBy, context.Saga.ApprovedAt, context.Saga.HeldUntil) = (by, at.ToUniversalTime(), at.ToUniversalTime());
        });

        public EventActivityBinder<TRun, T> RecordRelease(Func<T, DateTimeOffset> at) => binder.Then(context => context.Saga.HeldUntil = at(context.Message).ToUniversalTime());

        public EventActivityBinder<TRun, T> RecordDelivered(Func<T, DateTimeOffset> at) =>
            binder.Then(context => context.Saga.DeliveredAt = at(context.Message).ToUniversalTime());

        public EventActivityBinder<TRun, T> RecordProgress(Func<T, DateTimeOffset> at) => binder.Then(context => context.Saga.Moved(at(context.Message)));

        /// <summary>Looks again when the run could have stood still for the whole timeout.</summary>
        public EventActivityBinder<TRun, T> WatchProgress<TDelay>(RunTimeouts<TRun, T, TDelay> timeouts)
            where TDelay : class => binder.Schedule(timeouts.Progress, context => timeouts.LookAt(context.Saga), context => timeouts.NextLook(context.Saga));

        /// <summary>Growing pauses give the vendor time; from here on answers of this round are late.</summary>
        public EventActivityBinder<TRun, T> ReadBackLater<TLook, TDelay>(RunTimeouts<TRun, TLook, TDelay> timeouts, Func<T, int> round, Func<TRun, string> explanation)
            where TLook : class
            where TDelay : class => binder
            .Then(context =>
            {
                var (run, read) = (context.Saga, round(context.Message));
                run.VerificationRound = read + 1;
                run.ReadBackAt = run.NextReadBack(read, timeouts.Clock, timeouts.Patience);
                run.WaitingFor = explanation(run);
            })
            .Schedule(timeouts.Verification, context => timeouts.DelayOf(context.Saga), context => context.Saga.ReadBackAt!.Value.UtcDateTime);

        /// <summary>The destination is in trouble: the same step is asked for again when that may be over.</summary>
        public EventActivityBinder<TRun, T> AskAgainWhenItIsOver<TLook, TDelay>(RunTimeouts<TRun, TLook, TDelay> timeouts, Func<T, DateTimeOffset> until)
            where TLook : class
            where TDelay : class => binder.Schedule(timeouts.Verification, context => timeouts.DelayOf(context.Saga), context => until(context.Message).UtcDateTime);

        public EventActivityBinder<TRun, T> EndWaitForVendor() => binder.Then(context =>
        {
            var run = context.Saga;
            (run.WaitingFor, run.ReadBackAt) = (run.ReadBackAt is null ? run.WaitingFor : null, null);
        });

        public EventActivityBinder<TRun, T> RecordStall(Func<T, (string Code, string Detail)> diagnosis) => binder.Then(context =>
        {
            var run = context.Saga;
            run.StalledSince ??= run.LastProgressAt;
            (run.DiagnosisCode, run.DiagnosisDetail) = diagnosis(context.Message);
            run.WaitingFor = run.DiagnosisDetail;
        });

        /// <summary>The first failure is the cause.</summary>
        public EventActivityBinder<TRun, T> RecordFailure(Func<T, (string Code, string Detail)> failure) => binder.Then(context =>
        {
            var (code, detail) = failure(context.Message);
            context.Saga.FailureCode ??= code;
            context.Saga.FailureDetail ??= detail;
        });

        public EventActivityBinder<TRun, T> RecordCancellation(Func<T, string> by) => binder.Then(context => context.Saga.CanceledBy = by(context.Message));

        /// <summary>A person holds the run, or the hub does.</summary>
        /// <param name="verb">The command that steers runs of this kind: <c>sync</c>, <c>backfill</c>.</param>
        /// <param name="by">Who holds it.</param>
        /// <param name="why">Why and what to do; null, or giving null, when a person may let it go on as it is.</param>
        public EventActivityBinder<TRun, T> Hold(string verb, Func<T, string> by, Func<T, string?>? why = null) => binder.Then(context =>
        {
            var run = context.Saga;
            run.EndStall();
            (run.ReadBackAt, run.ResumeState) = (null, run.CurrentState);
            run.WaitingFor = $"Paused by {by(context.Message)}{(why?.Invoke(context.Message) is { } reason ? $": {reason}" : $"; go on with '{verb} resume {run.CorrelationId}'.")}";
        });

        /// <summary>An answer that arrived while paused moves the place where the run goes on.</summary>
        public EventActivityBinder<TRun, T> ResumeIn(State state) => binder.Then(context => context.Saga.ResumeState = state.Name);

        public EventActivityBinder<TRun, T> ReturnToOneOf(params State[] states) => states is [var only]
            ? binder.TransitionTo(only)
            : binder.IfElse(
                context => context.Saga.WillResumeIn(states[0]),
                there => there.TransitionTo(states[0]),
                elsewhere => elsewhere.ReturnToOneOf(states[1..]));
    }
}
