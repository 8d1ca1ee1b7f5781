namespace IntegrationHub.Storage.Watch;

/// <summary>What vendors say of their interfaces beside answers: one row per destination, operation and notice. The same SQL on both dialects.</summary>
public static class VendorNotices
{
    /// <summary>More of a destination are not kept: whatever a vendor says, the table stays small.</summary>
    public const int MostOfADestination = 300;

    /// <summary>Adds what was heard to what is known; the date and the pages are those that were heard last.</summary>
    public static async Task AddAsync(HubDbContext db, IReadOnlyCollection<StoredNotice> heard, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(heard);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        // In one order, so that two hubs do not wait for each other.
        foreach (var notice in heard.OrderBy(notice => (notice.Destination, notice.Operation, notice.Kind, notice.Code)))
        {
            await session.ExecuteAsync(
                $"""
                INSERT INTO vendor_notices (destination, operation, kind, code, at, page, successor, first_seen, last_seen, count)
                SELECT CAST(@destination AS text), CAST(@operation AS text), CAST(@kind AS text), CAST(@code AS text), {session.Instant("@at")}, CAST(@page AS text), CAST(@successor AS text),
                    {session.Instant("@first")}, {session.Instant("@last")}, {session.Number("@count")}
                WHERE (SELECT count(*) FROM vendor_notices n WHERE n.destination = @destination) < @most
                    OR EXISTS (SELECT 1 FROM vendor_notices n WHERE n.destination = @destination AND n.operation = @operation AND n.kind = @kind AND n.code = @code)
                ON CONFLICT (destination, operation, kind, code) DO UPDATE SET at = excluded.at, page = excluded.page, successor = excluded.successor,
                    last_seen = CASE WHEN excluded.last_seen > vendor_notices.last_seen THEN excluded.last_seen ELSE vendor_notices.last_seen END,
                    count = vendor_notices.count + excluded.count
                """,
                cancellationToken,
                ("destination", notice.Destination), ("operation", notice.Operation), ("kind", notice.Kind), ("code", notice.Code), ("at", notice.At), ("page", notice.Page), ("successor", notice.Successor),
                ("first", notice.FirstSeen), ("last", notice.LastSeen), ("count", notice.Count), ("most", (long)MostOfADestination));
        }
    }

    /// <summary>All that was heard since a moment.</summary>
    public static async Task<IReadOnlyList<StoredNotice>> ListAsync(HubDbContext db, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            """
            SELECT destination, operation, kind, code, first_seen, last_seen, count, at, page, successor FROM vendor_notices
            WHERE last_seen >= @since ORDER BY destination, operation, kind, code
            """,
            row => new StoredNotice(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.Time(4), row.Time(5), row.GetInt64(6))
            {
                At = row.IsDBNull(7) ? null : row.Time(7), Page = row.TextOrNull(8), Successor = row.TextOrNull(9),
            },
            cancellationToken,
            ("since", since));
    }
}
