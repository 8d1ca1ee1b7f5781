using MassTransit.Context;
using MassTransit.EntityFrameworkCoreIntegration.Scheduling;
using MassTransit.EntityFrameworkCoreIntegration.Sql;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration.Sagas;

/// <summary>What a saga's pipeline does with instances while one message is consumed.</summary>
internal sealed class EntityFrameworkSagaRepositoryContext<TSaga, TMessage> : ConsumeContextScope<TMessage>, SagaRepositoryContext<TSaga, TMessage>,
    ISchedule
    where TSaga : class, ISaga
    where TMessage : class
{
    private readonly ISagaConsumeContextFactory<DbContext, TSaga> _factory;
    private readonly SagaStore<TSaga> _store;

    public EntityFrameworkSagaRepositoryContext(ConsumeContext<TMessage> context, ISagaConsumeContextFactory<DbContext, TSaga> factory,
        SagaStore<TSaga> store)
        : base(context)
    {
        _factory = factory;
        _store = store;

        // Within an outbox the schedule is the outbox's; without one it joins the saga's own transaction.
        if (!context.TryGetPayload<ISchedule>(out _) && context.TryGetPayload<MessageSchedulerContext>(out var scheduler))
            AddOrUpdatePayload<MessageSchedulerContext>(() => new ConsumeMessageSchedulerContext(this, scheduler.SchedulerFactory),
                existing => new ConsumeMessageSchedulerContext(this, existing.SchedulerFactory));
    }

    /// <summary>Called when the transaction is known to contain schedules.</summary>
    public Action? Scheduled { get; init; }

    public Task<SagaConsumeContext<TSaga, TMessage>> Add(TSaga instance) =>
        _factory.CreateSagaConsumeContext(_store.DbContext, this, instance, SagaConsumeContextMode.Add);

    public async Task<SagaConsumeContext<TSaga, TMessage>> Insert(TSaga instance)
    {
        if (await _store.LockForCreationAsync(instance.CorrelationId, CancellationToken))
            return null!;
        if (!_store.Dialect.HasRowLocks && await _store.LoadAsync(instance.CorrelationId, CancellationToken) != null)
            return null!;

        await Store(instance);
        return await _factory.CreateSagaConsumeContext(_store.DbContext, this, instance, SagaConsumeContextMode.Insert);
    }

    public async Task<SagaConsumeContext<TSaga, TMessage>> Load(Guid correlationId)
    {
        var instance = await _store.LoadAsync(correlationId, CancellationToken);
        if (instance == null && await _store.LockForCreationAsync(correlationId, CancellationToken))
            instance = await _store.LoadAsync(correlationId, CancellationToken);
        return instance == null
            ? null!
            : await _factory.CreateSagaConsumeContext(_store.DbContext, this, instance, SagaConsumeContextMode.Load);
    }

    public Task Save(SagaConsumeContext<TSaga> context) => Store(context.Saga);

    public Task Update(SagaConsumeContext<TSaga> context) => _store.DbContext.SaveChangesAsync(CancellationToken);

    public Task Delete(SagaConsumeContext<TSaga> context)
    {
        _store.DbContext.Remove(context.Saga);
        return _store.DbContext.SaveChangesAsync(CancellationToken);
    }

    public Task Discard(SagaConsumeContext<TSaga> context) => Forget(context.Saga);

    public Task Undo(SagaConsumeContext<TSaga> context) => Forget(context.Saga);

    public Task<SagaConsumeContext<TSaga, T>> CreateSagaConsumeContext<T>(ConsumeContext<T> consumeContext, TSaga instance, SagaConsumeContextMode mode)
        where T : class => _factory.CreateSagaConsumeContext(_store.DbContext, consumeContext, instance, mode);

    public Task ScheduleAsync(ScheduledEnvelope message, CancellationToken cancellationToken)
    {
        Scheduled?.Invoke();
        return new SqlSession(_store.DbContext, _store.Dialect)
            .ExecuteAsync(ScheduleSql.For(_store.DbContext, _store.Dialect).Insert(message), cancellationToken);
    }

    public Task CancelAsync(Guid tokenId, CancellationToken cancellationToken) => new SqlSession(_store.DbContext, _store.Dialect)
        .ExecuteAsync(ScheduleSql.For(_store.DbContext, _store.Dialect).Cancel(tokenId), cancellationToken);

    private Task<int> Store(TSaga instance)
    {
        _store.DbContext.Add(instance);
        return _store.DbContext.SaveChangesAsync(CancellationToken);
    }

    private Task Forget(TSaga instance)
    {
        _store.DbContext.Entry(instance).State = EntityState.Detached;
        return Task.CompletedTask;
    }
}
