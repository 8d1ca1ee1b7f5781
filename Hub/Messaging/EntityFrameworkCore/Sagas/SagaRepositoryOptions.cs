using System.Data;
using MassTransit.EntityFrameworkCoreIntegration.Sql;
using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration.Sagas;

/// <summary>How one saga type is stored, as configured.</summary>
internal sealed record SagaRepositoryOptions<TSaga>(
    Func<IServiceProvider, DbContext> DbContext,
    SqlDialect Dialect,
    ConcurrencyMode ConcurrencyMode,
    IsolationLevel IsolationLevel,
    Func<IQueryable<TSaga>, IQueryable<TSaga>> Customize)
    where TSaga : class, ISaga;
