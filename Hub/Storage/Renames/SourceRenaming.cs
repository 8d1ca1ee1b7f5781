using System.Globalization;

namespace IntegrationHub.Storage.Renames;

/// <summary>
/// Calls a source otherwise: every row that stands under its name goes by the new one, in the transaction that puts the configuration in force. The same SQL on both dialects.
/// </summary>
/// <remarks>Who calls holds the row of the version in force and the ledger's lock: whoever takes facts in afterwards sees the version, and reads them by it.</remarks>
public static class SourceRenaming
{
    /// <summary>Writes it.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="from">The name until now.</param>
    /// <param name="to">The name from now on.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many rows go by the new name.</returns>
    /// <exception cref="RenameRefusedException">State is being rebuilt from what it stated, or the new name is a shadow's.</exception>
    public static async Task<long> RenameAsync(HubDbContext db, string from, string to, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await RefuseBusyAsync(session, from, to, cancellationToken);
        await RefuseTakenAsync(session, from, to, cancellationToken);
        (string, object?)[] names = [("from", from), ("to", to)];
        var rows = 0L;
        foreach (var column in SourceColumn.All)
        {
            await AddUpAsync(session, column, names, cancellationToken);
            rows += await session.ExecuteAsync($"UPDATE {column.Table} AS t SET {column.Name} = @to WHERE t.{column.Name} = @from AND {column.Where}", cancellationToken, names);
        }

        await SourceNames.RenameAsync(session, from, to, cancellationToken);
        return rows;
    }

    /// <summary>Refuses a name under which a shadow states: what never counted and what counts would be one.</summary>
    /// <exception cref="RenameRefusedException">It is one.</exception>
    public static async Task RefuseTakenAsync(HubDbContext db, string from, string to, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await RefuseTakenAsync(session, from, to, cancellationToken);
    }

    private static async Task RefuseTakenAsync(DbSession session, string from, string to, CancellationToken cancellationToken)
    {
        if (await session.ScalarAsync("SELECT 1 FROM shadow_statements WHERE source = @to LIMIT 1", cancellationToken, ("to", to)) is not null)
        {
            throw new RenameRefusedException(RenameRefusedException.Taken, $"{from} cannot be called {to}: a shadow states under that name, and what it stated is kept beside what counts. Choose a name that no source had, or take {to} out of shadows in ownership.yaml first.");
        }
    }

    /// <summary>A rebuild reads the log by the names that the hub that does it knows; a hub that changes over meanwhile reads the rest by others.</summary>
    private static async Task RefuseBusyAsync(DbSession session, string from, string to, CancellationToken cancellationToken)
    {
        var rebuilds = (long)(await session.ScalarAsync(
            """
            SELECT (SELECT count(*) FROM backfill_runs WHERE kind = 'rebuild' AND finished_at IS NULL)
                 + (SELECT count(*) FROM asked_runs r WHERE r.body LIKE '%"Kind":"rebuild"%' AND NOT EXISTS (SELECT 1 FROM backfill_runs b WHERE b.correlation_id = r.run_id))
            """,
            cancellationToken))!;
        if (rebuilds > 0)
        {
            throw new RenameRefusedException(RenameRefusedException.Busy, string.Create(
                CultureInfo.InvariantCulture,
                $"{from} cannot be called {to} now: {rebuilds} {(rebuilds == 1 ? "rebuild is" : "rebuilds are")} not over. Nothing was changed; 'backfill list' says what each waits for: wait for it or cancel it, and apply again."));
        }
    }

    /// <summary>Where only one row may stand under the new name, what both count stands there.</summary>
    private static async Task AddUpAsync(DbSession session, SourceColumn column, (string, object?)[] names, CancellationToken cancellationToken)
    {
        if (column.Key.Length == 0)
        {
            return;
        }

        var same = string.Join(" AND ", column.Key.Select(key => $"o.{key} = t.{key}"));
        string[] sets =
        [
            .. column.Sums.Select(sum => $"{sum} = t.{sum} + o.{sum}"),
            .. column.Firsts.Select(first => $"{first} = CASE WHEN o.{first} < t.{first} THEN o.{first} ELSE t.{first} END"),
            .. column.Lasts.Select(last => $"{last} = CASE WHEN o.{last} > t.{last} THEN o.{last} ELSE t.{last} END"),
        ];
        if (sets.Length > 0)
        {
            await session.ExecuteAsync($"UPDATE {column.Table} AS t SET {string.Join(", ", sets)} FROM {column.Table} o WHERE o.{column.Name} = @from AND t.{column.Name} = @to AND {same}", cancellationToken, names);
        }

        await session.ExecuteAsync($"DELETE FROM {column.Table} AS t WHERE t.{column.Name} = @from AND {column.Where} AND EXISTS (SELECT 1 FROM {column.Table} o WHERE o.{column.Name} = @to AND {same})", cancellationToken, names);
    }
}
