using System.Text;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Erasures;

/// <summary>
/// A table that keeps what came in as it came: whom a row names is told by its body alone. A few hundred bodies are read at a time, so that it costs time and no memory.
/// </summary>
/// <param name="Name">The table.</param>
/// <param name="Key">Column that tells rows apart and orders them.</param>
/// <param name="Bodies">Columns with bodies.</param>
/// <param name="Where">Rows to look at.</param>
/// <param name="Erase">What becomes of a row that names the person, with <c>@id</c>.</param>
internal sealed record OwnBody(string Name, string Key, SealedColumn[] Bodies, string Where, string Erase)
{
    private const int Page = 500;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<OwnBody> All { get; } =
    [
        new("quarantined_facts", "quarantine_id", [SealedColumn.QuarantinedBody, SealedColumn.QuarantinedCorrection], "true", "DELETE FROM quarantined_facts WHERE quarantine_id = @id"),
        new("webhook_receipts", "receipt_id", [SealedColumn.ReceiptBody], "body IS NOT NULL", "UPDATE webhook_receipts SET body = NULL WHERE receipt_id = @id AND state = 'done'"),
        new("facts", "position", [SealedColumn.FactBody], "profile_id IS NULL", "UPDATE facts SET body = '{}', correlation_id = NULL WHERE position = @id"),
    ];

    /// <summary>Rows that name the person.</summary>
    /// <param name="session">The database.</param>
    /// <param name="keys">What bodies are sealed with.</param>
    /// <param name="person">The person.</param>
    /// <param name="found">Told of each: its key and the body.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task FindAsync(DbSession session, SealingKeys keys, ErasurePerson person, Func<object, string, Task> found, CancellationToken cancellationToken)
    {
        var names = new PersonNames(person);
        object? after = null;
        while (true)
        {
            var rows = await session.ReadAsync(
                $"SELECT {Key}, {string.Join(", ", Bodies.Select(body => body.Column))}, {string.Join(", ", Bodies[0].Row)} FROM {Name} WHERE {Where}{(after is null ? "" : $" AND {Key} > @after")} ORDER BY {Key} LIMIT @page",
                row => (Id: row.GetValue(0), Texts: Enumerable.Range(1, Bodies.Length).Where(i => !row.IsDBNull(i)).Select(i => TextOf(keys, Bodies[i - 1], Bodies[i - 1].RowOf(row), row.GetValue(i))).ToList()),
                cancellationToken,
                [("page", (long)Page), .. after is null ? [] : new[] { ("after", (object?)after) }]);
            foreach (var (id, texts) in rows)
            {
                if (texts.Find(names.StandIn) is { } text)
                {
                    await found(id, text);
                }
            }

            if (rows.Count < Page)
            {
                return;
            }

            after = rows[^1].Id;
        }
    }

    private static string TextOf(SealingKeys keys, SealedColumn body, string row, object value) => value is byte[] bytes ? Encoding.UTF8.GetString(keys.Open(body, row, bytes)) : keys.Open(body, row, (string)value);
}
