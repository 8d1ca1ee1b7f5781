using System.Data.Common;
using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace IntegrationHub.BridgeProcess;

/// <summary>At which commit a process is to be killed.</summary>
public enum Situation
{
    ConsumerCommitted,
    SagaCommitted,
    ScopeCommitted,
}

/// <summary>Lets a process get as far as the commit that the situation is about, and no further.</summary>
public sealed class FreezeAfterCommit(Situation situation) : DbTransactionInterceptor
{
    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is not { } dbContext || !IsAbout(dbContext))
            return Task.CompletedTask;

        Console.WriteLine("frozen");
        return new TaskCompletionSource().Task;
    }

    private bool IsAbout(DbContext dbContext) => situation switch
    {
        Situation.ConsumerCommitted => dbContext.ChangeTracker.Entries<Effect>().Any(),
        Situation.SagaCommitted => dbContext.ChangeTracker.Entries<OrderState>().Any(),
        _ => dbContext.ChangeTracker.Entries<OutboxMessage>().Any(),
    };
}
