using IntegrationHub.Sagas.Erasure.Messages;
using MassTransit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Sagas.Erasure;

/// <summary>
/// One person's erasure, from the request to the last look. When it needs no approval, or has it, tombstones are written and what is pending is settled: from then on nothing about the
/// person leaves. Every destination deletes and is read back, then the hub's own tables are emptied. After seven and thirty days all of it is looked at again. Steps may be asked
/// for any number of times; one that nobody answers is asked for again.
/// </summary>
public sealed partial class ErasureStateMachine : HubStateMachine<ErasureState>
{
    /// <summary>Builds the machine.</summary>
    /// <param name="clock">The only clock of the machine.</param>
    /// <param name="options">How patient an erasure is.</param>
    /// <param name="logger">Hears of deadlines.</param>
    public ErasureStateMachine(TimeProvider clock, IOptions<ErasureOptions> options, ILogger<ErasureStateMachine> logger)
    {
        var patience = options.Value;
        InstanceState(erasure => erasure.CurrentState);
        First(() => RequestErasure, request => request.RequestId);
        FromOperator(() => ApproveErasure, decision => decision.RequestId);
        FromOperator(() => RefuseErasure, decision => decision.RequestId);
        FromHub(() => PersonSuppressed, answer => answer.RequestId);
        FromHub(() => DestinationsErased, answer => answer.RequestId);
        FromHub(() => OwnTablesErased, answer => answer.RequestId);
        FromHub(() => DestinationsRechecked, answer => answer.RequestId);
        FromHub(() => ErasureStepPostponed, answer => answer.RequestId);
        FromItself(() => Look, erasure => erasure.LookTokenId, look => look.RequestId);
        FromItself(() => HalfTime, erasure => erasure.HalfTimeTokenId, halfTime => halfTime.RequestId);

        Initially(
            When(RequestErasure)
                .RecordRequest()
                .WatchDeadline(HalfTime)
                .IfElse(context => context.Saga.ApprovalId is not null,
                    asked => asked.TransitionTo(AwaitingApproval),
                    free => free.TransitionTo(Suppressing)));

        WhenEnter(AwaitingApproval, erasure => erasure.Then(context => context.Saga.WaitingFor = $"A person has to agree: 'approvals list' shows approval {context.Saga.ApprovalId}."));
        During(AwaitingApproval,
            When(ApproveErasure).Then(context => context.Saga.DecidedBy = context.Message.By).TransitionTo(Suppressing),
            When(RefuseErasure).Then(context => context.Saga.DecidedBy = context.Message.By).TransitionTo(Refused));

        WhenEnter(Suppressing, erasure => erasure.Enter().Publish(context => new SuppressPerson { RequestId = context.Saga.CorrelationId }).LookAgain(Look, clock, patience));
        During(Suppressing,
            When(PersonSuppressed).Then(context => context.Saga.SuppressedAt = context.Message.At.ToUniversalTime()).TransitionTo(ErasingDestinations),
            When(ErasureStepPostponed, context => context.Message.Step == nameof(SuppressPerson)).Postpone(Look),
            When(Look.Received).Publish(context => new SuppressPerson { RequestId = context.Saga.CorrelationId }).LookAgain(Look, clock, patience));

        WhenEnter(ErasingDestinations, erasure => erasure.Enter().Publish(context => new EraseAtDestinations { RequestId = context.Saga.CorrelationId }).LookAgain(Look, clock, patience));
        During(ErasingDestinations,
            When(DestinationsErased)
                .Then(context => (context.Saga.DestinationsAt, context.Saga.WithIssues) = (context.Message.At.ToUniversalTime(), context.Message.WithIssues))
                .TransitionTo(ErasingOwn),
            When(ErasureStepPostponed, context => context.Message.Step == nameof(EraseAtDestinations)).Postpone(Look),
            When(Look.Received).Publish(context => new EraseAtDestinations { RequestId = context.Saga.CorrelationId }).LookAgain(Look, clock, patience));

        WhenEnter(ErasingOwn, erasure => erasure.Enter().Publish(context => new EraseOwnTables { RequestId = context.Saga.CorrelationId }).LookAgain(Look, clock, patience));
        During(ErasingOwn,
            When(OwnTablesErased)
                .Then(context => (context.Saga.ErasedAt, context.Saga.Recheck) = (context.Message.At.ToUniversalTime(), 1))
                .TransitionTo(Rechecking),
            When(ErasureStepPostponed, context => context.Message.Step == nameof(EraseOwnTables)).Postpone(Look),
            When(Look.Received).Publish(context => new EraseOwnTables { RequestId = context.Saga.CorrelationId }).LookAgain(Look, clock, patience));

        WhenEnter(Rechecking, erasure => erasure.Enter().RecheckLater(Look, patience));
        During(Rechecking,
            When(Look.Received)
                .Publish(context => new RecheckDestinations { RequestId = context.Saga.CorrelationId, Round = context.Saga.Recheck })
                .LookAgain(Look, clock, patience),
            When(ErasureStepPostponed, context => context.Message.Step == nameof(RecheckDestinations)).Postpone(Look),
            When(DestinationsRechecked, context => context.Message.Round == context.Saga.Recheck) // an earlier round is late
                .Then(context => context.Saga.WithIssues = context.Message.WithIssues) // of all destinations, as they stand
                .IfElse(context => context.Saga.Recheck < patience.Rechecks.Count,
                    again => again.RecheckLater(Look, patience),
                    over => over.IfElse(context => context.Saga.WithIssues,
                        withIssues => withIssues.TransitionTo(CompletedWithIssues),
                        clean => clean.TransitionTo(Completed))));

        WhenEnter(Completed, erasure => erasure.Finish(clock, Look, HalfTime));
        WhenEnter(CompletedWithIssues, erasure => erasure.Finish(clock, Look, HalfTime));
        WhenEnter(Refused, erasure => erasure.Finish(clock, Look, HalfTime));

        // The law's time runs whoever is waited for.
        During([AwaitingApproval, Suppressing, ErasingDestinations, ErasingOwn], When(HalfTime.Received).Then(context =>
        {
            context.Saga.AlarmedAt ??= clock.GetUtcNow();
            LogHalfTime(logger, context.Saga.CorrelationId, context.Saga.CurrentState, context.Saga.Law, context.Saga.Deadline);
        }));

        // Late and repeated messages are boring.
        State[] all = [AwaitingApproval, Suppressing, ErasingDestinations, ErasingOwn, Rechecking, Completed, CompletedWithIssues, Refused];
        State[] over = [Completed, CompletedWithIssues, Refused];
        Boring(all, RequestErasure); // is known
        Boring(all.Except([AwaitingApproval]), ApproveErasure, RefuseErasure); // was decided
        Boring(all.Except([Suppressing]), PersonSuppressed); // a repeat
        Boring(all.Except([ErasingDestinations]), DestinationsErased); // a repeat
        Boring(all.Except([ErasingOwn]), OwnTablesErased); // a repeat
        Boring(all.Except([Rechecking]), DestinationsRechecked); // no look is due
        Boring([AwaitingApproval, .. over], ErasureStepPostponed, Look.Received); // nothing is asked for
        Boring([Rechecking, .. over], HalfTime.Received); // the person is erased, or never was to be
    }

    public State AwaitingApproval { get; private set; } = null!;
    public State Suppressing { get; private set; } = null!;
    public State ErasingDestinations { get; private set; } = null!;
    public State ErasingOwn { get; private set; } = null!;
    public State Rechecking { get; private set; } = null!;
    public State Completed { get; private set; } = null!;
    public State CompletedWithIssues { get; private set; } = null!;
    public State Refused { get; private set; } = null!;

    public Event<RequestErasure> RequestErasure { get; private set; } = null!;
    public Event<ApproveErasure> ApproveErasure { get; private set; } = null!;
    public Event<RefuseErasure> RefuseErasure { get; private set; } = null!;
    public Event<PersonSuppressed> PersonSuppressed { get; private set; } = null!;
    public Event<DestinationsErased> DestinationsErased { get; private set; } = null!;
    public Event<OwnTablesErased> OwnTablesErased { get; private set; } = null!;
    public Event<DestinationsRechecked> DestinationsRechecked { get; private set; } = null!;
    public Event<ErasureStepPostponed> ErasureStepPostponed { get; private set; } = null!;
    public Schedule<ErasureState, ErasureLookElapsed> Look { get; private set; } = null!;
    public Schedule<ErasureState, ErasureHalfTimeElapsed> HalfTime { get; private set; } = null!;

    [LoggerMessage(2202, LogLevel.Error, "Erasure {RequestId} is {State} and half of the time that {Law} gives is over; it has to be done by {Deadline:u}. 'erase show' tells what it waits for")]
    private static partial void LogHalfTime(ILogger logger, Guid requestId, string state, string law, DateTimeOffset deadline);
}
