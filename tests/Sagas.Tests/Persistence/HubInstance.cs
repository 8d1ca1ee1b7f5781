using System.Collections.Concurrent;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas;
using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Sagas.Runs;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Sagas.Tests.Persistence;

/// <summary>One process of the hub as far as runs go: own bus, shared database. Records what the runs say.</summary>
internal sealed class HubInstance : IAsyncDisposable
{
    private readonly IHost _host;

    private HubInstance(IHost host) => _host = host;

    public static async Task<HubInstance> StartAsync(
        PostgresDatabase database,
        ConcurrencyMode mode = ConcurrencyMode.Pessimistic,
        Action<RunOptions>? options = null,
        IInterceptor? interceptor = null)
    {
        LogContext.Current = null; // else the logger of the previous instance, which is disposed
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<Heard>();
        builder.Services.Configure(options ?? (_ => { }));
        builder.Services.Configure<MassTransitHostOptions>(host => host.WaitUntilStarted = true);
        builder.Services.AddDbContext<RunsDbContext>(context =>
        {
            context.UseNpgsql(database.ConnectionString);
            if (interceptor is not null)
            {
                context.AddInterceptors(interceptor);
            }
        });
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.SetEntityFrameworkSagaRepositoryProvider(runs =>
            {
                runs.ExistingDbContext<RunsDbContext>();
                runs.ConcurrencyMode = mode;
                runs.UsePostgres();
            });
            bus.AddSagas();
            bus.AddConsumer<Listener>();
            bus.AddEntityFrameworkOutbox<RunsDbContext>(outbox => outbox.UsePostgres());
            bus.AddEntityFrameworkScheduler<RunsDbContext>(scheduler =>
            {
                scheduler.QueryDelay = TimeSpan.FromMilliseconds(100);
                scheduler.UsePostgres();
            });
            bus.AddConfigureEndpointsCallback((context, name, endpoint) =>
            {
                if (name == "audience-sync")
                {
                    endpoint.UseEntityFrameworkOutbox<RunsDbContext>(context);
                }
            });
            bus.UsingInMemory((context, configurator) =>
            {
                configurator.UseEntityFrameworkScheduler(context);
                configurator.ConfigureEndpoints(context);
            });
        });
        var host = builder.Build();
        await using (var scope = host.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<RunsDbContext>().Database.EnsureCreatedAsync();
        }

        await host.StartAsync();
        return new HubInstance(host);
    }

    public Task PublishAsync<T>(T message)
        where T : class => _host.Services.GetRequiredService<IBus>().Publish(message);

    public IReadOnlyList<T> Said<T>() => [.. _host.Services.GetRequiredService<Heard>().Messages.OfType<T>()];

    public async Task<AudienceSyncState?> ReadAsync(Guid runId)
    {
        await using var scope = _host.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<RunsDbContext>().Runs.AsNoTracking().SingleOrDefaultAsync(run => run.CorrelationId == runId);
    }

    /// <summary>Sends and waits for what the row then shows.</summary>
    public async Task<AudienceSyncState> PublishUntilAsync<T>(T message, Guid runId, Func<AudienceSyncState, bool> shows)
        where T : class
    {
        await PublishAsync(message);
        return (await Poll.For(() => ReadAsync(runId), run => run is not null && shows(run)))!;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private sealed class Heard
    {
        public ConcurrentQueue<object> Messages { get; } = new();
    }

    private sealed class Listener(Heard heard) :
        IConsumer<PlanAudienceSync>, IConsumer<DeliverAudienceSync>, IConsumer<VerifyAudienceSync>, IConsumer<DiagnoseAudienceSync>,
        IConsumer<AudienceSyncStarted>, IConsumer<AudienceSyncCompleted>
    {
        public Task Consume(ConsumeContext<PlanAudienceSync> context) => Hear(context.Message);

        public Task Consume(ConsumeContext<DeliverAudienceSync> context) => Hear(context.Message);

        public Task Consume(ConsumeContext<VerifyAudienceSync> context) => Hear(context.Message);

        public Task Consume(ConsumeContext<DiagnoseAudienceSync> context) => Hear(context.Message);

        public Task Consume(ConsumeContext<AudienceSyncStarted> context) => Hear(context.Message);

        public Task Consume(ConsumeContext<AudienceSyncCompleted> context) => Hear(context.Message);

        private Task Hear(object message)
        {
            heard.Messages.Enqueue(message);
            return Task.CompletedTask;
        }
    }
}
