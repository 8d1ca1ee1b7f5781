using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.BridgeProcess;

/// <summary>Builds the small application.</summary>
public static class BridgeHost
{
    /// <summary>Builds a host that is not started; the tables must exist.</summary>
    public static IHost Build(BridgeSettings settings, Action<IServiceCollection>? more = null)
    {
        // The bus keeps the first host's logger, which is disposed when the next one is built.
        LogContext.Current = null;
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<Arrivals>();
        builder.Services.AddDbContextPool<BridgeDbContext>(x => Configure(x, settings));
        builder.Services.Configure<MassTransitHostOptions>(x => x.WaitUntilStarted = true);
        builder.Services.AddMassTransit(x => Configure(x, settings));
        more?.Invoke(builder.Services);
        return builder.Build();
    }

    /// <summary>Creates the tables in an empty database.</summary>
    public static async Task CreateTablesAsync(BridgeSettings settings)
    {
        await using var dbContext = Open(settings);
        await dbContext.Database.EnsureCreatedAsync();
    }

    /// <summary>Counts rows while no application runs.</summary>
    public static async Task<int> CountAsync<TEntity>(BridgeSettings settings)
        where TEntity : class
    {
        await using var dbContext = Open(settings);
        return await dbContext.Set<TEntity>().CountAsync();
    }

    private static BridgeDbContext Open(BridgeSettings settings)
    {
        var options = new DbContextOptionsBuilder<BridgeDbContext>();
        Configure(options, settings);
        return new BridgeDbContext(options.Options);
    }

    private static void Configure(DbContextOptionsBuilder options, BridgeSettings settings)
    {
        if (settings.Sqlite != null)
            options.UseSqlite(settings.Sqlite);
        else
            options.UseNpgsql(settings.Postgres);
    }

    private static void Configure(IBusRegistrationConfigurator bus, BridgeSettings settings)
    {
        bus.DisableUsageTelemetry();
        bus.SetKebabCaseEndpointNameFormatter();
        bus.AddConsumer<ChargeConsumer>();
        bus.AddConsumer<ChargedConsumer>();
        bus.AddConsumer<TouchedConsumer>();
        bus.AddConsumer<OrderSinkConsumer>();
        bus.AddSagaStateMachine<OrderStateMachine, OrderState>().EntityFrameworkRepository(r =>
        {
            r.ExistingDbContext<BridgeDbContext>();
            r.ConcurrencyMode = settings.ConcurrencyMode;
            if (settings.Sqlite != null)
                r.UseSqlite();
            else
                r.UsePostgres();
        });
        bus.AddEntityFrameworkOutbox<BridgeDbContext>(o =>
        {
            o.QueryDelay = settings.QueryDelay;
            o.SweepDelay = settings.QueryDelay * 2;
            o.AbandonedAfter = settings.AbandonedAfter;
            o.DuplicateDetectionWindow = settings.DuplicateDetectionWindow;
            if (settings.Sqlite != null)
                o.UseSqlite();
            else
                o.UsePostgres();
            o.UseBusOutbox(x =>
            {
                if (!settings.Delivers)
                    x.DisableDeliveryService();
            });
        });
        bus.AddEntityFrameworkScheduler<BridgeDbContext>(s =>
        {
            s.QueryDelay = settings.QueryDelay;
            if (settings.Sqlite != null)
                s.UseSqlite();
            else
                s.UsePostgres();
        });
        bus.AddConfigureEndpointsCallback((context, name, endpoint) =>
        {
            endpoint.ConcurrentMessageLimit = name == "order-sink" ? 1 : settings.Concurrency;
            endpoint.ConfigureConsumeTopology = name != "order-sink";
            if (settings.QuorumQueues && endpoint is IRabbitMqReceiveEndpointConfigurator rabbitMq)
                rabbitMq.SetQuorumQueue();
            if (name is "charged" or "touched" or "order-sink")
                return;
            endpoint.UseMessageRetry(r =>
            {
                if (settings.RetryInterval is { } interval)
                    r.Interval(settings.Retries, interval);
                else
                    r.Immediate(settings.Retries);
            });
            endpoint.UseEntityFrameworkOutbox<BridgeDbContext>(context);
        });
        if (settings.RabbitMq is { } address)
            bus.UsingRabbitMq((context, x) =>
            {
                x.Host(address);
                x.UseEntityFrameworkScheduler(context);
                x.ConfigureEndpoints(context);
            });
        else
            bus.UsingInMemory((context, x) =>
            {
                x.UseEntityFrameworkScheduler(context);
                x.ConfigureEndpoints(context);
            });
    }
}
