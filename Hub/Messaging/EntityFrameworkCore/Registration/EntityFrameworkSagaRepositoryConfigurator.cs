using System.Data;
using MassTransit.Configuration;
using MassTransit.EntityFrameworkCoreIntegration.Sagas;
using MassTransit.EntityFrameworkCoreIntegration.Sql;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.EntityFrameworkCoreIntegration.Registration;

/// <summary>Collects how a saga type is stored and registers its repository.</summary>
internal sealed class EntityFrameworkSagaRepositoryConfigurator<TSaga> : IEntityFrameworkSagaRepositoryConfigurator<TSaga>
    where TSaga : class, ISaga
{
    private SqlDialect _dialect = PostgresDialect.Instance;
    private ConcurrencyMode _concurrencyMode = ConcurrencyMode.Pessimistic;
    private IsolationLevel _isolationLevel = IsolationLevel.ReadCommitted;
    private Func<IServiceProvider, DbContext>? _dbContext;
    private Func<IQueryable<TSaga>, IQueryable<TSaga>> _customize = x => x;

    public ConcurrencyMode ConcurrencyMode { set => _concurrencyMode = value; }

    public IsolationLevel IsolationLevel { set => _isolationLevel = value; }

    public void UsePostgres() => _dialect = PostgresDialect.Instance;

    public void UseSqlite() => _dialect = SqliteDialect.Instance;

    public void ExistingDbContext<TContext>()
        where TContext : DbContext => _dbContext = x => x.GetRequiredService<TContext>();

    public void CustomizeQuery(Func<IQueryable<TSaga>, IQueryable<TSaga>> queryCustomization) => _customize = queryCustomization;

    public void Register(ISagaRepositoryRegistrationConfigurator<TSaga> services)
    {
        var dbContext = _dbContext ?? throw new ConfigurationException(
            $"The saga {typeof(TSaga).Name} has no context: call ExistingDbContext<T>() in EntityFrameworkRepository.");
        services.AddSingleton(new SagaRepositoryOptions<TSaga>(dbContext, _dialect, _concurrencyMode, _isolationLevel, _customize));
        services.RegisterSagaRepository<TSaga, DbContext, SagaConsumeContextFactory<DbContext, TSaga>, EntityFrameworkSagaRepositoryContextFactory<TSaga>>();
        services.RegisterQuerySagaRepository<TSaga, EntityFrameworkSagaRepositoryContextFactory<TSaga>>();
        services.RegisterLoadSagaRepository<TSaga, EntityFrameworkSagaRepositoryContextFactory<TSaga>>();
    }
}
