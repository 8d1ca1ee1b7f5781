using MassTransit.EntityFrameworkCoreIntegration.Delivery;
using MassTransit.EntityFrameworkCoreIntegration.Outbox;
using MassTransit.EntityFrameworkCoreIntegration.Sql;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MassTransit.EntityFrameworkCoreIntegration.Inbox;

/// <summary>
/// Finishes what consumers committed and nobody is going to finish otherwise: their process died, and their message does
/// not come back because it was lost, moved to an error queue, or the broker had no memory.
/// </summary>
internal sealed partial class InboxSweeper<TDbContext>(IServiceScopeFactory scopes, EnvelopeSender sender, InboxLedger<TDbContext> ledger,
    IOptions<OutboxOptions<TDbContext>> options, ILogger<InboxSweeper<TDbContext>> logger)
    : DeliveryLoop(ledger.Abandoned, sender.Clock, logger)
    where TDbContext : DbContext
{
    private readonly OutboxOptions<TDbContext> _options = options.Value;
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1));
    private bool _first = true;

    protected override bool IsReady => sender.IsBusReady;

    protected override async Task<TimeSpan> WorkAsync(CancellationToken stoppingToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var dbContext = scope.ServiceProvider.GetRequiredService<TDbContext>();
        var sql = OutboxSql.For(dbContext, _options.Dialect);
        var session = new SqlSession(dbContext, _options.Dialect);
        var now = sender.Clock.GetUtcNow().UtcDateTime;

        // An in-memory bus has one process, which has just started: whatever is there is left over.
        var cutoff = _first && sender.IsInMemory ? sender.Started : now - _options.AbandonedAfter;

        // Unlike the bus outbox this is rare, so that even a database without row locks may be locked while it lasts.
        await using var work = await UnitOfWork.BeginAsync(dbContext, _options.Dialect, _options.IsolationLevel, stoppingToken);
        var query = sql.LoadAbandoned(cutoff, ledger.HandedOver, _options.QueryMessageLimit);
        var messages = await session.QueryAsync(query, OutboxSql.ReadMessagesAsync, stoppingToken);
        var sent = new List<long>(messages.Count);
        var failure = messages.Count == 0
            ? null
            : await sender.SendInOrderAsync(messages, _options.MessageDeliveryTimeout, x => sent.Add(x.SequenceNumber), stoppingToken);

        if (sent.Count > 0)
            await session.ExecuteAsync(sql.DeleteMessages([.. sent]), stoppingToken);
        await session.ExecuteAsync(sql.SetAbandonedDelivered(now, cutoff, _options.QueryMessageLimit), stoppingToken);
        await work.CommitAsync(stoppingToken);
        ledger.Swept(sent);

        if (sent.Count > 0)
            Log.Swept(logger, sent.Count);
        if (failure != null)
        {
            var pause = _backoff.Failed();
            Log.NotSent(logger, failure, messages.Count - sent.Count, pause);
            return pause;
        }

        _backoff.Succeeded();
        if (messages.Count == _options.QueryMessageLimit)
            return TimeSpan.Zero;
        _first = false;
        return _options.SweepDelay;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Sent {Count} messages that consumers had left in the outbox")]
        public static partial void Swept(ILogger logger, int count);

        [LoggerMessage(2, LogLevel.Warning, "{Count} messages that consumers left in the outbox could not be sent, trying again in {Pause}")]
        public static partial void NotSent(ILogger logger, Exception exception, int count, TimeSpan pause);
    }
}
