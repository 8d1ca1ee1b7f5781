using System.Data.Common;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Sealing;

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

    public async Task<Page<QuarantinedFact>> ListAsync(HubDbContext db, QuarantineFilter filter, PageAsk ask, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await new PageSql(Columns, "quarantined_facts", [("received_at", PlaceKind.Time), ("quarantine_id", PlaceKind.Id)], isDescending: true)
            .Where("code = @code", "code", filter.Code)
            .Where("producer = @producer", "producer", filter.Producer)
            .Where("event_type = @type", "type", filter.EventType)
            .Where("coalesce(outcome, 'waiting') = @state", "state", filter.State)
            .ReadAsync(session, ask, reader => Read(reader, default, default), cancellationToken);
    }

    public async Task<QuarantinedFact?> FindAsync(HubDbContext db, Guid quarantineId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        var found = await session.ReadAsync(
            $"SELECT {Columns}, body, corrected FROM quarantined_facts WHERE quarantine_id = @id",
            reader => Read(
                reader, keys.Open(SealedColumn.QuarantinedBody, quarantineId, reader.GetFieldValue<byte[]>(12)),
                reader.IsDBNull(13) ? default : keys.Open(SealedColumn.QuarantinedCorrection, quarantineId, reader.GetFieldValue<byte[]>(13))),
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
            ("corrected", settlement.Corrected.IsEmpty ? null : SealingKeys.Of(db).Seal(SealedColumn.QuarantinedCorrection, quarantineId, settlement.Corrected))) == 1;
    }

    private static QuarantinedFact Read(DbDataReader reader, ReadOnlyMemory<byte> body, ReadOnlyMemory<byte> corrected) => new(
        reader.GetGuid(0), reader.Time(1), reader.TextOrNull(2), reader.TextOrNull(3), reader.GetString(4), reader.GetString(5), reader.GetString(6), body, reader.TextOrNull(7))
    {
        Settlement = reader.TextOrNull(8) is { } outcome ? new QuarantineSettlement(outcome, reader.Time(9), reader.GetString(10), reader.TextOrNull(11), corrected) : null,
    };
}
