using MassTransit.EntityFrameworkCoreIntegration.Delivery;
using MassTransit.EntityFrameworkCoreIntegration.Scheduling;
using MassTransit.EntityFrameworkCoreIntegration.Sql;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration.Inbox;

/// <summary>
/// The context that a consumer works in: what it sends and schedules is kept and written in one go before its transaction
/// commits. For a message that was consumed before, the context only says so.
/// </summary>
internal sealed class InboxConsumeContext<TMessage> : OutboxConsumeContextProxy<TMessage>, ISchedule
    where TMessage : class
{
    private readonly InboxEntry _entry;
    private readonly DbContext _dbContext;
    private readonly SqlDialect _dialect;
    private readonly TimeProvider _clock;
    private readonly Guid _inboxMessageId;
    private readonly List<Statement> _schedule = [];
    private bool _consumed;

    public InboxConsumeContext(ConsumeContext<TMessage> context, OutboxConsumeOptions options, IServiceProvider provider, InboxEntry entry,
        Guid inboxMessageId, DbContext dbContext, SqlDialect dialect, TimeProvider clock)
        : base(context, options, provider)
    {
        _entry = entry;
        _dbContext = dbContext;
        _dialect = dialect;
        _clock = clock;
        _inboxMessageId = inboxMessageId;
        _consumed = !entry.IsFirst;
    }

    /// <summary>What the consumer sent, in order.</summary>
    public List<OutboxMessage> Messages { get; } = [];

    /// <summary>True when the consumer scheduled or canceled something.</summary>
    public bool HasScheduled => _schedule.Count > 0;

    public override bool ContinueProcessing { get; set; } = true;

    public override bool IsMessageConsumed => _consumed;

    public override bool IsOutboxDelivered => _consumed;

    public override int ReceiveCount => _entry.IsFirst ? 1 : 2;

    public override long? LastSequenceNumber => null;

    public override Task SetConsumed()
    {
        _consumed = true;
        return Task.CompletedTask;
    }

    public override Task SetDelivered() => Task.CompletedTask;

    public override Task<List<OutboxMessageContext>> LoadOutboxMessages() => Task.FromResult<List<OutboxMessageContext>>([]);

    public override Task NotifyOutboxMessageDelivered(OutboxMessageContext message) => Task.CompletedTask;

    public override Task RemoveOutboxMessages() => Task.CompletedTask;

    public override Task AddSend<T>(SendContext<T> context)
    {
        var now = _clock.GetUtcNow().UtcDateTime;
        var message = new OutboxMessage
        {
            InboxMessageId = _inboxMessageId,
            InboxConsumerId = ConsumerId,
            EnqueueTime = context.Delay is { } delay ? now + delay : null,
        };
        message.Capture(context, now);
        lock (Messages)
            Messages.Add(message);
        return Task.CompletedTask;
    }

    public Task ScheduleAsync(ScheduledEnvelope message, CancellationToken cancellationToken) =>
        AddSchedule(ScheduleSql.For(_dbContext, _dialect).Insert(message));

    public Task CancelAsync(Guid tokenId, CancellationToken cancellationToken) =>
        AddSchedule(ScheduleSql.For(_dbContext, _dialect).Cancel(tokenId));

    /// <summary>Writes what the consumer sent and scheduled into its transaction.</summary>
    public async Task WriteAsync(SqlSession session, OutboxSql sql, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync(_schedule, cancellationToken);
        for (var i = 0; i < Messages.Count; i += EnvelopeTable.RowsPerInsert)
        {
            var rows = Messages.Slice(i, Math.Min(EnvelopeTable.RowsPerInsert, Messages.Count - i));
            var numbers = await session.QueryAsync(sql.Insert([.. rows]), OutboxSql.ReadNumbersAsync, cancellationToken);
            for (var row = 0; row < rows.Count; row++)
                rows[row].SequenceNumber = numbers[row];
        }
    }

    private Task AddSchedule(Statement statement)
    {
        lock (_schedule)
            _schedule.Add(statement);
        return Task.CompletedTask;
    }
}
