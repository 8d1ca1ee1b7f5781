using System.Globalization;
using System.Text;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Sealing;

/// <summary>
/// Writes values anew that stand otherwise than the hub would write them now: in clear, or sealed with an earlier key; or, where nothing is to be sealed any more, sealed at all. Some hundred at a time,
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

    /// <summary>Looks for the next values of another column than that of the facts, in the caller's transaction. What people are like is merged under the ledger's lock, and so it is written anew; it is looked for without it.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="ledger">Who merges what people are like.</param>
    /// <param name="column">The column.</param>
    /// <param name="after">Where the part before ended; null for the first one.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The last row that was looked at, how many values were written, and how many do not open and stay as they are; null when there are no more.</returns>
    /// <exception cref="MissingSealingKeyException">A value is sealed with a key that is not here.</exception>
    public static async Task<(IReadOnlyList<object> Last, int Written, int Broken)?> SealNextAsync(HubDbContext db, ILedger ledger, SealedColumn column, IReadOnlyList<object>? after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        ArgumentNullException.ThrowIfNull(column);
        var keys = SealingKeys.Of(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var differs = Differs(keys, session, column);
        var order = string.Join(", ", column.Order);
        var goesOn = after is null ? "" : $"AND ({order}) > ({string.Join(", ", after.Select((_, i) => $"@{Parameter(i)}"))})";
        var values = await session.ReadAsync(
            $"SELECT {string.Join(", ", column.Order.Union(column.Row))}, {column.Stored(session)} AS stored FROM {column.Table} WHERE {column.Column} IS NOT NULL AND {column.Where} AND {differs.Sql} {goesOn} ORDER BY {order} LIMIT @most",
            row => (Place: column.PlaceOf(row), Row: column.ValuesOf(row), Value: row.GetValue(row.GetOrdinal("stored"))), cancellationToken,
            [("most", (long)Most), differs.Head, .. (after ?? []).Select((part, i) => (Parameter(i), (object?)part))]);
        if (values.Count == 0)
        {
            return null;
        }

        var anew = values.Select(value => (value.Row, Old: value.Value, New: Anew(keys, column, SealedColumn.Joined(value.Row), value.Value))).Where(value => value.New is not null).ToList();
        await (column.IsOfProfiles && anew.Count > 0 ? ledger.LockAsync(db, cancellationToken) : Task.CompletedTask);
        var written = anew.Count == 0 ? 0 : await (column.IsText ? WriteTextsAsync(session, column, anew, cancellationToken) : WriteBytesAsync(session, column, anew, cancellationToken));
        return (values[^1].Place, written, values.Count - anew.Count);
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

    private static async Task<int> WriteTextsAsync(DbSession session, SealedColumn column, List<(object[] Row, object Old, object? New)> values, CancellationToken cancellationToken)
    {
        (string, string)[] columns = [.. values[0].Row.Select((part, i) => (Parameter(i), part switch { Guid => session.IdType, long => "bigint", int => "integer", _ => "text" })), ("old", "text"), ("anew", "text")];
        var isRow = string.Join(" AND ", column.Row.Select((name, i) => $"{column.Table}.{name} = r.{Parameter(i)}"));
        return await session.ExecuteAsync(
            $"UPDATE {column.Table} SET {column.Column} = {column.Written(session, "r.anew")} FROM {session.Rows(columns)} r WHERE {isRow} AND {column.Stored(session)} = r.old", cancellationToken,
            ("rows", JsonRows.Of(values, (writer, value) =>
            {
                foreach (var part in value.Row)
                {
                    switch (part)
                    {
                        case Guid id:
                            writer.Id(id);
                            break;
                        case long or int:
                            writer.WriteNumberValue(Convert.ToInt64(part, CultureInfo.InvariantCulture));
                            break;
                        default:
                            writer.WriteStringValue((string)part);
                            break;
                    }
                }

                writer.WriteStringValue((string)value.Old);
                writer.WriteStringValue((string)value.New!);
            })));
    }

    private static async Task<int> WriteBytesAsync(DbSession session, SealedColumn column, List<(object[] Row, object Old, object? New)> values, CancellationToken cancellationToken)
    {
        var written = 0;
        foreach (var (row, old, anew) in values)
        {
            written += await session.ExecuteAsync(
                $"UPDATE {column.Table} SET {column.Column} = @new WHERE {column.Column} = @old AND {string.Join(" AND ", column.Row.Select((name, i) => $"{name} = @{Parameter(i)}"))}", cancellationToken,
                [("new", anew), ("old", old), .. row.Select((part, i) => (Parameter(i), (object?)part))]);
        }

        return written;
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
        var holds = column.IsJson || column.IsOfProfiles ? $"{stored} <> '{SealingKeys.EmptyJson}' AND " : "";
        return ($"{holds}{begin} {(keys.CurrentOf(column) is null ? "=" : "<>")} @head", ("head", column.IsText ? head : Encoding.ASCII.GetBytes(head)));
    }
}
