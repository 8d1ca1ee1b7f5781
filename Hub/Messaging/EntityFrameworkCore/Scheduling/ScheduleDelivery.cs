using System.Data;
using System.Data.Common;
using MassTransit.EntityFrameworkCoreIntegration.Delivery;
using MassTransit.EntityFrameworkCoreIntegration.Sql;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MassTransit.EntityFrameworkCoreIntegration.Scheduling;

/// <summary>Sends scheduled messages when they are due; sleeps until the next one is, or until a new one is committed.</summary>
internal sealed partial class ScheduleDelivery<TDbContext>(IServiceScopeFactory scopes, EnvelopeSender sender, ScheduleSignal<TDbContext> signal,
    IOptions<ScheduleOptions<TDbContext>> options, ILogger<ScheduleDelivery<TDbContext>> logger)
    : DeliveryLoop(signal, sender.Clock, logger)
    where TDbContext : DbContext
{
    private readonly ScheduleOptions<TDbContext> _options = options.Value;
    private readonly Postponed _postponed = new(sender.Clock, TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1));

    protected override bool IsReady => sender.IsBusReady;

    protected override async Task<TimeSpan> WorkAsync(CancellationToken stoppingToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var dbContext = scope.ServiceProvider.GetRequiredService<TDbContext>();
        var dialect = _options.Dialect;
        var sql = ScheduleSql.For(dbContext, dialect);
        var session = new SqlSession(dbContext, dialect);

        await using var work = dialect.HasRowLocks
            ? await UnitOfWork.BeginAsync(dbContext, dialect, IsolationLevel.ReadCommitted, stoppingToken)
            : null;
        var claim = sql.ClaimDue(sender.Clock.GetUtcNow().UtcDateTime, _postponed.Resting(), _options.QueryMessageLimit);
        var due = await session.QueryAsync(claim, ScheduleSql.ReadAsync, stoppingToken);
        if (due.Count == 0)
        {
            var next = await session.QueryAsync(sql.NextDue(_postponed.Resting()), ReadNextDueAsync, stoppingToken);
            return _postponed.AtMost(UntilDue(next));
        }

        var results = await Task.WhenAll(due.Select(async x =>
            (x.TokenId, Failure: await sender.SendInOrderAsync([x], _options.MessageDeliveryTimeout, _ => { }, stoppingToken))));
        var sent = results.Where(x => x.Failure == null).Select(x => x.TokenId).ToArray();
        if (sent.Length > 0)
        {
            await using var removal = work ?? await UnitOfWork.BeginAsync(dbContext, dialect, IsolationLevel.ReadCommitted, stoppingToken);
            await session.ExecuteAsync(sql.Delete(sent), stoppingToken);
            await removal.CommitAsync(stoppingToken);
        }

        foreach (var (tokenId, failure) in results)
        {
            if (failure == null)
            {
                _postponed.Remove(tokenId);
                continue;
            }

            _postponed.Add(tokenId);
            Log.NotSent(logger, failure, tokenId);
        }

        return TimeSpan.Zero;
    }

    private TimeSpan UntilDue(DateTime? due)
    {
        var wait = due - sender.Clock.GetUtcNow().UtcDateTime;
        if (wait == null || wait > _options.QueryDelay)
            return _options.QueryDelay;

        // A due row that was not claimed is being sent by another process.
        return wait > TimeSpan.FromMilliseconds(1) ? wait.Value : BusCheckInterval;
    }

    private static async Task<DateTime?> ReadNextDueAsync(DbDataReader reader, CancellationToken cancellationToken) =>
        await reader.ReadAsync(cancellationToken) ? EnvelopeTable.Time(reader, 0) : null;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The scheduled message {TokenId} could not be sent and is tried again later")]
        public static partial void NotSent(ILogger logger, Exception exception, Guid tokenId);
    }
}
