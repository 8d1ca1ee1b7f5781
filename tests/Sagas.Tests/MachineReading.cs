using MassTransit;
using MassTransit.SagaStateMachine;

namespace Sagas.Tests;

/// <summary>Reads the edges out of the machine itself: every state, every message that it handles there, every state in which that may end.</summary>
internal sealed class MachineReading<TState> : StateMachineVisitor
    where TState : class, SagaStateMachineInstance
{
    private readonly SortedSet<Edge> _edges = [];
    private string _state = "";
    private string? _message;
    private Outcome _outcome = Outcome.Stays;

    /// <summary>The condition of which one branch was shown, until the other one is.</summary>
    private ShownBranch? _shown;

    /// <param name="machine">The machine.</param>
    public MachineReading(SagaStateMachine<TState> machine)
    {
        Machine = machine;
        ((IVisitable)machine).Accept(this);
        States = [.. machine.States.Where(state => state.Name is not ("Initial" or "Final")).Select(state => state.Name)];
        Messages = [.. machine.Events.Select(MessageOf).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        Ignored =
        [
            .. from state in States
               from message in AnsweredIn(state)
               where !_edges.Any(edge => edge.From == state && edge.Message == message)
               orderby state, message
               select (state, message),
        ];
    }

    public SagaStateMachine<TState> Machine { get; }

    public IReadOnlyCollection<Edge> Edges => _edges;

    /// <summary>Every message that a run can receive, by type.</summary>
    public IReadOnlyCollection<string> Messages { get; }

    /// <summary>Every state in which a row can be.</summary>
    public IReadOnlyCollection<string> States { get; }

    /// <summary>State and message, where the message changes nothing.</summary>
    public IReadOnlyCollection<(string State, string Message)> Ignored { get; }

    /// <summary>Messages on which a state has an answer, be it to ignore them.</summary>
    public IReadOnlyCollection<string> AnsweredIn(string state) =>
        [.. Machine.NextEvents(Machine.GetState(state)).Select(MessageOf).OfType<string>().Distinct()];

    public void Visit(State state, Action<State> next)
    {
        Begin(state.Name, null);
        next(state);
        Begin(state.Name, null);
    }

    public void Visit(Event @event, Action<Event> next) => Begin(_state, null);

    public void Visit<TMessage>(Event<TMessage> @event, Action<Event<TMessage>> next)
        where TMessage : class => Begin(_state, MessageOf(@event));

    public void Visit(IStateMachineActivity activity) => Visit(activity, _ => { });

    public void Visit(IStateMachineActivity activity, Action<IStateMachineActivity> next)
    {
        if (activity is TransitionActivity<TState> transition)
        {
            _outcome = new Outcome([transition.ToState.Name], MayStay: false);
        }
        else if (activity.GetType().Name.StartsWith("ConditionActivity", StringComparison.Ordinal))
        {
            Branch(activity, next);
        }
        else
        {
            next(activity);
        }
    }

    public void Visit<T>(IBehavior<T> behavior)
        where T : class, SagaStateMachineInstance
    {
    }

    public void Visit<T>(IBehavior<T> behavior, Action<IBehavior<T>> next)
        where T : class, SagaStateMachineInstance => next(behavior);

    public void Visit<T, TMessage>(IBehavior<T, TMessage> behavior)
        where T : class, SagaStateMachineInstance
        where TMessage : class
    {
    }

    public void Visit<T, TMessage>(IBehavior<T, TMessage> behavior, Action<IBehavior<T, TMessage>> next)
        where T : class, SagaStateMachineInstance
        where TMessage : class => next(behavior);

    private static string? MessageOf(Event e) =>
        e.Name.EndsWith(".AnyReceived", StringComparison.Ordinal) // the framework's own check of the token
            ? null
            : e.GetType().GetInterfaces()
                .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Event<>))
                .Select(type => type.GetGenericArguments()[0])
                .Where(type => !typeof(State).IsAssignableFrom(type))
                .Select(type => type.Name)
                .SingleOrDefault();

    /// <summary>The machine shows a message and then, beside it, what is done with it.</summary>
    private void Begin(string state, string? message)
    {
        if (_message is not null)
        {
            var targets = _outcome.MayStay ? _outcome.Targets.Append(_state) : _outcome.Targets;
            _edges.UnionWith(targets.Select(target => new Edge(_state, _message, target)));
        }

        (_state, _message, _outcome) = (state, message, Outcome.Stays);
    }

    /// <summary>The framework shows a condition twice, first with what happens when it holds and then with what happens when it does not.</summary>
    private void Branch(IStateMachineActivity condition, Action<IStateMachineActivity> next)
    {
        var (before, shown) = (_outcome, _shown);
        (_outcome, _shown) = (Outcome.Stays, null);
        next(condition);
        (_outcome, _shown) = shown?.Condition == condition
            ? (shown.Before.Then([shown.Holds, _outcome]), null)
            : (before, new ShownBranch(condition, before, _outcome));
    }

    private sealed record ShownBranch(IStateMachineActivity Condition, Outcome Before, Outcome Holds);

    private sealed record Outcome(IReadOnlyCollection<string> Targets, bool MayStay)
    {
        public static readonly Outcome Stays = new([], MayStay: true);

        public Outcome Then(IReadOnlyCollection<Outcome> branches)
        {
            var targets = branches.SelectMany(branch => branch.Targets);
            return branches.Any(branch => branch.MayStay)
                ? new Outcome([.. Targets.Concat(targets).Distinct()], MayStay)
                : new Outcome([.. targets.Distinct()], MayStay: false);
        }
    }
}
