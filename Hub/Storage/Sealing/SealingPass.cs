using System.Globalization;
using System.Text;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Storage.Sealing;

/// <summary>
/// Writes values anew that stand otherwise than the hub would write them now: in clear, or sealed with an earlier key; or, where nothing is to be sealed any more, sealed at all. A few hundred at a time,
/// each only if it is still the one that was read. The same SQL on both dialects.
/// </summary>
public static class SealingPass
{
    /// <summary>Most values that one transaction writes.</summary>
    public const int Most = 500;

    /// <summary>How far the log is as the hub would write it; resets what other keys had reached. In the caller's transaction.</summary>
    public static Task<long> BeginAsync(HubDbContext db, DateTimeOffset now, CancellationToken cancellationToken) => SealingBook.BeginAsync(db, SealingKeys.Of(db), now, cancellationToken);

    /// <summary>Looks at the next facts of the log, in the caller's transaction.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="after">Position after which to go on.</param>
    /// <param name="isWhole">False where an earlier fact of this pass does not open: the next pass begins before it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The last position that was looked at, how many values were written, and how many do not open and stay as they are; null at the log's end.</returns>
    /// <exception cref="MissingSealingKeyException">A fact is sealed with a key that is not here.</exception>
    public static async Task<(long Last, int Written, int Broken)?> SealFactsAsync(HubDbContext db, long after, bool isWhole, CancellationToken cancellationToken)
    {
        var keys = SealingKeys.Of(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (await FactLog.FindPartAsync(session, after, long.MaxValue, Most, cancellationToken) is not { } part)
        {
            return null;
        }

        var differs = Differs(keys, session, SealedColumn.FactBody);
        var facts = await session.ReadAsync(
            $"SELECT position, received_at, event_id, body FROM facts WHERE position > @after AND position <= @last AND received_at >= @from AND received_at <= @to AND body <> '{{}}' AND {differs.Sql} ORDER BY position",
            row => (Position: row.GetInt64(0), ReceivedAt: row.Time(1), EventId: row.GetGuid(2), Body: row.GetString(3)), cancellationToken,
            ("after", after), ("last", part.Last), ("from", part.From), ("to", part.To), differs.Head);
        var (written, broken) = (0, 0);
        foreach (var fact in facts)
        {
            if (Anew(keys, SealedColumn.FactBody, SealedColumn.Joined(fact.EventId), fact.Body) is not { } body)
            {
                broken++;
                continue;
            }

            written += await session.ExecuteAsync(
                "UPDATE facts SET body = @body WHERE position = @position AND received_at = @at AND body = @old", cancellationToken,
                ("body", body), ("position", fact.Position), ("at", fact.ReceivedAt), ("old", fact.Body));
        }

        if (isWhole && broken == 0)
        {
            await SealingBook.MoveOnAsync(db, keys, part.Last, cancellationToken);
        }

        return (part.Last, written, broken);
    }

    /// <summary>Looks for the next values of another column than that of the facts, in the caller's transaction.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="column">The column.</param>
    /// <param name="skipped">So many values that do not open are passed over.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many were found, fewer than <see cref="Most"/> when there are no more, and how many of them do not open and stay as they are.</returns>
    /// <exception cref="MissingSealingKeyException">A value is sealed with a key that is not here.</exception>
    public static async Task<(int Found, int Broken)> SealNextAsync(HubDbContext db, SealedColumn column, int skipped, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(column);
        var keys = SealingKeys.Of(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var differs = Differs(keys, session, column);
        var values = await session.ReadAsync(
            $"SELECT {string.Join(", ", column.Row)}, {column.Stored(session)} FROM {column.Table} WHERE {column.Column} IS NOT NULL AND {differs.Sql} LIMIT @most",
            row => (Row: column.ValuesOf(row), Value: row.GetValue(column.Row.Count)), cancellationToken, ("most", (long)Most + skipped), differs.Head);
        var broken = 0;
        foreach (var (row, value) in values)
        {
            if (Anew(keys, column, SealedColumn.Joined(row), value) is not { } anew)
            {
                broken++;
                continue;
            }

            await session.ExecuteAsync(
                $"UPDATE {column.Table} SET {column.Column} = {column.Written(session, "@new")} WHERE {column.Stored(session)} = @old AND {string.Join(" AND ", column.Row.Select((name, i) => $"{name} = @{Parameter(i)}"))}", cancellationToken,
                [("new", anew), ("old", value), .. row.Select((part, i) => (Parameter(i), (object?)part))]);
        }

        return (values.Count, broken);
    }

    /// <summary>Forgets the keys that nothing is sealed with any more.</summary>
    /// <param name="db">The context.</param>
    /// <param name="begun">When the look at everything began.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Names of the keys that are left.</returns>
    public static async Task<IReadOnlyList<string>> EndAsync(HubDbContext db, DateTimeOffset begun, CancellationToken cancellationToken)
    {
        await SealingBook.ForgetAsync(db, SealingKeys.Of(db), begun, cancellationToken);
        return await SealingBook.ListAsync(db, cancellationToken);
    }

    private static string Parameter(int i) => string.Create(CultureInfo.InvariantCulture, $"k{i}");

    /// <summary>The value as it would be written now; null where it does not open.</summary>
    private static object? Anew(SealingKeys keys, SealedColumn column, string place, object value)
    {
        try
        {
            return value is byte[] bytes ? keys.Seal(column, place, keys.Open(column, place, bytes)) : keys.Seal(column, place, keys.Open(column, place, (string)value));
        }
        catch (BrokenSealException)
        {
            return null;
        }
    }

    /// <summary>A condition in SQL: the value stands otherwise than it would be written now.</summary>
    private static (string Sql, (string Name, object? Value) Head) Differs(SealingKeys keys, DbSession session, SealedColumn column)
    {
        var head = keys.HeadIn(column);
        var stored = column.Stored(session);
        var begin = string.Create(CultureInfo.InvariantCulture, $"substr({stored}, 1, {head.Length})");
        var holds = column.IsJson ? $"{stored} <> '{SealingKeys.EmptyJson}' AND " : "";
        return ($"{holds}{begin} {(keys.Current is null ? "=" : "<>")} @head", ("head", column.IsText ? head : Encoding.ASCII.GetBytes(head)));
    }
}
