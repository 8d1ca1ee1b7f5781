using System.Collections.Concurrent;
using System.Text.Json;
using IntegrationHub.Sagas;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.TestServers;
using MassTransit;
using MassTransit.Saga;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Sagas.Tests.Erasure;

/// <summary>One erasure on the in-memory bus and repository. Sending waits until the machine has dealt with the message.</summary>
internal sealed class ErasureStory : IAsyncDisposable, IConsumeObserver, IPublishObserver
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _underWay = new();
    private readonly ConcurrentQueue<object> _said = new();
    private readonly ServiceProvider _services;
    private readonly ITestHarness _harness;
    private readonly IndexedSagaDictionary<ErasureState> _rows;

    private ErasureStory()
    {
        LogContext.Current = null; // else the logger of the previous story, which is disposed
        _services = new ServiceCollection()
            .AddSingleton<TimeProvider>(Clock)
            .AddLogging()
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
        _rows = _services.GetRequiredService<IndexedSagaDictionary<ErasureState>>();
    }

    public Guid RequestId { get; } = NewId.NextGuid();

    public FakeTimeProvider Clock { get; } = new(Noon);

    public CapturedTimeouts Timeouts { get; } = new();

    public ErasureState Row => _rows[RequestId]?.Instance ?? throw new InvalidOperationException("The erasure has no row.");

    public string State => Row.CurrentState;

    public string RowAsText => JsonSerializer.Serialize(Row);

    public int SaidCount => _said.Count;

    public IReadOnlyList<T> Said<T>() => [.. _said.OfType<T>()];

    public static async Task<ErasureStory> BeginAsync()
    {
        var story = new ErasureStory();
        await story._harness.Start();
        story._harness.Bus.ConnectConsumeObserver(story);
        story._harness.Bus.ConnectPublishObserver(story);
        return story;
    }

    public Task RequestAsync(string law = ErasureLaw.Gdpr, bool needsApproval = false) => SendAsync(
        new RequestErasure { RequestId = RequestId, Law = law, Reason = "ticket", SubjectHash = "hmac:v:h", By = "person:anna", At = Noon, ApprovalId = needsApproval ? NewId.NextGuid() : null });

    /// <summary>Answers well until the erasure is in a state.</summary>
    public async Task GoToAsync(string state)
    {
        await RequestAsync(needsApproval: state is ErasurePhase.AwaitingApproval or ErasurePhase.Refused);
        while (State != state)
        {
            await (State switch
            {
                ErasurePhase.AwaitingApproval => SendAsync(new RefuseErasure { RequestId = RequestId, By = "person:ben", At = Noon }),
                ErasurePhase.Suppressing => SendAsync(new PersonSuppressed { RequestId = RequestId, At = Noon.AddMinutes(1) }),
                ErasurePhase.ErasingDestinations => SendAsync(new DestinationsErased { RequestId = RequestId, At = Noon.AddMinutes(2), WithIssues = state == ErasurePhase.CompletedWithIssues }),
                ErasurePhase.ErasingOwn => SendAsync(new OwnTablesErased { RequestId = RequestId, At = Noon.AddMinutes(3) }),
                ErasurePhase.Rechecking => SendAsync(new DestinationsRechecked { RequestId = RequestId, Round = Row.Recheck, At = Clock.GetUtcNow() }),
                _ => throw new InvalidOperationException($"From {State} nothing leads to {state}."),
            });
        }
    }

    public Task SendAsync<T>(T message)
        where T : class => ConsumeAsync<T>(id => _harness.Bus.Publish(message, context => context.MessageId = id));

    /// <summary>Fires a pending timeout with its token; the clock goes on to its due time.</summary>
    public async Task ElapseAsync<T>()
        where T : class
    {
        var timeout = Timeouts.Take<T>();
        if (timeout.Due > Clock.GetUtcNow().UtcDateTime)
        {
            Clock.Advance(timeout.Due - Clock.GetUtcNow().UtcDateTime);
        }

        var endpoint = await _harness.Bus.GetSendEndpoint(timeout.Destination);
        await ConsumeAsync<T>(id => endpoint.Send((T)timeout.Message, context =>
        {
            context.MessageId = id;
            context.Headers.Set(MessageHeaders.SchedulingTokenId, timeout.Token.ToString("D"));
        }));
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
        if (_underWay.TryGetValue(context.MessageId!.Value, out var done))
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
        if (!_underWay.ContainsKey(context.MessageId!.Value))
        {
            _said.Enqueue(context.Message);
        }

        return Task.CompletedTask;
    }

    public Task PublishFault<T>(PublishContext<T> context, Exception exception)
        where T : class => Task.CompletedTask;

    private async Task ConsumeAsync<T>(Func<Guid, Task> send)
        where T : class
    {
        var id = NewId.NextGuid();
        var done = _underWay[id] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await send(id);
        await done.Task.WaitAsync(Poll.Patience);
        _underWay.TryRemove(id, out _);
    }
}
