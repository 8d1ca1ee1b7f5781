using System.Data;
using MassTransit.DependencyInjection;
using MassTransit.EntityFrameworkCoreIntegration.Delivery;
using MassTransit.EntityFrameworkCoreIntegration.Inbox;
using MassTransit.EntityFrameworkCoreIntegration.Outbox;
using MassTransit.EntityFrameworkCoreIntegration.Scheduling;
using MassTransit.EntityFrameworkCoreIntegration.Sql;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MassTransit.EntityFrameworkCoreIntegration.Registration;

/// <summary>Collects the settings of one context's outbox and registers its parts.</summary>
internal sealed class EntityFrameworkOutboxConfigurator<TDbContext>(IBusRegistrationConfigurator services)
    : IEntityFrameworkOutboxConfigurator, IEntityFrameworkBusOutboxConfigurator
    where TDbContext : DbContext
{
    private readonly OutboxOptions<TDbContext> _options = new();
    private bool _cleanInbox = true;
    private bool _useBusOutbox;
    private bool _deliver = true;

    public TimeSpan DuplicateDetectionWindow { set => _options.DuplicateDetectionWindow = value; }

    public IsolationLevel IsolationLevel { set => _options.IsolationLevel = value; }

    public TimeSpan QueryDelay { set => _options.QueryDelay = value; }

    public int QueryMessageLimit { set => _options.QueryMessageLimit = value; }

    public TimeSpan SweepDelay { set => _options.SweepDelay = value; }

    public TimeSpan AbandonedAfter { set => _options.AbandonedAfter = value; }

    public int MessageDeliveryLimit { set => _options.MessageDeliveryLimit = value; }

    public TimeSpan MessageDeliveryTimeout { set => _options.MessageDeliveryTimeout = value; }

    public void DisableInboxCleanupService() => _cleanInbox = false;

    public void DisableDeliveryService() => _deliver = false;

    public void UsePostgres() => _options.Dialect = PostgresDialect.Instance;

    public void UseSqlite() => _options.Dialect = SqliteDialect.Instance;

    public void UseBusOutbox(Action<IEntityFrameworkBusOutboxConfigurator>? configure = null)
    {
        _useBusOutbox = true;
        configure?.Invoke(this);
    }

    public void Register()
    {
        services.AddSingleton(Microsoft.Extensions.Options.Options.Create(_options));
        services.AddDelivery<TDbContext>();
        services.TryAddSingleton<InboxLedger<TDbContext>>();
        services.AddScoped<IOutboxContextFactory<TDbContext>, InboxContextFactory<TDbContext>>();
        services.AddHostedService<InboxCompletion<TDbContext>>();
        services.AddHostedService<InboxSweeper<TDbContext>>();
        if (_cleanInbox)
            services.AddHostedService<InboxCleanup<TDbContext>>();
        if (!_useBusOutbox)
            return;

        services.TryAddSingleton<OutboxSignal<TDbContext>>();
        services.AddScoped<BusOutbox<TDbContext>>();
        services.RemoveAll<IScopedBusContextProvider<IBus>>();
        services.AddScoped<IScopedBusContextProvider<IBus>, OutboxScopedBusContextProvider<TDbContext>>();
        if (_deliver)
            services.AddHostedService<BusOutboxDelivery<TDbContext>>();
    }
}

/// <summary>Registers what outbox and schedule share.</summary>
internal static class DeliveryRegistration
{
    public static void AddDelivery<TDbContext>(this IServiceCollection services)
        where TDbContext : DbContext
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EnvelopeSender>();
        services.TryAddSingleton<ScheduleSignal<TDbContext>>();
        if (services.Any(x => x.ServiceType == typeof(CommitWatcher<TDbContext>)))
            return;

        services.AddSingleton<CommitWatcher<TDbContext>>();
        services.ConfigureDbContext<TDbContext>((provider, options) => options.AddInterceptors(provider.GetRequiredService<CommitWatcher<TDbContext>>()));
    }
}
