using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Renames;

/// <summary>
/// Calls an audience otherwise: every row that stands under its name goes by the new one, in the transaction that puts the configuration in force. The same SQL on both dialects.
/// </summary>
/// <remarks>
/// Who calls holds the row of the version in force, so that nobody plans and no run is begun, and the ledger's lock, so that nobody applies a statement. Turns go on while the large tables are
/// written, for they could not renew their leases. Then the table of leases is held, so that none begins or ends: where somebody could hold a delivery of the audience in his hands, and write down
/// what came of it under the old name, nothing is renamed; what was written down until then goes by the new name with the queue.
/// </remarks>
public static class AudienceRenaming
{
    private const string Named = "audience IN (@from, @to)";

    /// <summary>What turns take from, row by row: it is written when no turn has any of the rows.</summary>
    private const string Queue = "deliveries";

    /// <summary>Writes it.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="from">The name until now.</param>
    /// <param name="to">The name from now on.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many rows go by the new name.</returns>
    /// <exception cref="RenameRefusedException">Work of the audience is under way, or the new name was another audience's.</exception>
    public static async Task<long> RenameAsync(HubDbContext db, string from, string to, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        (string, object?)[] names = [("from", from), ("to", to)];
        await RefuseBusyAsync(session, from, to, names, cancellationToken);
        await RefuseTakenAsync(session, from, to, cancellationToken);

        // Who was stated under the new name before there was such an audience is looked at by its next run.
        await session.ExecuteAsync(
            "INSERT INTO audience_changes (destination, audience, profile_id) SELECT r.destination, @to, m.profile_id FROM memberships m JOIN audience_routes r ON r.audience = @from WHERE m.audience = @to ON CONFLICT DO NOTHING",
            cancellationToken, names);
        var rows = await WriteAsync(session, AudienceColumn.All.Where(column => column.Table != Queue), names, cancellationToken);
        if (db.Database.IsNpgsql())
        {
            await session.ExecuteAsync("LOCK TABLE leases IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
            await RefuseBusyAsync(session, from, to, names, cancellationToken);
        }

        rows += await WriteAsync(session, AudienceColumn.All, names, cancellationToken);
        await RenameConditionsAsync(session, from, to, cancellationToken);
        return rows;
    }

    private static async Task<long> WriteAsync(DbSession session, IEnumerable<AudienceColumn> columns, (string, object?)[] names, CancellationToken cancellationToken)
    {
        var rows = 0L;
        foreach (var column in columns)
        {
            await JoinAsync(session, column, names, cancellationToken);
            rows += await session.ExecuteAsync($"UPDATE {column.Table} AS t SET {column.Name} = @to WHERE t.{column.Name} = @from AND {column.Where}", cancellationToken, names);
        }

        return rows;
    }

    /// <summary>Refuses a name under which an audience was kept before: two would become one, and neither list at a vendor would be what its rows say.</summary>
    /// <exception cref="RenameRefusedException">It was.</exception>
    public static async Task RefuseTakenAsync(HubDbContext db, string from, string to, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await RefuseTakenAsync(session, from, to, cancellationToken);
    }

    private static async Task RefuseTakenAsync(DbSession session, string from, string to, CancellationToken cancellationToken)
    {
        foreach (var (table, what) in new[] { ("destination_audiences", "a list at a vendor"), ("destination_members", "members at a vendor"), ("audiences", "lists of its own"), ("deliveries", "deliveries that wait") })
        {
            if (await session.ScalarAsync($"SELECT 1 FROM {table} WHERE audience = @to LIMIT 1", cancellationToken, ("to", to)) is not null)
            {
                throw new RenameRefusedException(RenameRefusedException.Taken, $"{from} cannot be called {to}: there was an audience of that name, and it has {what}. Choose a name that no audience had.");
            }
        }
    }

    private static async Task RefuseBusyAsync(DbSession session, string from, string to, (string, object?)[] names, CancellationToken cancellationToken)
    {
        var kinds = new (string Sql, string One, string Many, string Advice)[]
        {
            ($"SELECT count(*) FROM audience_syncs WHERE {Named} AND finished_at IS NULL", "run is not over", "runs are not over", $"'sync list --audience {from}' says what each waits for: wait for it, decide about it, or 'sync cancel' it"),
            ($"SELECT count(*) FROM backfill_runs WHERE ({Named} OR kind = 'rebuild') AND finished_at IS NULL", "backfill, rollback or rebuild is not over", "backfills, rollbacks or rebuilds are not over", "'backfill list' says what each waits for"),
            (
                """
                SELECT count(*) FROM asked_runs r WHERE (r.body LIKE '%"Audience":"' || @from || '"%' OR r.body LIKE '%"Audience":"' || @to || '"%')
                AND NOT EXISTS (SELECT 1 FROM audience_syncs s WHERE s.correlation_id = r.run_id) AND NOT EXISTS (SELECT 1 FROM backfill_runs b WHERE b.correlation_id = r.run_id)
                """,
                "run is about to start", "runs are about to start", $"'sync list --audience {from}' shows them in a moment"),
            ($"SELECT count(*) FROM bulk_jobs WHERE {Named} AND given_up_at IS NULL", "job at a vendor is under way", "jobs at vendors are under way", "wait until the vendor has taken them in"),
            (
                $"""
                SELECT count(*) FROM deliveries d WHERE d.{Named} AND EXISTS (SELECT 1 FROM leases l
                    WHERE l.destination = d.destination AND l.lane = d.lane AND l.partition = d.partition AND l.owner <> '' AND (l.expires_at > {session.Clock} OR d.sending_since IS NOT NULL))
                """,
                "delivery may be on its way at this moment", "deliveries may be on their way at this moment", "try again, at an hour when less goes there; where there are always some, write live: off in the files of what the audience goes to for as long as it takes"),
        };
        foreach (var (sql, one, many, advice) in kinds)
        {
            var count = (long)(await session.ScalarAsync(sql, cancellationToken, names))!;
            if (count > 0)
            {
                throw new RenameRefusedException(RenameRefusedException.Busy, FormattableString.Invariant($"{from} cannot be called {to} now: {count} {(count == 1 ? one : many)}. Nothing was changed; {advice}, and apply again."));
            }
        }
    }

    /// <summary>Where only one row may stand under the new name, leaves the one that counts.</summary>
    private static async Task JoinAsync(DbSession session, AudienceColumn column, (string, object?)[] names, CancellationToken cancellationToken)
    {
        if (column.Key.Length == 0 || await session.ScalarAsync($"SELECT 1 FROM {column.Table} t WHERE t.{column.Name} = @to AND {column.Where} LIMIT 1", cancellationToken, ("to", names[1].Item2)) is null)
        {
            return;
        }

        var same = string.Join(" AND ", column.Key.Select(key => $"o.{key} = t.{key}"));
        if (column.Later is { } later)
        {
            await session.ExecuteAsync($"DELETE FROM {column.Table} AS t WHERE t.{column.Name} = @to AND {column.Where} AND EXISTS (SELECT 1 FROM {column.Table} o WHERE o.{column.Name} = @from AND {same} AND ({later}))", cancellationToken, names);
        }

        await session.ExecuteAsync($"DELETE FROM {column.Table} AS t WHERE t.{column.Name} = @from AND {column.Where} AND EXISTS (SELECT 1 FROM {column.Table} o WHERE o.{column.Name} = @to AND {same})", cancellationToken, names);
    }

    /// <summary>Trouble with one audience stands under a name that is made of it.</summary>
    private static async Task RenameConditionsAsync(DbSession session, string from, string to, CancellationToken cancellationToken)
    {
        const string OfAudience = "substr(destination, length(destination) - length(@end) + 1) = @end AND length(destination) > length(@end)";
        await session.ExecuteAsync($"DELETE FROM destination_conditions WHERE {OfAudience}", cancellationToken, ("end", $"/audience:{to}"));
        await session.ExecuteAsync(
            $"UPDATE destination_conditions SET destination = substr(destination, 1, length(destination) - length(@end)) || @next WHERE {OfAudience}", cancellationToken, ("end", $"/audience:{from}"), ("next", $"/audience:{to}"));
    }
}
