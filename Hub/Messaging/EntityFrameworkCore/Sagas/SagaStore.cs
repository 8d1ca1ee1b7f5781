using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using MassTransit.EntityFrameworkCoreIntegration.Sql;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace MassTransit.EntityFrameworkCoreIntegration.Sagas;

/// <summary>Loads and locks the instances of one saga type in one context.</summary>
internal sealed class SagaStore<TSaga>(DbContext dbContext, SagaRepositoryOptions<TSaga> options)
    where TSaga : class, ISaga
{
    private static readonly ConditionalWeakTable<IModel, Sql> _sql = [];

    public DbContext DbContext => dbContext;

    public bool IsPessimistic => options.ConcurrencyMode == ConcurrencyMode.Pessimistic;

    public SqlDialect Dialect => options.Dialect;

    public System.Data.IsolationLevel IsolationLevel => options.IsolationLevel;

    /// <summary>Every instance, unlocked and unmodified by the tracker.</summary>
    public IQueryable<TSaga> Instances => options.Customize(dbContext.Set<TSaga>());

    /// <summary>The instance, locked until the transaction ends where the mode says so; null when there is none.</summary>
    public async Task<TSaga?> LoadAsync(Guid correlationId, CancellationToken cancellationToken)
    {
        if (!IsPessimistic || !options.Dialect.HasRowLocks)
            return await Instances.SingleOrDefaultAsync(x => x.CorrelationId == correlationId, cancellationToken);

        var locked = options.Customize(dbContext.Set<TSaga>().FromSqlRaw(Statements.Lock, correlationId));
        var instances = await locked.ToListAsync(cancellationToken);
        return instances.Count == 0 ? null : instances[0];
    }

    /// <summary>
    /// Waits until no other transaction can be creating the instance, and says whether one now exists. Without it two
    /// first events would both insert, and one would fail on the key after having done all its work.
    /// </summary>
    public async Task<bool> LockForCreationAsync(Guid correlationId, CancellationToken cancellationToken)
    {
        if (options.Dialect.LockKey(KeyOf(correlationId)) is not { } lockKey)
            return false;

        return await new SqlSession(dbContext, options.Dialect)
            .AnyAfterAsync(lockKey, new Statement(Statements.Exists, correlationId), cancellationToken);
    }

    /// <summary>Waits until no other transaction is creating an instance of this type that it looked for by a query.</summary>
    public async Task LockForCreationByQueryAsync(CancellationToken cancellationToken)
    {
        if (options.Dialect.LockKey(KeyOf(Guid.Empty)) is { } lockKey)
            await new SqlSession(dbContext, options.Dialect).ExecuteAsync(lockKey, cancellationToken);
    }

    private Sql Statements => _sql.GetValue(dbContext.Model, model => new Sql(model, options.Dialect));

    private static long KeyOf(Guid correlationId)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{typeof(TSaga).FullName}:{correlationId:N}"), hash);
        return BitConverter.ToInt64(hash);
    }

    private sealed class Sql
    {
        public Sql(IModel model, SqlDialect dialect)
        {
            var table = TableMap.Find(model, typeof(TSaga)) ?? throw new InvalidOperationException(
                $"The model has no table for the saga {typeof(TSaga).Name}: apply its SagaClassMap in OnModelCreating.");
            var id = table[nameof(ISaga.CorrelationId)];
            Lock = $"SELECT *{dialect.HiddenColumns} FROM {table.Name} WHERE {id} = {{0}}{dialect.ForUpdate}";
            Exists = $"SELECT 1 FROM {table.Name} WHERE {id} = $1";
        }

        public string Lock { get; }

        public string Exists { get; }
    }
}
