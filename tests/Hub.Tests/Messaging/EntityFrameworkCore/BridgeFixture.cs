using IntegrationHub.BridgeProcess;
using IntegrationHub.TestServers;
using MassTransit;
using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Hub.Tests.Messaging.EntityFrameworkCore;

/// <summary>One application of the compliance suite, on one platform; each test has it with empty tables and queues.</summary>
[Category("Bridge")]
public abstract class BridgeFixture(Platform platform)
{
    private PlatformServers _servers = null!;
    private readonly FaultCounter _faults = new();
    private IHost? _host;

    internal PlatformServers Servers => _servers;

    protected bool IsPostgres => platform is Platform.PostgresAndRabbitMq or Platform.PostgresInMemory;

    protected bool IsRabbitMq => platform is Platform.PostgresAndRabbitMq or Platform.SqliteAndRabbitMq;

    /// <summary>What the bridge has logged.</summary>
    internal BridgeLog Log { get; } = new();

    protected IServiceProvider Services => _host?.Services ?? throw new InvalidOperationException("The application is not running.");

    protected IBus Bus => Services.GetRequiredService<IBus>();

    /// <summary>Messages whose consumer failed for good.</summary>
    protected int Faults => _faults.Count;

    protected Arrivals Arrivals => Services.GetRequiredService<Arrivals>();

    /// <summary>The application's settings; a fixture changes what its situation is about.</summary>
    protected virtual BridgeSettings Configure(BridgeSettings settings) => settings;

    internal virtual Task<PlatformServers> OpenAsync(Platform on) => PlatformServers.CreateAsync(on);

    /// <summary>False when the test starts the application.</summary>
    protected virtual bool StartsByItself => true;

    [SetUp]
    public async Task Start_the_application()
    {
        _servers = await OpenAsync(platform);
        if (StartsByItself)
            await StartAsync();
    }

    [TearDown]
    public async Task Stop_the_application()
    {
        await StopAsync();
        if (_servers != null)
            await _servers.DisposeAsync();
    }

    protected async Task StartAsync()
    {
        _host = BridgeHost.Build(Configure(_servers.Settings), services => services.AddSingleton<ILoggerProvider>(Log));
        _faults.Count = 0;
        Bus.ConnectReceiveObserver(_faults);
        await _host.StartAsync();
    }

    protected async Task StopAsync()
    {
        if (_host is null)
            return;

        await _host.StopAsync();
        _host.Dispose();
        _host = null;
    }

    /// <summary>Publishes past the outbox, as a producer outside of the application would.</summary>
    protected Task PublishAsync<T>(T message, Guid? messageId = null)
        where T : class => Bus.Publish(message, x => x.MessageId = messageId ?? NewId.NextGuid());

    /// <summary>Works in a scope of its own, as a request would.</summary>
    protected async Task<T> InScopeAsync<T>(Func<IServiceProvider, BridgeDbContext, Task<T>> work)
    {
        await using var scope = Services.CreateAsyncScope();
        return await work(scope.ServiceProvider, scope.ServiceProvider.GetRequiredService<BridgeDbContext>());
    }

    protected Task InScopeAsync(Func<IServiceProvider, BridgeDbContext, Task> work) => InScopeAsync(async (provider, dbContext) =>
    {
        await work(provider, dbContext);
        return 0;
    });

    protected Task<OrderState?> FindOrderAsync(Guid orderId) =>
        InScopeAsync((_, dbContext) => dbContext.Orders.AsNoTracking().SingleOrDefaultAsync(x => x.CorrelationId == orderId));

    /// <summary>Waits until the order satisfies the condition.</summary>
    protected async Task<OrderState> OrderAsync(Guid orderId, Func<OrderState, bool> condition) =>
        (await Poll.For(() => FindOrderAsync(orderId), x => x != null && condition(x)))!;

    protected Task<int> EffectsAsync(Guid chargeId) => InScopeAsync((_, dbContext) => dbContext.Effects.CountAsync(x => x.ChargeId == chargeId));

    protected Task<int> CountAsync<TEntity>()
        where TEntity : class => InScopeAsync((_, dbContext) => dbContext.Set<TEntity>().CountAsync());

    /// <summary>Waits until nothing waits to be sent and every consumption is marked as delivered.</summary>
    protected Task SettledAsync() => Poll.Until(async () => await InScopeAsync(async (_, dbContext) =>
        !await dbContext.Set<OutboxMessage>().AnyAsync() && !await dbContext.Set<OutboxState>().AnyAsync()
        && !await dbContext.Set<InboxState>().AnyAsync(x => x.Delivered == null)), "the outbox to be empty");

    private sealed class FaultCounter : IReceiveObserver
    {
        public int Count { get; set; }

        public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
            where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
            where T : class
        {
            Count++;
            return Task.CompletedTask;
        }

        public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;
    }
}
