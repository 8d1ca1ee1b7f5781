using IntegrationHub.Sagas.Erasure.Messages;
using MassTransit;

namespace IntegrationHub.Sagas.Erasure;

/// <summary>The verbs of the machine. They change the row and schedule looks, nothing else.</summary>
internal static class ErasureBehaviors
{
    public static EventActivityBinder<ErasureState, RequestErasure> RecordRequest(this EventActivityBinder<ErasureState, RequestErasure> binder) => binder.Then(context =>
    {
        var (erasure, request) = (context.Saga, context.Message);
        (erasure.Law, erasure.Reason, erasure.SubjectHash) = (request.Law, request.Reason, request.SubjectHash);
        (erasure.RequestedBy, erasure.RequestedAt, erasure.ApprovalId) = (request.By, request.At.ToUniversalTime(), request.ApprovalId);
        erasure.Deadline = ErasureLaw.DeadlineOf(request.Law, erasure.RequestedAt);
    });

    public static EventActivityBinder<ErasureState, RequestErasure> WatchDeadline(
        this EventActivityBinder<ErasureState, RequestErasure> binder, Schedule<ErasureState, ErasureHalfTimeElapsed> halfTime) => binder.Schedule(
            halfTime,
            context => new ErasureHalfTimeElapsed { RequestId = context.Saga.CorrelationId },
            context => (context.Saga.RequestedAt + (context.Saga.Deadline - context.Saga.RequestedAt) / 2).UtcDateTime);

    /// <summary>Entering a state ends what was waited for.</summary>
    public static EventActivityBinder<ErasureState> Enter(this EventActivityBinder<ErasureState> binder) => binder.Then(context => context.Saga.WaitingFor = null);

    /// <summary>Whatever becomes of what was asked: it is looked at again then.</summary>
    public static EventActivityBinder<ErasureState> LookAgain(
        this EventActivityBinder<ErasureState> binder, Schedule<ErasureState, ErasureLookElapsed> look, TimeProvider clock, ErasureOptions patience) => binder.Schedule(
            look, context => LookOf(context.Saga), _ => (clock.GetUtcNow() + patience.LookAgain).UtcDateTime);

    /// <inheritdoc cref="LookAgain(EventActivityBinder{ErasureState},Schedule{ErasureState,ErasureLookElapsed},TimeProvider,ErasureOptions)" />
    public static EventActivityBinder<ErasureState, ErasureLookElapsed> LookAgain(
        this EventActivityBinder<ErasureState, ErasureLookElapsed> binder, Schedule<ErasureState, ErasureLookElapsed> look, TimeProvider clock, ErasureOptions patience) => binder.Schedule(
            look, context => LookOf(context.Saga), _ => (clock.GetUtcNow() + patience.LookAgain).UtcDateTime);

    /// <summary>The step could not be finished: it is asked for again when the hub says.</summary>
    public static EventActivityBinder<ErasureState, ErasureStepPostponed> Postpone(
        this EventActivityBinder<ErasureState, ErasureStepPostponed> binder, Schedule<ErasureState, ErasureLookElapsed> look) => binder
        .Then(context => context.Saga.WaitingFor = context.Message.WaitingFor)
        .Schedule(look, context => LookOf(context.Saga), context => context.Message.Until.UtcDateTime);

    /// <summary>The vendor may restore, and somebody may import: looked after again later.</summary>
    public static EventActivityBinder<ErasureState> RecheckLater(
        this EventActivityBinder<ErasureState> binder, Schedule<ErasureState, ErasureLookElapsed> look, ErasureOptions patience) => binder.Schedule(
            look, context => LookOf(context.Saga), context => NextRecheck(context.Saga, patience).UtcDateTime);

    /// <inheritdoc cref="RecheckLater(EventActivityBinder{ErasureState},Schedule{ErasureState,ErasureLookElapsed},ErasureOptions)" />
    public static EventActivityBinder<ErasureState, DestinationsRechecked> RecheckLater(
        this EventActivityBinder<ErasureState, DestinationsRechecked> binder, Schedule<ErasureState, ErasureLookElapsed> look, ErasureOptions patience) => binder
        .Then(context => (context.Saga.Recheck, context.Saga.WaitingFor) = (context.Saga.Recheck + 1, null))
        .Schedule(look, context => LookOf(context.Saga), context => NextRecheck(context.Saga, patience).UtcDateTime);

    public static EventActivityBinder<ErasureState> Finish(
        this EventActivityBinder<ErasureState> binder, TimeProvider clock, Schedule<ErasureState, ErasureLookElapsed> look, Schedule<ErasureState, ErasureHalfTimeElapsed> halfTime) => binder
        .Enter()
        .Then(context => context.Saga.FinishedAt = clock.GetUtcNow())
        .Unschedule(look)
        .Unschedule(halfTime);

    private static DateTimeOffset NextRecheck(ErasureState erasure, ErasureOptions patience) => erasure.ErasedAt!.Value + patience.Rechecks[erasure.Recheck - 1];

    private static ErasureLookElapsed LookOf(ErasureState erasure) => new() { RequestId = erasure.CorrelationId };
}
