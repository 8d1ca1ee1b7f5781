using MassTransit.EntityFrameworkCoreIntegration.Delivery;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.EntityFrameworkCoreIntegration.Outbox;

/// <summary>
/// What a scope sends, kept in its context until SaveChanges writes it together with everything else. What is never saved
/// is never sent.
/// </summary>
internal sealed class BusOutbox<TDbContext>(IServiceProvider provider, CommitWatcher<TDbContext> commits, OutboxSignal<TDbContext> signal,
    TimeProvider clock) : OutboxSendContext, IDisposable
    where TDbContext : DbContext
{
    private TDbContext? _dbContext;
    private OutboxState? _current;
    private Guid? _transactionId;

    public Task AddSend<T>(SendContext<T> context)
        where T : class
    {
        _dbContext ??= provider.GetRequiredService<TDbContext>();
        var now = clock.GetUtcNow().UtcDateTime;
        var message = new OutboxMessage
        {
            OutboxId = CurrentOutbox(_dbContext, now).OutboxId,
            EnqueueTime = context.Delay is { } delay ? now + delay : null,
        };
        message.Capture(context, now);
        _dbContext.Add(message);
        commits.Expect(_dbContext, signal);
        return Task.CompletedTask;
    }

    public object? GetService(Type serviceType) => provider.GetService(serviceType);

    public void Dispose()
    {
        if (_dbContext != null)
            commits.Signal(_dbContext);
    }

    /// <summary>
    /// An outbox is open until it is saved, or until the transaction that it was saved in ends: after that it may already
    /// be delivered and gone, so a new one begins.
    /// </summary>
    private OutboxState CurrentOutbox(TDbContext dbContext, DateTime now)
    {
        var transactionId = dbContext.Database.CurrentTransaction?.TransactionId;
        if (_current != null)
        {
            var entry = dbContext.Entry(_current);
            if (entry.State == EntityState.Added || (entry.State == EntityState.Unchanged && transactionId != null && transactionId == _transactionId))
                return _current;
            entry.State = EntityState.Detached;
        }

        _transactionId = transactionId;
        _current = new OutboxState { OutboxId = NewId.NextSequentialGuid(), Created = now };
        dbContext.Add(_current);
        return _current;
    }
}
