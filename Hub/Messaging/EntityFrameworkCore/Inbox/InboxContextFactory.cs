using MassTransit.EntityFrameworkCoreIntegration.Delivery;
using MassTransit.EntityFrameworkCoreIntegration.Outbox;
using MassTransit.EntityFrameworkCoreIntegration.Scheduling;
using MassTransit.EntityFrameworkCoreIntegration.Sql;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MassTransit.EntityFrameworkCoreIntegration.Inbox;

/// <summary>
/// Consumes a message at most once. The inbox row, the consumer's changes, its messages and its schedules commit in one
/// transaction; then the messages are sent and the rows are given to the batched clean-up. The message is acknowledged
/// after the confirms, so a process that dies in between gets it again and only sends what is left.
/// </summary>
internal sealed partial class InboxContextFactory<TDbContext>(TDbContext dbContext, IServiceProvider provider, EnvelopeSender sender,
    InboxLedger<TDbContext> ledger, CommitWatcher<TDbContext> commits, ScheduleSignal<TDbContext> scheduleSignal,
    IOptions<OutboxOptions<TDbContext>> options, ILogger<InboxContextFactory<TDbContext>> logger)
    : IOutboxContextFactory<TDbContext>
    where TDbContext : DbContext
{
    private readonly OutboxOptions<TDbContext> _options = options.Value;

    public async Task Send<T>(ConsumeContext<T> context, OutboxConsumeOptions consumeOptions, IPipe<OutboxConsumeContext<T>> next)
        where T : class
    {
        var messageId = context.GetOriginalMessageId()
            ?? throw new MessageException(typeof(T), "A message needs a MessageId to be consumed through the inbox.");
        var sql = OutboxSql.For(dbContext, _options.Dialect);
        var session = new SqlSession(dbContext, _options.Dialect);
        var now = sender.Clock.GetUtcNow().UtcDateTime;

        InboxEntry entry;
        InboxConsumeContext<T> outbox;
        await using (var work = await UnitOfWork.BeginAsync(dbContext, _options.Dialect, _options.IsolationLevel, context.CancellationToken))
        {
            var claim = sql.Claim(messageId, consumeOptions.ConsumerId, now, context.ExpirationTime);
            entry = await session.QueryAsync(claim, InboxEntry.ReadAsync, context.CancellationToken);
            outbox = new InboxConsumeContext<T>(context, consumeOptions, provider, entry, messageId, dbContext, _options.Dialect, sender.Clock);
            if (entry.IsFirst)
            {
                await next.Send(outbox);
                if (dbContext.ChangeTracker.HasChanges())
                    await dbContext.SaveChangesAsync(context.CancellationToken);
                await outbox.WriteAsync(session, sql, context.CancellationToken);
                if (outbox.HasScheduled)
                    commits.Expect(dbContext, scheduleSignal);
                ledger.Begin(entry.Id);
            }
            else if (MayFinish(context, entry, now))
            {
                await FinishAsync(session, sql, messageId, consumeOptions.ConsumerId, context.CancellationToken);
            }

            try
            {
                await work.CommitAsync(context.CancellationToken);
            }
            catch
            {
                ledger.Forget([new SentConsumption(entry.Id, [])]);
                throw;
            }
        }

        if (entry.IsFirst)
        {
            if (outbox.HasScheduled)
                commits.Signal(dbContext);
            await DeliverAsync(entry.Id, outbox.Messages, context.CancellationToken);
        }

        // Tells the pipeline, and whoever observes it, that the message is consumed.
        await next.Send(outbox);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("entityFrameworkOutbox");

    /// <summary>
    /// A repeated message whose first consumption is not marked as delivered: either that one is still being sent, by
    /// another process or by this one, or its process died and this is its message coming back.
    /// </summary>
    private bool MayFinish(ConsumeContext context, InboxEntry entry, DateTime now) =>
        !entry.IsDelivered && !ledger.IsInFlight(entry.Id) &&
        (context.ReceiveContext.Redelivered || context.GetRetryAttempt() > 0 || entry.Consumed < now - _options.AbandonedAfter);

    /// <summary>Sends what is left of the first consumption, but for what the sweeper is sending. The sweeper marks it as delivered.</summary>
    private async Task FinishAsync(SqlSession session, OutboxSql sql, Guid messageId, Guid consumerId, CancellationToken cancellationToken)
    {
        var messages = await session.QueryAsync(sql.LoadConsumed(messageId, consumerId), OutboxSql.ReadMessagesAsync, cancellationToken);
        var sent = new List<long>(messages.Count);
        var failure = await sender.SendInOrderAsync(messages, _options.MessageDeliveryTimeout, x => sent.Add(x.SequenceNumber), cancellationToken);
        if (failure != null)
            Log.NotSent(logger, failure, messages.Count - sent.Count);
        if (sent.Count > 0)
            await session.ExecuteAsync(sql.DeleteMessages([.. sent]), cancellationToken);
    }

    /// <summary>
    /// Sends the messages. When that fails they are stored and will be sent by the sweeper; failing the consumed message
    /// for it would only run a retry policy to its end and move a message to the error queue that has been consumed.
    /// </summary>
    private async Task DeliverAsync(long inboxId, List<OutboxMessage> messages, CancellationToken cancellationToken)
    {
        var confirmed = 0;
        var failure = messages.Count == 0
            ? null
            : await sender.SendInOrderAsync(messages, _options.MessageDeliveryTimeout, _ => confirmed++, cancellationToken);
        if (failure == null)
        {
            ledger.Complete(inboxId, messages.Select(x => x.SequenceNumber));
            return;
        }

        Log.NotSent(logger, failure, messages.Count - confirmed);
        ledger.HandOver(inboxId, messages.Select(x => x.SequenceNumber));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Count} messages of a consumer could not be sent, they stay in the outbox for the sweeper")]
        public static partial void NotSent(ILogger logger, Exception exception, int count);
    }
}
