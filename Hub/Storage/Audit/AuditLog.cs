using System.Data.Common;
using IntegrationHub.Storage.Paging;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Audit;

/// <summary>
/// What was done, by whom and why: a chain that is only ever added to, and kept for ever. Each row holds the hash of the one before, so that a row that is changed, taken
/// away or moved is found; the head, a row of its own, tells when the last ones are missing.
/// </summary>
public static class AuditLog
{
    private const string Columns = "a.seq, a.at, a.principal, a.via, a.action, a.subject, a.reason, a.before_hash, a.after_hash, a.prev_hash, a.hash";
    private const int PageOfVerification = 2_000;

    /// <summary>
    /// Adds an entry in the caller's transaction: both stand, or neither. Whoever appends holds the head until the transaction ends, so append last, when the rest is
    /// written.
    /// </summary>
    /// <returns>Its number.</returns>
    /// <exception cref="InvalidOperationException">There is no transaction.</exception>
    public static async Task<long> AppendAsync(HubDbContext db, AuditEntry entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(entry);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        // The head's row is the lock: of two hubs one waits here until the other has committed.
        var head = (await session.ReadAsync("UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash", row => (Seq: row.GetInt64(0), Hash: row.GetString(1)), cancellationToken)).Single();
        var link = AuditRow.After(head.Hash, head.Seq, entry with { At = ToMicroseconds(entry.At), Role = entry.Role ?? AuditWatch.Role });
        await session.ExecuteAsync(
            """
            INSERT INTO audit (seq, at, principal, via, action, subject, reason, before_hash, after_hash, prev_hash, hash)
            VALUES (@seq, @at, @principal, @via, @action, @subject, @reason, @before, @after, @prev, @hash)
            """,
            cancellationToken,
            ("seq", link.Seq), ("at", link.Entry.At), ("principal", entry.Principal), ("via", link.Entry.Way), ("action", entry.Action), ("subject", entry.Subject),
            ("reason", entry.Reason), ("before", entry.BeforeHash), ("after", entry.AfterHash), ("prev", link.PrevHash), ("hash", link.Hash));
        await session.ExecuteAsync("UPDATE audit_head SET hash = @hash WHERE id = 1", cancellationToken, ("hash", link.Hash));
        AuditWatch.Note();
        return link.Seq;
    }

    /// <summary>Entries, newest first.</summary>
    public static async Task<Page<AuditRow>> ListAsync(HubDbContext db, AuditFilter filter, PageAsk ask, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(ask);
        var word = filter.Action?.EndsWith('.') is true ? filter.Action[..(filter.Action.IndexOf('.', StringComparison.Ordinal) + 1)] : null;
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await new PageSql(Columns, "audit a", [("a.seq", PlaceKind.Number)], isDescending: true)
            .Where("a.principal = @principal", "principal", filter.Principal)
            .Where($"{FirstWord(session)} = @word", "word", word)
            .Where(word is null ? "a.action = @action" : "substr(a.action, 1, length(@action)) = @action", "action", filter.Action)
            .Where("a.subject = @subject", "subject", filter.Subject)
            .ReadAsync(session, ask, Read, cancellationToken);
    }

    /// <summary>Walks along the chain, page by page, up to the head as it stands now.</summary>
    /// <param name="db">The context.</param>
    /// <param name="anchors">Heads of before, as they were noted elsewhere: the chain has to lead past each of them. Whoever writes the whole table anew, with its head, does not bring these back.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<AuditCheck> VerifyAsync(HubDbContext db, IReadOnlyCollection<AuditHead> anchors, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(anchors);
        var noted = anchors.ToLookup(anchor => anchor.Seq, anchor => anchor.Hash);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var head = (await session.ReadAsync("SELECT h.seq, h.hash FROM audit_head h WHERE h.id = 1", row => (Seq: row.GetInt64(0), Hash: row.GetString(1)), cancellationToken)).Single();
        var (seen, hash) = (0L, "");
        while (seen < head.Seq)
        {
            var page = await session.ReadAsync(
                $"SELECT {Columns} FROM audit a WHERE a.seq > @seen AND a.seq <= @head ORDER BY a.seq LIMIT @limit", Read, cancellationToken, ("seen", seen), ("head", head.Seq), ("limit", PageOfVerification));
            if (page.Count == 0)
            {
                return Broken(seen + 1, "The row is missing, and all after it.");
            }

            foreach (var row in page)
            {
                if (row.Seq != seen + 1)
                {
                    return Broken(seen + 1, "The row is missing.");
                }

                if (row.ComputeHash() != row.Hash)
                {
                    return Broken(row.Seq, "The row is not what was written.");
                }

                if (row.PrevHash != hash)
                {
                    return Broken(row.Seq, "The row does not follow the one before: that one is another than was written.");
                }

                if (noted[row.Seq].Any(anchor => anchor != row.Hash))
                {
                    return Broken(row.Seq, "The row is another than was noted outside of the log, or one before it is: the log was written anew.");
                }

                (seen, hash) = (row.Seq, row.Hash);
            }
        }

        return hash != head.Hash ? Broken(head.Seq, "The row is not the last one that was written.")
            : anchors.Where(anchor => anchor.Seq > head.Seq).MinBy(anchor => anchor.Seq) is { } gone ? Broken(gone.Seq, "The row was noted outside of the log, and is gone: the log was written anew, or is an older copy.")
            : new AuditCheck(seen, head.Seq, head.Hash, null);

        AuditCheck Broken(long seq, string problem) => new(seen, head.Seq, head.Hash, new AuditFault(seq, problem));
    }

    /// <summary>An action up to its first dot, letter by letter as the index <c>ix_audit_word</c> has it.</summary>
    private static string FirstWord(DbSession session) => session.IsSqlite ? "substr(a.action, 1, instr(a.action, '.'))" : "left(a.action, strpos(a.action, '.'))";

    private static AuditRow Read(DbDataReader row) => new(
        row.GetInt64(0),
        AuditEntry.Read(row.Time(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.TextOrNull(6), row.TextOrNull(7), row.TextOrNull(8)),
        row.GetString(9),
        row.GetString(10));

    private static DateTimeOffset ToMicroseconds(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
