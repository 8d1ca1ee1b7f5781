using System.Data.Common;

namespace IntegrationHub.Storage.Ledger;

/// <summary>The quarantine as far as both dialects speak the same.</summary>
internal abstract class Quarantine : IQuarantine
{
    private const string Columns = "quarantine_id, received_at, event_type, event_id, path, code, problem, producer, outcome, settled_at, settled_by, reason";

    public async Task<IReadOnlySet<Guid>> AddAsync(HubDbContext db, IReadOnlyList<QuarantinedFact> facts, CancellationToken cancellationToken)
    {
        var added = await InsertAsync(db, facts, cancellationToken);
        await WaitingFacts.AddAsync(db, facts.Where(fact => added.Contains(fact.QuarantineId)), cancellationToken);
        return added;
    }

    /// <summary>Inserts facts; returns the ids of those that were not there yet.</summary>
    protected abstract Task<IReadOnlySet<Guid>> InsertAsync(HubDbContext db, IReadOnlyList<QuarantinedFact> facts, CancellationToken cancellationToken);

    public async Task<IReadOnlyList<QuarantinedFact>> ListAsync(HubDbContext db, QuarantineFilter filter, CancellationToken cancellationToken)
    {
        var conditions = new List<string>();
        var parameters = new List<(string, object?)> { ("limit", (long)filter.Limit) };
        Add("code = @code", "code", filter.Code);
        Add("producer = @producer", "producer", filter.Producer);
        Add("event_type = @type", "type", filter.EventType);
        Add("coalesce(outcome, 'waiting') = @state", "state", filter.State);
        Add("(received_at, quarantine_id) < (SELECT b.received_at, b.quarantine_id FROM quarantined_facts b WHERE b.quarantine_id = @before)", "before", filter.Before);
        var where = conditions.Count == 0 ? "" : "WHERE " + string.Join(" AND ", conditions);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT {Columns} FROM quarantined_facts {where} ORDER BY received_at DESC, quarantine_id DESC LIMIT @limit",
            reader => Read(reader, default, default),
            cancellationToken,
            [.. parameters]);

        void Add(string condition, string name, object? value)
        {
            if (value is not null)
            {
                conditions.Add(condition);
                parameters.Add((name, value));
            }
        }
    }

    public async Task<QuarantinedFact?> FindAsync(HubDbContext db, Guid quarantineId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var found = await session.ReadAsync(
            $"SELECT {Columns}, body, corrected FROM quarantined_facts WHERE quarantine_id = @id",
            reader => Read(reader, reader.GetFieldValue<byte[]>(12), reader.IsDBNull(13) ? default : reader.GetFieldValue<byte[]>(13)),
            cancellationToken,
            ("id", quarantineId));
        return found.FirstOrDefault();
    }

    public async Task<bool> TrySettleAsync(HubDbContext db, Guid quarantineId, QuarantineSettlement settlement, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            """
            UPDATE quarantined_facts SET outcome = @outcome, settled_at = @at, settled_by = @by, reason = @reason, corrected = @corrected
            WHERE quarantine_id = @id AND outcome IS NULL
            """,
            cancellationToken,
            ("id", quarantineId), ("outcome", settlement.Outcome), ("at", settlement.At), ("by", settlement.By), ("reason", settlement.Reason),
            ("corrected", settlement.Corrected.IsEmpty ? null : settlement.Corrected.ToArray())) == 1;
    }

    private static QuarantinedFact Read(DbDataReader reader, ReadOnlyMemory<byte> body, ReadOnlyMemory<byte> corrected) => new(
        reader.GetGuid(0), reader.Time(1), reader.TextOrNull(2), reader.TextOrNull(3), reader.GetString(4), reader.GetString(5), reader.GetString(6), body, reader.TextOrNull(7))
    {
        Settlement = reader.TextOrNull(8) is { } outcome ? new QuarantineSettlement(outcome, reader.Time(9), reader.GetString(10), reader.TextOrNull(11), corrected) : null,
    };
}
