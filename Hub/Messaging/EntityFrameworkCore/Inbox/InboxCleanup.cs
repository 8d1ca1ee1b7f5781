using MassTransit.EntityFrameworkCoreIntegration.Delivery;
using MassTransit.EntityFrameworkCoreIntegration.Outbox;
using MassTransit.EntityFrameworkCoreIntegration.Sql;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MassTransit.EntityFrameworkCoreIntegration.Inbox;

/// <summary>Removes inbox rows whose duplicate detection window is over, in small transactions that touch only the inbox.</summary>
internal sealed class InboxCleanup<TDbContext>(IServiceScopeFactory scopes, TimeProvider clock, IOptions<OutboxOptions<TDbContext>> options,
    ILogger<InboxCleanup<TDbContext>> logger) : DeliveryLoop(new WakeUpSignal(), clock, logger)
    where TDbContext : DbContext
{
    private const int BatchSize = 1000;

    private readonly OutboxOptions<TDbContext> _options = options.Value;
    private readonly TimeProvider _clock = clock;

    protected override bool IsReady => true;

    protected override async Task<TimeSpan> WorkAsync(CancellationToken stoppingToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var dbContext = scope.ServiceProvider.GetRequiredService<TDbContext>();
        var sql = OutboxSql.For(dbContext, _options.Dialect);
        var cutoff = _clock.GetUtcNow().UtcDateTime - _options.DuplicateDetectionWindow;

        await using var work = await UnitOfWork.BeginAsync(dbContext, _options.Dialect, _options.IsolationLevel, stoppingToken);
        var removed = await new SqlSession(dbContext, _options.Dialect).ExecuteAsync(sql.RemoveExpired(cutoff, BatchSize), stoppingToken);
        await work.CommitAsync(stoppingToken);
        return removed == BatchSize ? TimeSpan.Zero : _options.SweepDelay;
    }
}
