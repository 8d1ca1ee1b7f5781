using IntegrationHub.Identity;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Storage.Ledger;

/// <summary>How much of what was decided: read off the ends of indexes, however long the ledger is. The same SQL on both dialects.</summary>
public static class ConsentCounts
{
    /// <summary>Keys under which a grant is in force, by purpose; at most <see cref="Page.MostCounted"/> and one more are counted of each.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> GrantedAsync(HubDbContext db, IReadOnlyList<string> purposes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(purposes);
        if (purposes.Count == 0)
        {
            return new Dictionary<string, long>();
        }

        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var counts = await session.ReadAsync(
            string.Join(" UNION ALL ", purposes.Select((_, i) => FormattableString.Invariant(
                $"SELECT {i}, count(*) FROM (SELECT 1 AS one FROM consents WHERE purpose = @p{i} AND status = '{ConsentWord.Granted}' LIMIT {Page.MostCounted + 1}) c{i}"))),
            row => (Purpose: purposes[row.GetInt32(0)], Count: row.GetInt64(1)), cancellationToken, [.. purposes.Select((purpose, i) => (FormattableString.Invariant($"p{i}"), (object?)purpose))]);
        return counts.ToDictionary(count => count.Purpose, count => count.Count, StringComparer.Ordinal);
    }

    /// <summary>What <see cref="GrantedAsync"/> counts of a purpose, by where it was decided: of more than <see cref="Page.MostCounted"/> the latest.</summary>
    public static async Task<IReadOnlyList<ConsentDay>> GrantedBySourceAsync(HubDbContext db, string purpose, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT source, count(*), max(decided_at)
            FROM (SELECT source, decided_at FROM consents WHERE purpose = @purpose AND status = '{ConsentWord.Granted}' ORDER BY decided_at DESC LIMIT {Page.MostCounted}) c
            GROUP BY source ORDER BY 2 DESC, source
            """,
            row => new ConsentDay(purpose, ConsentWord.Granted, row.GetString(0), row.GetInt64(1), row.Time(2)), cancellationToken, ("purpose", purpose));
    }

    /// <summary>The decisions that came in since a time, at most the latest <see cref="Page.MostCounted"/>.</summary>
    public static async Task<IReadOnlyList<ConsentDay>> SinceAsync(HubDbContext db, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT purpose, status, source, count(*), max(recorded_at)
            FROM (SELECT purpose, status, source, recorded_at FROM consent_history WHERE recorded_at >= @since ORDER BY recorded_at DESC LIMIT {Page.MostCounted}) h
            GROUP BY purpose, status, source ORDER BY purpose, 4 DESC, status, source
            """,
            row => new ConsentDay(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.Time(4)), cancellationToken, ("since", since));
    }
}
