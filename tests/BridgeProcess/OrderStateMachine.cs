using MassTransit;

namespace IntegrationHub.BridgeProcess;

/// <summary>
/// Counts touches. A touch may be an order's first event; an order may expire unless it is kept; a closed order is
/// removed.
/// </summary>
public sealed class OrderStateMachine : MassTransitStateMachine<OrderState>
{
    public OrderStateMachine()
    {
        InstanceState(x => x.CurrentState);
        Event(() => Started, x => x.CorrelateById(context => context.Message.OrderId));
        Event(() => Touched, x => x.CorrelateById(context => context.Message.OrderId));
        Event(() => TouchedByName, x =>
        {
            x.CorrelateBy((order, context) => order.Name == context.Message.Name);
            x.SelectId(_ => NewId.NextGuid());
        });
        Event(() => Kept, x => x.CorrelateById(context => context.Message.OrderId));
        Event(() => Closed, x => x.CorrelateById(context => context.Message.OrderId));
        Event(() => Broken, x => x.CorrelateById(context => context.Message.OrderId));
        Schedule(() => Expiry, x => x.ExpiryTokenId, x => x.Received = e => e.CorrelateById(context => context.Message.OrderId));

        Initially(
            When(Started).Then(context => context.Saga.Name = context.Message.Name)
                .If(context => context.Message.ExpiresAfter != null, x => x.Schedule(Expiry,
                    context => new OrderExpired(context.Saga.CorrelationId), context => context.Message.ExpiresAfter!.Value))
                .TransitionTo(Open),
            When(Touched).Then(Touch).PublishAsync(Tell).TransitionTo(Open),
            When(TouchedByName).Then(context => context.Saga.Name = context.Message.Name).Then(Touch).PublishAsync(Tell).TransitionTo(Open));
        During(Open,
            When(Started).Then(context => context.Saga.Name = context.Message.Name),
            When(Touched).Then(Touch).PublishAsync(Tell),
            When(TouchedByName).Then(Touch).PublishAsync(Tell),
            When(Kept).Unschedule(Expiry),
            When(Broken).Then(Touch).PublishAsync(Tell).Then(_ => throw new InvalidOperationException("The order breaks.")),
            When(Expiry.Received).Then(context => context.Saga.Expired = true),
            When(Closed).Finalize());
        SetCompletedWhenFinalized();
    }

    public State Open { get; private set; } = null!;

    public Event<StartOrder> Started { get; private set; } = null!;

    public Event<TouchOrder> Touched { get; private set; } = null!;

    public Event<TouchOrderByName> TouchedByName { get; private set; } = null!;

    public Event<KeepOrder> Kept { get; private set; } = null!;

    public Event<CloseOrder> Closed { get; private set; } = null!;

    public Event<BreakOrder> Broken { get; private set; } = null!;

    public Schedule<OrderState, OrderExpired> Expiry { get; private set; } = null!;

    private static void Touch<T>(BehaviorContext<OrderState, T> context)
        where T : class
    {
        context.Saga.Touches++;
        context.Saga.Version++;
    }

    private static Task<OrderTouched> Tell<T>(BehaviorContext<OrderState, T> context)
        where T : class => Task.FromResult(new OrderTouched(context.Saga.CorrelationId, context.Saga.Touches));
}
