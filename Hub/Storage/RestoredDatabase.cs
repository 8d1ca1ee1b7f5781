using IntegrationHub.Storage.Audit;

namespace IntegrationHub.Storage;

/// <summary>A database that is that of an earlier moment, while vendors have what was sent since. The audit log says when it became one.</summary>
public static class RestoredDatabase
{
    private const string Action = "database.restored";

    /// <summary>
    /// Takes every event that is owed as perhaps sent, in the caller's transaction: where a vendor does not recognise a repeat it becomes an ambiguous dead letter, which the vendor or a person settles; elsewhere it is
    /// sent. Everything else that is owed is state, which may be told again. Of events that came in before and are owed later, by a replay or to somebody who turns out to be who they are about, nobody knows either,
    /// since their receipts may be lost: <see cref="LastAsync"/>. Twice is as good as once.
    /// </summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="at">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many events were newly taken so.</returns>
    public static async Task<long> DoubtAsync(HubDbContext db, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var doubted = await session.ExecuteAsync("UPDATE deliveries SET sending_since = created_at WHERE operation = 5 AND sending_since IS NULL", cancellationToken);
        await AuditLog.AppendAsync(db, new AuditEntry(at, "hub", AuditVia.Hub, Action, "database", FormattableString.Invariant($"{doubted} events that were owed may have been sent since")), cancellationToken);
        return doubted;
    }

    /// <summary>When the database was last said to be restored; null when it never was. What became of events that came in before is known by those receipts alone that it still has.</summary>
    /// <param name="db">The database.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<DateTimeOffset?> LastAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var said = await session.ReadAsync("SELECT a.at FROM audit a WHERE a.action = @action ORDER BY a.seq DESC LIMIT 1", row => row.Time(0), cancellationToken, ("action", Action));
        return said.Count == 0 ? null : said[0];
    }
}
