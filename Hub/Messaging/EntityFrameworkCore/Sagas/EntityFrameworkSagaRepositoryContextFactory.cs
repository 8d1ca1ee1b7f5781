using MassTransit.EntityFrameworkCoreIntegration.Scheduling;
using MassTransit.EntityFrameworkCoreIntegration.Sql;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration.Sagas;

/// <summary>
/// Runs a saga's pipeline in a transaction: the outbox's, if the message is consumed through one, else its own. Made once
/// per consumed message, in its scope, so that consumer, saga and outbox see one context.
/// </summary>
internal sealed class EntityFrameworkSagaRepositoryContextFactory<TSaga>(IServiceProvider provider, SagaRepositoryOptions<TSaga> options,
    ISagaConsumeContextFactory<DbContext, TSaga> consumeContextFactory, IEnumerable<IScheduleCommits> commits)
    : ISagaRepositoryContextFactory<TSaga>, IQuerySagaRepositoryContextFactory<TSaga>, ILoadSagaRepositoryContextFactory<TSaga>
    where TSaga : class, ISaga
{
    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next)
        where T : class
    {
        var store = CreateStore();
        return WithinTransactionAsync(store, () => next.Send(CreateContext(context, store)), context.CancellationToken);
    }

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next)
        where T : class
    {
        var store = CreateStore();
        return WithinTransactionAsync(store, async () =>
        {
            var ids = await FindAsync(store, query, context.CancellationToken);
            if (ids.Count == 0)
            {
                await store.LockForCreationByQueryAsync(context.CancellationToken);
                ids = await FindAsync(store, query, context.CancellationToken);
            }

            var repository = CreateContext(context, store);
            if (!store.IsPessimistic || ids.Count == 0)
            {
                await next.Send(new DefaultSagaRepositoryQueryContext<TSaga, T>(repository, ids));
                return;
            }

            // An instance may have changed between being found and being locked: what no longer matches is not correlated.
            var matches = query.GetFilter();
            var instances = new List<TSaga>(ids.Count);
            foreach (var id in ids)
            {
                if (await store.LoadAsync(id, context.CancellationToken) is { } instance && matches(instance))
                    instances.Add(instance);
            }

            await next.Send(new LoadedSagaRepositoryQueryContext<TSaga, T>(repository, instances));
        }, context.CancellationToken);
    }

    public Task<T> Execute<T>(Func<QuerySagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken = default)
        where T : class => asyncMethod(new EntityFrameworkSagaReadContext<TSaga>(CreateStore(), cancellationToken));

    public Task<T> Execute<T>(Func<LoadSagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken = default)
        where T : class => asyncMethod(new EntityFrameworkSagaReadContext<TSaga>(CreateStore(), cancellationToken));

    public void Probe(ProbeContext context) => context.CreateScope("entityFrameworkCore");

    private SagaStore<TSaga> CreateStore() => new(options.DbContext(provider), options);

    private EntityFrameworkSagaRepositoryContext<TSaga, T> CreateContext<T>(ConsumeContext<T> context, SagaStore<TSaga> store)
        where T : class => new(context, consumeContextFactory, store)
        {
            Scheduled = () =>
            {
                foreach (var commit in commits)
                    commit.Expect(store.DbContext);
            },
        };

    // Ordered, so that two messages that match the same instances lock them in the same order.
    private static Task<List<Guid>> FindAsync(SagaStore<TSaga> store, ISagaQuery<TSaga> query, CancellationToken cancellationToken) =>
        store.Instances.Where(query.FilterExpression).Select(x => x.CorrelationId).OrderBy(x => x).ToListAsync(cancellationToken);

    private static async Task WithinTransactionAsync(SagaStore<TSaga> store, Func<Task> work, CancellationToken cancellationToken)
    {
        if (store.DbContext.Database.CurrentTransaction != null)
        {
            await work();
            return;
        }

        await using var transaction = await UnitOfWork.BeginAsync(store.DbContext, store.Dialect, store.IsolationLevel, cancellationToken);
        await work();
        await transaction.CommitAsync(cancellationToken);
    }
}
