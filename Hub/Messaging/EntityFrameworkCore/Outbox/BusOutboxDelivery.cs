using System.Data.Common;
using MassTransit.EntityFrameworkCoreIntegration.Delivery;
using MassTransit.EntityFrameworkCoreIntegration.Sql;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MassTransit.EntityFrameworkCoreIntegration.Outbox;

/// <summary>
/// Sends what scopes saved. Many outboxes per transaction: the messages of one outbox one after the other, the outboxes
/// side by side, so that the broker's confirms overlap.
/// </summary>
internal sealed partial class BusOutboxDelivery<TDbContext>(IServiceScopeFactory scopes, EnvelopeSender sender, OutboxSignal<TDbContext> signal,
    IOptions<OutboxOptions<TDbContext>> options, ILogger<BusOutboxDelivery<TDbContext>> logger)
    : DeliveryLoop(signal, sender.Clock, logger)
    where TDbContext : DbContext
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(1);

    private readonly OutboxOptions<TDbContext> _options = options.Value;
    private readonly Postponed _postponed = new(sender.Clock, _firstPause, _longestPause);

    protected override bool IsReady => sender.IsBusReady;

    protected override async Task<TimeSpan> WorkAsync(CancellationToken stoppingToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var dbContext = scope.ServiceProvider.GetRequiredService<TDbContext>();
        var sql = OutboxSql.For(dbContext, _options.Dialect);
        var session = new SqlSession(dbContext, _options.Dialect);

        // With row locks a second process passes by what this one is sending. Without them there is one process, and a
        // transaction would only keep the consumers of what it sends from working.
        await using var work = _options.Dialect.HasRowLocks
            ? await UnitOfWork.BeginAsync(dbContext, _options.Dialect, _options.IsolationLevel, stoppingToken)
            : null;

        var claim = sql.ClaimOutboxes(_options.QueryMessageLimit, _postponed.Resting(), _options.MessageDeliveryLimit);
        var outboxes = await session.QueryAsync(claim, ReadAsync, stoppingToken);
        if (outboxes.Count == 0)
            return _postponed.AtMost(_options.QueryDelay);

        var results = await Task.WhenAll(outboxes.Select(x => DeliverAsync(x.Key, x.Value, stoppingToken)));

        var sent = results.SelectMany(x => x.Confirmed).ToArray();
        var finished = results.Where(x => x.Failure == null).Select(x => x.OutboxId).ToArray();
        await RemoveAsync(dbContext, session, sql, sent, finished, work, stoppingToken);

        foreach (var result in results)
        {
            if (result.Failure == null)
            {
                _postponed.Remove(result.OutboxId);
                continue;
            }

            _postponed.Add(result.OutboxId);
        }

        if (results.FirstOrDefault(x => x.Failure != null) is { } failed)
            Log.NotSent(logger, failed.Failure!, results.Count(x => x.Failure != null), failed.OutboxId);
        return TimeSpan.Zero;
    }

    private async Task RemoveAsync(TDbContext dbContext, SqlSession session, OutboxSql sql, long[] sent, Guid[] finished, UnitOfWork? work,
        CancellationToken cancellationToken)
    {
        if (sent.Length == 0 && finished.Length == 0)
            return;

        var statements = new List<Statement> { sql.DeleteMessages(sent), sql.DeleteOutboxes(finished) };
        if (work != null)
        {
            // Losing this commit in a power failure only sends again what the receivers' inboxes know.
            if (_options.Dialect.RelaxDurability is { } relax)
                statements.Insert(0, relax);
            await session.ExecuteAsync(statements, cancellationToken);
            await work.CommitAsync(cancellationToken);
            return;
        }

        await using var removal = await UnitOfWork.BeginAsync(dbContext, _options.Dialect, _options.IsolationLevel, cancellationToken);
        await session.ExecuteAsync(statements, cancellationToken);
        await removal.CommitAsync(cancellationToken);
    }

    private async Task<Delivered> DeliverAsync(Guid outboxId, List<OutboxMessage> messages, CancellationToken cancellationToken)
    {
        var confirmed = new List<long>(messages.Count);
        var failure = await sender.SendInOrderAsync(messages, _options.MessageDeliveryTimeout, x => confirmed.Add(x.SequenceNumber), cancellationToken);
        return new Delivered(outboxId, confirmed, failure);
    }

    private static async Task<Dictionary<Guid, List<OutboxMessage>>> ReadAsync(DbDataReader reader, CancellationToken cancellationToken)
    {
        var outboxes = new Dictionary<Guid, List<OutboxMessage>>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var outboxId = reader.GetGuid(0);
            if (!outboxes.TryGetValue(outboxId, out var messages))
                outboxes.Add(outboxId, messages = []);
            if (!reader.IsDBNull(1))
                messages.Add(OutboxSql.ReadMessage(reader, 1));
        }

        return outboxes;
    }

    private sealed record Delivered(Guid OutboxId, List<long> Confirmed, Exception? Failure);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Count} outboxes could not be sent and are tried again later, the first is {OutboxId}")]
        public static partial void NotSent(ILogger logger, Exception exception, int count, Guid outboxId);
    }
}
