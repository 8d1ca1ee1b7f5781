using System.Collections.Concurrent;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace MassTransit.EntityFrameworkCoreIntegration.Sql;

/// <summary>The statements of the message schedule, built once per model.</summary>
internal sealed class ScheduleSql
{
    private static readonly ConditionalWeakTable<IModel, ConcurrentDictionary<SqlDialect, ScheduleSql>> _cache = [];
    private static readonly string[] _own = [nameof(ScheduledEnvelope.TokenId), nameof(ScheduledEnvelope.DueTime)];

    private readonly string _insert;
    private readonly string _cancel;
    private readonly string _claimDue;
    private readonly string _delete;
    private readonly string _nextDue;

    private ScheduleSql(IModel model, SqlDialect dialect)
    {
        Dialect = dialect;
        var table = TableMap.Require(model, typeof(ScheduledEnvelope), nameof(TransactionalOutboxModelExtensions.AddScheduledMessageEntity));
        var token = table[nameof(ScheduledEnvelope.TokenId)];
        var due = table[nameof(ScheduledEnvelope.DueTime)];

        _insert = EnvelopeTable.InsertInto(table, _own) + EnvelopeTable.Placeholders(1, _own.Length);
        _cancel = $"DELETE FROM {table.Name} WHERE {token} = $1";
        _claimDue = $"""
            SELECT {EnvelopeTable.Columns(table, "", _own)} FROM {table.Name}
            WHERE {due} <= $1 AND NOT ({dialect.IsAnyOf(token, 2)})
            ORDER BY {due} LIMIT $3{dialect.ForUpdateSkipLocked}
            """;
        _delete = $"DELETE FROM {table.Name} WHERE {dialect.IsAnyOf(token, 1)}";
        _nextDue = $"SELECT {due} FROM {table.Name} WHERE NOT ({dialect.IsAnyOf(token, 1)}) ORDER BY {due} LIMIT 1";
    }

    public SqlDialect Dialect { get; }

    public static ScheduleSql For(DbContext dbContext, SqlDialect dialect) =>
        _cache.GetOrCreateValue(dbContext.Model).GetOrAdd(dialect, static (dialect, model) => new ScheduleSql(model, dialect), dbContext.Model);

    public Statement Insert(ScheduledEnvelope message)
    {
        var arguments = new List<Argument>(20) { message.TokenId, message.DueTime };
        EnvelopeTable.AddArguments(arguments, message);
        return new Statement(_insert, [.. arguments]);
    }

    public Statement Cancel(Guid tokenId) => new(_cancel, tokenId);

    /// <summary>Due messages that nobody else is sending, the longest due first.</summary>
    public Statement ClaimDue(DateTime now, Guid[] except, int limit) => new(_claimDue, now, except, limit);

    public Statement Delete(Guid[] tokenIds) => new(_delete, tokenIds);

    /// <summary>When the next message is due, leaving some out.</summary>
    public Statement NextDue(Guid[] except) => new(_nextDue, except);

    public static async Task<List<ScheduledEnvelope>> ReadAsync(DbDataReader reader, CancellationToken cancellationToken)
    {
        var messages = new List<ScheduledEnvelope>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var message = new ScheduledEnvelope { TokenId = reader.GetGuid(0), DueTime = EnvelopeTable.Time(reader, 1)!.Value };
            EnvelopeTable.Read(reader, 2, message);
            messages.Add(message);
        }

        return messages;
    }
}
