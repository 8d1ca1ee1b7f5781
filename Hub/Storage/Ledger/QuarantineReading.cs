using System.Data.Common;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Reads the quarantine, alike in both dialects.</summary>
internal static class QuarantineReading
{
    public static async Task<IReadOnlyList<QuarantinedFact>> ListAsync(HubDbContext db, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            "SELECT quarantine_id, received_at, event_type, event_id, path, code, problem FROM quarantined_facts ORDER BY received_at DESC LIMIT @limit",
            reader => Read(reader, default),
            cancellationToken,
            ("limit", limit));
    }

    public static async Task<QuarantinedFact?> FindAsync(HubDbContext db, Guid quarantineId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var found = await session.ReadAsync(
            "SELECT quarantine_id, received_at, event_type, event_id, path, code, problem, body FROM quarantined_facts WHERE quarantine_id = @id",
            reader => Read(reader, reader.GetFieldValue<byte[]>(7)),
            cancellationToken,
            ("id", quarantineId));
        return found.FirstOrDefault();
    }

    private static QuarantinedFact Read(DbDataReader reader, ReadOnlyMemory<byte> body) => new(
        reader.GetGuid(0), reader.Time(1), reader.TextOrNull(2), reader.TextOrNull(3), reader.GetString(4), reader.GetString(5), reader.GetString(6), body);
}
