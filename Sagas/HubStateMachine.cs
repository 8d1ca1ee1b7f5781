using System.Linq.Expressions;
using MassTransit;

namespace IntegrationHub.Sagas;

/// <summary>What every saga of the hub does about messages: which instance they are for, what an unknown instance means, in which order they are taken, which of them are boring.</summary>
/// <typeparam name="TState">The row.</typeparam>
public abstract class HubStateMachine<TState> : MassTransitStateMachine<TState>
    where TState : class, SagaStateMachineInstance
{
    private readonly List<Action<IConsumePipeConfigurator, IPartitioner>> _inOrder = [];

    private protected HubStateMachine()
    {
    }

    /// <summary>Messages of one instance wait for each other here rather than clash in the database.</summary>
    internal void KeepInOrder(IConsumePipeConfigurator endpoint, IPartitioner partitions) => _inOrder.ForEach(message => message(endpoint, partitions));

    /// <summary>The message that an instance begins with.</summary>
    private protected void First<T>(Expression<Func<Event<T>>> request, Func<T, Guid> id)
        where T : class
    {
        Event(request, e => e.CorrelateById(context => id(context.Message)));
        KeepInOrder(id);
    }

    /// <summary>A person or a program waits for the effect: an unknown instance is an error that somebody must see.</summary>
    private protected void FromOperator<T>(Expression<Func<Event<T>>> command, Func<T, Guid> id)
        where T : class
    {
        Event(command, e =>
        {
            e.CorrelateById(context => id(context.Message));
            e.OnMissingInstance(missing => missing.Fault());
        });
        KeepInOrder(id);
    }

    /// <summary>The hub answers only instances whose row was committed; when the row is gone, history was purged and nobody waits.</summary>
    private protected void FromHub<T>(Expression<Func<Event<T>>> answer, Func<T, Guid> id)
        where T : class
    {
        Event(answer, e =>
        {
            e.CorrelateById(context => id(context.Message));
            e.OnMissingInstance(missing => missing.Discard());
        });
        KeepInOrder(id);
    }

    /// <summary>As for the hub's answers: a timeout of a purged instance has nothing to do.</summary>
    private protected void FromItself<T>(Expression<Func<Schedule<TState, T>>> timeout, Expression<Func<TState, Guid?>> token, Func<T, Guid> id)
        where T : class
    {
        Schedule(timeout, token, s => s.Received = e =>
        {
            e.CorrelateById(context => id(context.Message));
            e.OnMissingInstance(missing => missing.Discard());
        });
        KeepInOrder(id);
    }

    private protected void During(State[] states, params EventActivities<TState>[] activities)
    {
        foreach (var state in states)
        {
            During(state, activities);
        }
    }

    /// <summary>Late and repeated messages that change nothing.</summary>
    private protected static void Boring(IEnumerable<State> states, params Event[] events)
    {
        foreach (var state in states)
        {
            foreach (var e in events)
            {
                ((State<TState>)state).Ignore(e);
            }
        }
    }

    private void KeepInOrder<T>(Func<T, Guid> id)
        where T : class => _inOrder.Add((endpoint, partitions) => endpoint.UsePartitioner<T>(partitions, context => id(context.Message)));
}
