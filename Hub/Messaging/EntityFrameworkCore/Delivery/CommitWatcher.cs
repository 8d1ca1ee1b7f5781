using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace MassTransit.EntityFrameworkCoreIntegration.Delivery;

/// <summary>
/// Wakes the delivery once what was saved is visible to it: after the commit, whether the application commits itself or
/// SaveChanges does.
/// </summary>
internal sealed class CommitWatcher<TDbContext> : DbTransactionInterceptor, ISaveChangesInterceptor
    where TDbContext : DbContext
{
    private readonly ConditionalWeakTable<DbContext, HashSet<WakeUpSignal>> _expected = [];

    /// <summary>The signal is given after the context's next commit.</summary>
    public void Expect(DbContext dbContext, WakeUpSignal signal)
    {
        var signals = _expected.GetOrCreateValue(dbContext);
        lock (signals)
            signals.Add(signal);
    }

    /// <summary>Gives the signals now: the scope ends, and a commit outside of the context's sight may have happened.</summary>
    public void Signal(DbContext dbContext)
    {
        if (!_expected.TryGetValue(dbContext, out var signals))
            return;

        lock (signals)
        {
            foreach (var signal in signals)
                signal.Signal();
            signals.Clear();
        }
    }

    public override void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => Committed(eventData.Context);

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData,
        CancellationToken cancellationToken = default)
    {
        Committed(eventData.Context);
        return Task.CompletedTask;
    }

    public int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        Saved(eventData.Context);
        return result;
    }

    public ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        Saved(eventData.Context);
        return ValueTask.FromResult(result);
    }

    private void Saved(DbContext? dbContext)
    {
        if (dbContext != null && dbContext.Database.CurrentTransaction == null)
            Signal(dbContext);
    }

    private void Committed(DbContext? dbContext)
    {
        if (dbContext != null)
            Signal(dbContext);
    }
}
