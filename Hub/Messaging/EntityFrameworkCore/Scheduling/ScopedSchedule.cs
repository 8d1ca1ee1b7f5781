using MassTransit.EntityFrameworkCoreIntegration.Delivery;
using MassTransit.EntityFrameworkCoreIntegration.Sql;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MassTransit.EntityFrameworkCoreIntegration.Scheduling;

/// <summary>
/// The schedule of a scope outside of a transactional consumer: written at once, in the context's current transaction if
/// there is one.
/// </summary>
internal sealed class ScopedSchedule<TDbContext>(IServiceProvider provider, CommitWatcher<TDbContext> commits, ScheduleSignal<TDbContext> signal,
    IOptions<ScheduleOptions<TDbContext>> options) : ISchedule
    where TDbContext : DbContext
{
    public async Task ScheduleAsync(ScheduledEnvelope message, CancellationToken cancellationToken)
    {
        var dbContext = await ExecuteAsync(x => x.Insert(message), cancellationToken);
        if (dbContext.Database.CurrentTransaction == null)
            signal.Signal();
        else
            commits.Expect(dbContext, signal);
    }

    public Task CancelAsync(Guid tokenId, CancellationToken cancellationToken) => ExecuteAsync(x => x.Cancel(tokenId), cancellationToken);

    private async Task<TDbContext> ExecuteAsync(Func<ScheduleSql, Statement> statement, CancellationToken cancellationToken)
    {
        var dbContext = provider.GetRequiredService<TDbContext>();
        var dialect = options.Value.Dialect;
        await new SqlSession(dbContext, dialect).ExecuteAsync(statement(ScheduleSql.For(dbContext, dialect)), cancellationToken);
        return dbContext;
    }
}

/// <summary>The schedule of a consumer that has neither outbox nor saga: each call is a transaction of its own.</summary>
internal sealed class DetachedSchedule<TDbContext>(IServiceScopeFactory scopes) : ISchedule
    where TDbContext : DbContext
{
    public Task ScheduleAsync(ScheduledEnvelope message, CancellationToken cancellationToken) =>
        InScopeAsync(x => x.ScheduleAsync(message, cancellationToken));

    public Task CancelAsync(Guid tokenId, CancellationToken cancellationToken) => InScopeAsync(x => x.CancelAsync(tokenId, cancellationToken));

    private async Task InScopeAsync(Func<ScopedSchedule<TDbContext>, Task> action)
    {
        await using var scope = scopes.CreateAsyncScope();
        await action(scope.ServiceProvider.GetRequiredService<ScopedSchedule<TDbContext>>());
    }
}
