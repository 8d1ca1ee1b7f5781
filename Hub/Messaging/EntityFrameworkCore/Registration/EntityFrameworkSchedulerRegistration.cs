using MassTransit.Configuration;
using MassTransit.DependencyInjection;
using MassTransit.EntityFrameworkCoreIntegration.Delivery;
using MassTransit.EntityFrameworkCoreIntegration.Registration;
using MassTransit.EntityFrameworkCoreIntegration.Scheduling;
using MassTransit.EntityFrameworkCoreIntegration.Sql;
using MassTransit.Scheduling;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MassTransit;

/// <summary>Settings of the schedule of one context.</summary>
public interface IEntityFrameworkSchedulerConfigurator
{
    /// <summary>Polling interval; the safety net behind the wake-up signal. Default 5 seconds.</summary>
    TimeSpan QueryDelay { set; }

    /// <summary>Due messages that one delivery transaction takes, at most. Default 500.</summary>
    int QueryMessageLimit { set; }

    /// <summary>How long one message may take to be confirmed. Default 30 seconds.</summary>
    TimeSpan MessageDeliveryTimeout { set; }

    /// <summary>Uses PostgreSQL: several processes share the work.</summary>
    void UsePostgres();

    /// <summary>Uses SQLite: one process.</summary>
    void UseSqlite();
}

/// <summary>Registers a message scheduler that keeps its messages in a context's table.</summary>
public static class EntityFrameworkSchedulerRegistration
{
    /// <summary>
    /// Stores scheduled messages in <typeparamref name="TDbContext"/>, whose model has the table ScheduledMessage, and sends
    /// them when due. In a consumer with outbox, and in a saga, the schedule commits with the transaction. The scoped
    /// <see cref="IMessageScheduler"/> writes at once, in the context's current transaction if there is one.
    /// </summary>
    public static void AddEntityFrameworkScheduler<TDbContext>(this IBusRegistrationConfigurator configurator,
        Action<IEntityFrameworkSchedulerConfigurator>? configure = null)
        where TDbContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(configurator);
        var scheduler = new Configurator<TDbContext>();
        configure?.Invoke(scheduler);
        configurator.AddSingleton(Microsoft.Extensions.Options.Options.Create(scheduler.Options));
        configurator.AddDelivery<TDbContext>();
        configurator.AddSingleton<IScheduleCommits, ScheduleCommits<TDbContext>>();
        configurator.TryAddScoped<ScopedSchedule<TDbContext>>();
        configurator.TryAddSingleton(provider => new SchedulerFilter(provider.GetRequiredService<IBus>(),
            new DetachedSchedule<TDbContext>(provider.GetRequiredService<IServiceScopeFactory>()), provider.GetRequiredService<TimeProvider>()));
        configurator.AddHostedService<ScheduleDelivery<TDbContext>>();
        configurator.AddScoped<IMessageScheduler>(CreateScheduler<TDbContext>);
    }

    /// <summary>Gives every consumer of the bus the scheduler that <see cref="AddEntityFrameworkScheduler{TDbContext}"/> registers.</summary>
    public static void UseEntityFrameworkScheduler(this IBusFactoryConfigurator configurator, IBusRegistrationContext context)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        ArgumentNullException.ThrowIfNull(context);
        configurator.AddPrePipeSpecification(new FilterPipeSpecification<ConsumeContext>(new LateFilter(context)));
    }

    private static MessageScheduler CreateScheduler<TDbContext>(IServiceProvider provider)
        where TDbContext : DbContext
    {
        var consumeContext = provider.GetRequiredService<IScopedConsumeContextProvider>();
        if (consumeContext.HasContext && consumeContext.GetContext().TryGetPayload<ISchedule>(out _))
            return provider.GetRequiredService<SchedulerFilter>().CreateScheduler(consumeContext.GetContext());

        var bus = provider.GetRequiredService<IBus>();
        var schedule = provider.GetRequiredService<ScopedSchedule<TDbContext>>();
        return new MessageScheduler(new EntityFrameworkScheduleMessageProvider(bus, schedule, provider.GetRequiredService<TimeProvider>()), bus.Topology);
    }

    /// <summary>The filter needs the bus, which is being built while the filter is added.</summary>
    private sealed class LateFilter(IServiceProvider provider) : IFilter<ConsumeContext>
    {
        private SchedulerFilter? _filter;

        public Task Send(ConsumeContext context, IPipe<ConsumeContext> next) =>
            (_filter ??= provider.GetRequiredService<SchedulerFilter>()).Send(context, next);

        public void Probe(ProbeContext context) => context.CreateFilterScope("entityFrameworkScheduler");
    }

    private sealed class Configurator<TDbContext> : IEntityFrameworkSchedulerConfigurator
    {
        public ScheduleOptions<TDbContext> Options { get; } = new();

        public TimeSpan QueryDelay { set => Options.QueryDelay = value; }

        public int QueryMessageLimit { set => Options.QueryMessageLimit = value; }

        public TimeSpan MessageDeliveryTimeout { set => Options.MessageDeliveryTimeout = value; }

        public void UsePostgres() => Options.Dialect = PostgresDialect.Instance;

        public void UseSqlite() => Options.Dialect = SqliteDialect.Instance;
    }
}
