using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Erasures;

/// <summary>How many rows an erasure deleted or emptied, by table.</summary>
public static class ErasureCounts
{
    /// <summary>Among the counts: keys that were not taken from the people who claim them too.</summary>
    public const string SharedKeys = "shared_keys";

    /// <summary>Among the counts: those of them that several people claim, so that nobody who has them is sent anything until somebody decides whose they are.</summary>
    public const string UndecidedKeys = "undecided_keys";

    /// <summary>What an erasure did to the hub's own tables.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> LoadAsync(HubDbContext db, Guid requestId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync("SELECT what, count FROM erasure_counts WHERE request_id = @request ORDER BY what", row => (What: row.GetString(0), Count: row.GetInt64(1)), cancellationToken, ("request", requestId)))
            .ToDictionary(count => count.What, count => count.Count, StringComparer.Ordinal);
    }

    /// <summary>Adds to what was counted before.</summary>
    internal static Task AddAsync(DbSession session, Guid requestId, IEnumerable<(string What, long Count)> counts, CancellationToken cancellationToken) =>
        WriteAsync(session, requestId, counts, "erasure_counts.count + excluded.count", cancellationToken);

    /// <summary>Keeps the larger of what was counted before and now: of what is there whenever it is counted.</summary>
    internal static Task KeepAsync(DbSession session, Guid requestId, IEnumerable<(string What, long Count)> counts, CancellationToken cancellationToken) =>
        WriteAsync(session, requestId, counts, "CASE WHEN excluded.count > erasure_counts.count THEN excluded.count ELSE erasure_counts.count END", cancellationToken);

    private static Task<int> WriteAsync(DbSession session, Guid requestId, IEnumerable<(string What, long Count)> counts, string sum, CancellationToken cancellationToken) => session.ExecuteAsync(
        $"""
        INSERT INTO erasure_counts (request_id, what, count) SELECT @request, r.what, r.count FROM {session.Rows(("what", "text"), ("count", "bigint"))} r WHERE r.count > 0
        ON CONFLICT (request_id, what) DO UPDATE SET count = {sum}
        """,
        cancellationToken,
        ("request", requestId),
        ("rows", JsonRows.Of(counts, (writer, count) =>
        {
            writer.WriteStringValue(count.What);
            writer.WriteNumberValue(count.Count);
        })));
}
