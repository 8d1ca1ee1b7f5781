using MassTransit.Configuration;
using MassTransit.EntityFrameworkCoreIntegration.Registration;
using Microsoft.EntityFrameworkCore;

namespace MassTransit;

/// <summary>Registers the transactional outbox and puts it on endpoints.</summary>
public static class EntityFrameworkOutboxRegistration
{
    /// <summary>Registers inbox and outbox for <typeparamref name="TDbContext"/>, whose model has their three tables.</summary>
    public static void AddEntityFrameworkOutbox<TDbContext>(this IBusRegistrationConfigurator configurator,
        Action<IEntityFrameworkOutboxConfigurator>? configure = null)
        where TDbContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(configurator);
        var outbox = new EntityFrameworkOutboxConfigurator<TDbContext>(configurator);
        configure?.Invoke(outbox);
        outbox.Register();
    }

    /// <summary>
    /// Consumers and sagas of the endpoint consume each message once, and their changes commit together with what they
    /// send. Message retry belongs before this call, so that each attempt has a transaction of its own.
    /// </summary>
    public static void UseEntityFrameworkOutbox<TDbContext>(this IReceiveEndpointConfigurator configurator, IRegistrationContext context,
        Action<IOutboxOptionsConfigurator>? configure = null)
        where TDbContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(configurator);
        ArgumentNullException.ThrowIfNull(context);
        var observer = new OutboxConsumePipeSpecificationObserver<TDbContext>(configurator, context);
        configure?.Invoke(observer);
        configurator.ConnectConsumerConfigurationObserver(observer);
        configurator.ConnectSagaConfigurationObserver(observer);
    }
}
