using System.Collections.Concurrent;
using System.Text.Json;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Sagas;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Sagas.BackfillRun.Messages;
using IntegrationHub.TestServers;
using MassTransit;
using MassTransit.Saga;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Sagas.Tests.BackfillRun;

/// <summary>One run on the in-memory bus and repository. Sending waits until the machine has dealt with the message.</summary>
internal sealed class RunStory : IAsyncDisposable, IConsumeObserver, IPublishObserver
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _underWay = new();
    private readonly List<Edge> _edges = [];
    private readonly ServiceProvider _services;
    private readonly ITestHarness _harness;
    private readonly IndexedSagaDictionary<BackfillRunState> _rows;
    private readonly ConcurrentQueue<object> _published = new();

    private RunStory(Action<BackfillRunOptions>? options)
    {
        LogContext.Current = null; // else the logger of the previous story, which is disposed
        _services = new ServiceCollection()
            .AddSingleton<TimeProvider>(Clock)
            .AddLogging(logging => logging.AddProvider(Log))
            .Configure(options ?? (_ => { }))
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
        _rows = _services.GetRequiredService<IndexedSagaDictionary<BackfillRunState>>();
    }

    public Guid RunId { get; } = NewId.NextGuid();

    public FakeTimeProvider Clock { get; } = new(Noon);

    public CapturedTimeouts Timeouts { get; } = new();

    public StepLog Log { get; } = new();

    public IReadOnlyList<Edge> Edges => _edges;

    public BackfillRunState Row => _rows[RunId]?.Instance ?? throw new InvalidOperationException("The run has no row.");

    public string State => _rows[RunId]?.Instance.CurrentState ?? "Initial";

    /// <summary>The whole row as text, to see that nothing changed.</summary>
    public string RowAsText => JsonSerializer.Serialize(Row);

    public static async Task<RunStory> BeginAsync(Action<BackfillRunOptions>? options = null)
    {
        var story = new RunStory(options);
        await story._harness.Start();
        story._harness.Bus.ConnectConsumeObserver(story);
        story._harness.Bus.ConnectPublishObserver(story);
        return story;
    }

    /// <summary>How much the run has said so far.</summary>
    public int SaidCount => _published.Count;

    /// <summary>What the run has said so far, oldest first.</summary>
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

    /// <summary>Lets the time of the progress timeout pass without progress.</summary>
    public Task StandStillAsync() => ElapseAsync<BackfillProgressTimeoutElapsed>();

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
        if (context.ReceiveContext.InputAddress.AbsolutePath.EndsWith("backfill-run", StringComparison.Ordinal) && _underWay.TryGetValue(context.MessageId!.Value, out var done))
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
        if (!_underWay.ContainsKey(context.MessageId!.Value)) // what the test sends is not said by the run
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
