using MassTransit.Configuration;
using MassTransit.EntityFrameworkCoreIntegration.Registration;

namespace MassTransit;

/// <summary>Stores sagas with Entity Framework Core.</summary>
public static class EntityFrameworkSagaRepositoryRegistration
{
    /// <summary>Stores this saga in a context's table.</summary>
    public static ISagaRegistrationConfigurator<TSaga> EntityFrameworkRepository<TSaga>(this ISagaRegistrationConfigurator<TSaga> configurator,
        Action<IEntityFrameworkSagaRepositoryConfigurator<TSaga>> configure)
        where TSaga : class, ISaga
    {
        ArgumentNullException.ThrowIfNull(configurator);
        ArgumentNullException.ThrowIfNull(configure);
        var repository = new EntityFrameworkSagaRepositoryConfigurator<TSaga>();
        configure(repository);
        return configurator.Repository(repository.Register);
    }

    /// <summary>Stores every saga that names no repository in a context's tables.</summary>
    public static void SetEntityFrameworkSagaRepositoryProvider(this IRegistrationConfigurator configurator,
        Action<IEntityFrameworkSagaRepositoryConfigurator> configure)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        configurator.SetSagaRepositoryProvider(new Provider(configure));
    }

    private sealed class Provider(Action<IEntityFrameworkSagaRepositoryConfigurator> configure) : ISagaRepositoryRegistrationProvider
    {
        public void Configure<TSaga>(ISagaRegistrationConfigurator<TSaga> configurator)
            where TSaga : class, ISaga => configurator.EntityFrameworkRepository(configure);
    }
}
