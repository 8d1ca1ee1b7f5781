using System.Collections.Concurrent;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace MassTransit.EntityFrameworkCoreIntegration.Sql;

/// <summary>The statements of the inbox and the outbox, built once per model.</summary>
internal sealed class OutboxSql
{
    private static readonly ConditionalWeakTable<IModel, ConcurrentDictionary<SqlDialect, OutboxSql>> _cache = [];

    private readonly string _claim;
    private readonly string _insert;
    private readonly string _loadConsumed;
    private readonly string _loadAbandoned;
    private readonly string _claimOutboxes;
    private readonly string _deleteMessages;
    private readonly string _deleteOutboxes;
    private readonly string _setDelivered;
    private readonly string _setAbandonedDelivered;
    private readonly string _removeExpired;
    private readonly string _sequenceNumber;
    private readonly ConcurrentDictionary<int, string> _insertByRows = new();

    private OutboxSql(IModel model, SqlDialect dialect)
    {
        Dialect = dialect;
        var inbox = TableMap.Require(model, typeof(InboxState), nameof(TransactionalOutboxModelExtensions.AddInboxStateEntity));
        var state = TableMap.Require(model, typeof(OutboxState), nameof(TransactionalOutboxModelExtensions.AddOutboxStateEntity));
        var message = TableMap.Require(model, typeof(OutboxMessage), nameof(TransactionalOutboxModelExtensions.AddOutboxMessageEntity));

        string I(string property) => inbox[property];
        string S(string property) => state[property];
        string M(string property) => message[property];
        _sequenceNumber = M(nameof(OutboxMessage.SequenceNumber));
        var columns = EnvelopeTable.Columns(message, "m.", nameof(OutboxMessage.SequenceNumber), nameof(OutboxMessage.EnqueueTime));

        _claim = $"""
            INSERT INTO {inbox.Name} AS i ({I(nameof(InboxState.MessageId))}, {I(nameof(InboxState.ConsumerId))}, {I(nameof(InboxState.LockId))},
                {I(nameof(InboxState.Received))}, {I(nameof(InboxState.ReceiveCount))}, {I(nameof(InboxState.ExpirationTime))}, {I(nameof(InboxState.Consumed))})
            VALUES ($1, $2, $3, $4, 1, $5, $4)
            ON CONFLICT ({I(nameof(InboxState.MessageId))}, {I(nameof(InboxState.ConsumerId))})
                DO UPDATE SET {I(nameof(InboxState.ReceiveCount))} = i.{I(nameof(InboxState.ReceiveCount))} + 1
            RETURNING {I(nameof(InboxState.Id))}, {I(nameof(InboxState.ReceiveCount))}, {I(nameof(InboxState.Consumed))}, {I(nameof(InboxState.Delivered))}
            """;
        _insert = EnvelopeTable.InsertInto(message, _own);
        _loadConsumed = $"""
            SELECT {columns} FROM {message.Name} m
            WHERE m.{M(nameof(OutboxMessage.InboxMessageId))} = $1 AND m.{M(nameof(OutboxMessage.InboxConsumerId))} = $2
            ORDER BY m.{_sequenceNumber}{dialect.ForUpdateSkipLocked}
            """;
        _loadAbandoned = $"""
            SELECT {columns} FROM {message.Name} m
            WHERE m.{M(nameof(OutboxMessage.InboxMessageId))} IS NOT NULL
                AND (m.{M(nameof(OutboxMessage.SentTime))} < $1 OR {dialect.IsAnyOf($"m.{_sequenceNumber}", 2)})
            ORDER BY m.{_sequenceNumber} LIMIT $3{dialect.ForUpdateSkipLocked}
            """;
        _claimOutboxes = $"""
            WITH claimed AS (
                SELECT s.{S(nameof(OutboxState.OutboxId))} AS id FROM {state.Name} s
                WHERE NOT ({dialect.IsAnyOf($"s.{S(nameof(OutboxState.OutboxId))}", 2)})
                ORDER BY s.{S(nameof(OutboxState.Created))} LIMIT $1{dialect.ForUpdateSkipLocked})
            SELECT c.id, {columns} FROM claimed c LEFT JOIN {message.Name} m ON m.{M(nameof(OutboxMessage.OutboxId))} = c.id
            ORDER BY m.{_sequenceNumber} LIMIT $3
            """;
        _deleteMessages = $"DELETE FROM {message.Name} WHERE {dialect.IsAnyOf(_sequenceNumber, 1)}";
        _deleteOutboxes = $"""
            DELETE FROM {state.Name} WHERE {dialect.IsAnyOf(S(nameof(OutboxState.OutboxId)), 1)}
                AND NOT EXISTS (SELECT 1 FROM {message.Name} m WHERE m.{M(nameof(OutboxMessage.OutboxId))} = {state.Name}.{S(nameof(OutboxState.OutboxId))})
            """;
        _setDelivered = $"""
            UPDATE {inbox.Name} SET {I(nameof(InboxState.Delivered))} = $2 WHERE {dialect.IsAnyOf(I(nameof(InboxState.Id)), 1)}
            """;
        _setAbandonedDelivered = $"""
            UPDATE {inbox.Name} SET {I(nameof(InboxState.Delivered))} = $1
            WHERE {I(nameof(InboxState.Id))} IN (
                SELECT i.{I(nameof(InboxState.Id))} FROM {inbox.Name} i
                WHERE i.{I(nameof(InboxState.Delivered))} IS NULL AND i.{I(nameof(InboxState.Consumed))} < $2
                    AND NOT EXISTS (SELECT 1 FROM {message.Name} m WHERE m.{M(nameof(OutboxMessage.InboxMessageId))} = i.{I(nameof(InboxState.MessageId))}
                        AND m.{M(nameof(OutboxMessage.InboxConsumerId))} = i.{I(nameof(InboxState.ConsumerId))})
                ORDER BY i.{I(nameof(InboxState.Id))} LIMIT $3{dialect.ForUpdateSkipLocked})
            """;
        _removeExpired = $"""
            DELETE FROM {inbox.Name} WHERE {I(nameof(InboxState.Id))} IN (
                SELECT i.{I(nameof(InboxState.Id))} FROM {inbox.Name} i WHERE i.{I(nameof(InboxState.Delivered))} < $1
                ORDER BY i.{I(nameof(InboxState.Delivered))} LIMIT $2{dialect.ForUpdateSkipLocked})
            """;
    }

    private static readonly string[] _own =
        [nameof(OutboxMessage.EnqueueTime), nameof(OutboxMessage.InboxMessageId), nameof(OutboxMessage.InboxConsumerId), nameof(OutboxMessage.OutboxId)];

    public SqlDialect Dialect { get; }

    public static OutboxSql For(DbContext dbContext, SqlDialect dialect) =>
        _cache.GetOrCreateValue(dbContext.Model).GetOrAdd(dialect, static (dialect, model) => new OutboxSql(model, dialect), dbContext.Model);

    /// <summary>Takes the right to consume, waiting for another who has taken it and not committed yet.</summary>
    public Statement Claim(Guid messageId, Guid consumerId, DateTime now, DateTime? expirationTime) =>
        new(_claim, messageId, consumerId, NewId.NextGuid(), now, expirationTime);

    /// <summary>One insert for up to <see cref="EnvelopeTable.RowsPerInsert"/> messages; returns their sequence numbers.</summary>
    public Statement Insert(OutboxMessage[] messages)
    {
        var text = _insertByRows.GetOrAdd(messages.Length,
            (rows, self) => $"{self._insert}{EnvelopeTable.Placeholders(rows, _own.Length)} RETURNING {self._sequenceNumber}", this);
        var arguments = new List<Argument>(messages.Length * 20);
        foreach (var message in messages)
        {
            arguments.AddRange([message.EnqueueTime, message.InboxMessageId, message.InboxConsumerId, message.OutboxId]);
            EnvelopeTable.AddArguments(arguments, message);
        }

        return new Statement(text, [.. arguments]);
    }

    /// <summary>The messages that a consumer left when it consumed one message, but for those that somebody is sending.</summary>
    public Statement LoadConsumed(Guid messageId, Guid consumerId) => new(_loadConsumed, messageId, consumerId);

    /// <summary>Consumers' messages that nobody is going to send: older than the cutoff, or handed over by this process.</summary>
    public Statement LoadAbandoned(DateTime cutoff, long[] handedOver, int limit) => new(_loadAbandoned, cutoff, handedOver, limit);

    /// <summary>The oldest outboxes that nobody else is sending, with their messages in order.</summary>
    public Statement ClaimOutboxes(int outboxes, Guid[] except, int messages) => new(_claimOutboxes, outboxes, except, messages);

    public Statement DeleteMessages(long[] sequenceNumbers) => new(_deleteMessages, sequenceNumbers);

    /// <summary>Deletes those of the outboxes that have no message left.</summary>
    public Statement DeleteOutboxes(Guid[] outboxIds) => new(_deleteOutboxes, outboxIds);

    public Statement SetDelivered(long[] inboxIds, DateTime now) => new(_setDelivered, inboxIds, now);

    /// <summary>Finishes inbox rows whose messages are all sent, but whose process ended before it could say so.</summary>
    public Statement SetAbandonedDelivered(DateTime now, DateTime cutoff, int limit) => new(_setAbandonedDelivered, now, cutoff, limit);

    public Statement RemoveExpired(DateTime cutoff, int limit) => new(_removeExpired, cutoff, limit);

    public static async Task<List<OutboxMessage>> ReadMessagesAsync(DbDataReader reader, CancellationToken cancellationToken)
    {
        var messages = new List<OutboxMessage>();
        while (await reader.ReadAsync(cancellationToken))
            messages.Add(ReadMessage(reader, 0));
        return messages;
    }

    /// <summary>The numbers that an insert returned, in the order of its rows.</summary>
    public static async Task<List<long>> ReadNumbersAsync(DbDataReader reader, CancellationToken cancellationToken)
    {
        var numbers = new List<long>();
        while (await reader.ReadAsync(cancellationToken))
            numbers.Add(reader.GetInt64(0));
        numbers.Sort();
        return numbers;
    }

    public static OutboxMessage ReadMessage(DbDataReader reader, int first)
    {
        var message = new OutboxMessage { SequenceNumber = reader.GetInt64(first), EnqueueTime = EnvelopeTable.Time(reader, first + 1) };
        EnvelopeTable.Read(reader, first + 2, message);
        return message;
    }
}
