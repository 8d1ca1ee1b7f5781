using System.Globalization;
using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Watch;

/// <summary>Reads what waits and is no delivery, each with one statement over what waits alone, and no more of it than <see cref="Most"/>, the longest first.</summary>
internal static class QueueCounts
{
    /// <summary>So many are counted; of more it is said that they are more.</summary>
    internal const int Most = 10_000;

    /// <summary>Who was tried in vain so often is not only slow.</summary>
    private const int TriedInVain = 3;

    private const string CountedSql =
        """
        SELECT 'quarantine', sum(n), min(oldest), max(CASE WHEN place = 1 THEN code END), NULL FROM (
            SELECT code, count(*) AS n, min(received_at) AS oldest, row_number() OVER (ORDER BY count(*) DESC, code) AS place
            FROM (SELECT code, received_at FROM quarantined_facts WHERE outcome IS NULL ORDER BY received_at LIMIT @limit) f GROUP BY code) q
        HAVING count(*) > 0
        UNION ALL
        SELECT 'webhooks', count(*), min(received_at), NULL, NULL FROM (SELECT received_at FROM webhook_receipts WHERE state = 'waiting' ORDER BY received_at LIMIT @limit) w HAVING count(*) > 0
        UNION ALL
        SELECT 'route', count(*), min(at), max(error), route FROM (
            SELECT at, error, route FROM alert_sends WHERE sent_at IS NULL AND given_up_at IS NULL AND attempts >= @vain AND error IS NOT NULL LIMIT @limit) s
        GROUP BY route
        """;

    public static async Task<IReadOnlyList<QueuedWork>> ReadAsync(HubDbContext db, DbSession session, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var counted = await session.ReadAsync(
            CountedSql,
            row => Of(row.GetString(0), Convert.ToInt64(row.GetValue(1), CultureInfo.InvariantCulture), row.Time(2), row.TextOrNull(3)) with { Name = row.TextOrNull(4) },
            cancellationToken, ("vain", TriedInVain), ("limit", (long)Most + 1));
        var due = now.UtcDateTime;
        var messages = db.Set<OutboxMessage>().AsNoTracking().Where(message => message.EnqueueTime == null || message.EnqueueTime <= due).OrderBy(message => message.SequenceNumber);
        var sent = await messages.Select(message => message.SentTime).Take(Most + 1).ToListAsync(cancellationToken);
        return sent.Count == 0 ? counted : [.. counted, Of(QueuedWork.Outbox, sent.Count, new DateTimeOffset(DateTime.SpecifyKind(sent[0], DateTimeKind.Utc)), null)];
    }

    private static QueuedWork Of(string kind, long records, DateTimeOffset oldest, string? code) => new(kind, Math.Min(records, Most), oldest, code) { AreMore = records > Most };
}
