using System.Collections.Concurrent;
using System.Text.Json;
using IntegrationHub.Sagas;
using IntegrationHub.Sagas.Runs;
using IntegrationHub.TestServers;
using MassTransit;
using MassTransit.Saga;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Sagas.Tests;

/// <summary>One instance of a saga on the in-memory bus and repository. Sending waits until the machine has dealt with the message.</summary>
internal sealed class SagaStory<TState> : IAsyncDisposable, IConsumeObserver, IPublishObserver
    where TState : class, SagaStateMachineInstance
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _underWay = new();
    private readonly List<Edge> _edges = [];
    private readonly ServiceProvider _services;
    private readonly ITestHarness _harness;
    private readonly IndexedSagaDictionary<TState> _rows;
    private readonly ConcurrentQueue<object> _published = new();

    private readonly string _endpoint;
    private readonly Func<TState, string> _stateOf;

    private SagaStory(string endpoint, Func<TState, string> stateOf, Action<RunOptions>? patience)
    {
        (_endpoint, _stateOf) = (endpoint, stateOf);
        LogContext.Current = null; // else the logger of the previous story, which is disposed
        _services = new ServiceCollection()
            .AddSingleton<TimeProvider>(Clock)
            .AddLogging(logging => logging.AddProvider(Log))
            .Configure(patience ?? (_ => { }))
            .AddMassTransitTestHarness(bus =>
            {
                bus.SetInMemorySagaRepositoryProvider();
                bus.AddSagas();
                bus.UsingInMemory((context, configurator) =>
                {
                    Timeouts.Install(configurator);
                    configurator.ConfigureEndpoints(context);
                });
            })
            .BuildServiceProvider(true);
        _harness = _services.GetRequiredService<ITestHarness>();
        _rows = _services.GetRequiredService<IndexedSagaDictionary<TState>>();
    }

    /// <summary>The run, or the erasure.</summary>
    public Guid Id { get; } = NewId.NextGuid();

    public FakeTimeProvider Clock { get; } = new(Story.Noon);

    public CapturedTimeouts Timeouts { get; } = new();

    public StepLog Log { get; } = new();

    public IReadOnlyList<Edge> Edges => _edges;

    public TState Row => _rows[Id]?.Instance ?? throw new InvalidOperationException("There is no row.");

    public string State => _rows[Id] is { } row ? _stateOf(row.Instance) : "Initial";

    /// <summary>The whole row as text, to see that nothing changed.</summary>
    public string RowAsText => JsonSerializer.Serialize(Row);

    /// <param name="endpoint">The queue of the saga.</param>
    /// <param name="stateOf">Where a row holds the name of its state.</param>
    /// <param name="patience">How patient runs are; null: as by default.</param>
    public static async Task<SagaStory<TState>> BeginAsync(string endpoint, Func<TState, string> stateOf, Action<RunOptions>? patience = null)
    {
        var story = new SagaStory<TState>(endpoint, stateOf, patience);
        await story._harness.Start();
        story._harness.Bus.ConnectConsumeObserver(story);
        story._harness.Bus.ConnectPublishObserver(story);
        return story;
    }

    /// <summary>How much the saga has said so far.</summary>
    public int SaidCount => _published.Count;

    /// <summary>What the saga has said so far, oldest first.</summary>
    public IReadOnlyList<T> Said<T>() => [.. _published.OfType<T>()];

    public async Task SendAsync<T>(T message)
        where T : class
    {
        await ConsumeAsync<T>(id => _harness.Bus.Publish(message, context => context.MessageId = id));
    }

    /// <summary>Fires a pending timeout with its token, as a scheduler does; the clock goes on to its due time unless it is there already.</summary>
    public async Task ElapseAsync<T>()
        where T : class
    {
        var timeout = Timeouts.Take<T>();
        if (timeout.Due > Clock.GetUtcNow().UtcDateTime)
        {
            Clock.Advance(timeout.Due - Clock.GetUtcNow().UtcDateTime);
        }

        await FireAsync<T>(timeout);
    }

    public async Task FireAsync<T>(CapturedTimeouts.Timeout timeout)
        where T : class
    {
        var endpoint = await _harness.Bus.GetSendEndpoint(timeout.Destination);
        await ConsumeAsync<T>(id => endpoint.Send((T)timeout.Message, context =>
        {
            context.MessageId = id;
            context.Headers.Set(MessageHeaders.SchedulingTokenId, timeout.Token.ToString("D"));
        }));
    }

    /// <summary>Sends a message that comes late or twice, and sees that nothing changes, nothing is said and nothing is waited for that was not.</summary>
    public async Task BeUnmovedByAsync(Func<Task> send)
    {
        var (row, said, timeouts) = (RowAsText, SaidCount, Timeouts.Pending);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await send();

        Assert.Multiple(() =>
        {
            Assert.That(RowAsText, Is.EqualTo(row));
            Assert.That(SaidCount, Is.EqualTo(said));
            Assert.That(Timeouts.Pending, Is.EqualTo(timeouts));
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _harness.Stop();
        await _services.DisposeAsync();
    }

    public Task PreConsume<T>(ConsumeContext<T> context)
        where T : class => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context)
        where T : class
    {
        // What other sagas listen to as well is dealt with when this one has.
        if (context.ReceiveContext.InputAddress.AbsolutePath.EndsWith(_endpoint, StringComparison.Ordinal) && _underWay.TryGetValue(context.MessageId!.Value, out var done))
        {
            done.TrySetResult();
        }

        return Task.CompletedTask;
    }

    public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception)
        where T : class
    {
        if (_underWay.TryGetValue(context.MessageId!.Value, out var done))
        {
            done.TrySetException(exception);
        }

        return Task.CompletedTask;
    }

    public Task PrePublish<T>(PublishContext<T> context)
        where T : class => Task.CompletedTask;

    public Task PostPublish<T>(PublishContext<T> context)
        where T : class
    {
        if (!_underWay.ContainsKey(context.MessageId!.Value)) // what the test sends is not said by the saga
        {
            _published.Enqueue(context.Message);
        }

        return Task.CompletedTask;
    }

    public Task PublishFault<T>(PublishContext<T> context, Exception exception)
        where T : class => Task.CompletedTask;

    private async Task ConsumeAsync<T>(Func<Guid, Task> send)
        where T : class
    {
        var (before, id) = (State, NewId.NextGuid());
        var done = _underWay[id] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await send(id);
        await done.Task.WaitAsync(Poll.Patience);
        _underWay.TryRemove(id, out _);
        _edges.Add(new Edge(before, typeof(T).Name, State));
    }
}
