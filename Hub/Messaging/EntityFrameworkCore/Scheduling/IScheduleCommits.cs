using MassTransit.EntityFrameworkCoreIntegration.Delivery;
using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration.Scheduling;

/// <summary>Wakes the schedule's delivery after a context's commit; one per context type that has a schedule.</summary>
internal interface IScheduleCommits
{
    void Expect(DbContext dbContext);
}

/// <inheritdoc />
internal sealed class ScheduleCommits<TDbContext>(CommitWatcher<TDbContext> commits, ScheduleSignal<TDbContext> signal) : IScheduleCommits
    where TDbContext : DbContext
{
    public void Expect(DbContext dbContext)
    {
        if (dbContext is TDbContext)
            commits.Expect(dbContext, signal);
    }
}
