using System.Data.Common;
using System.Text.Json;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Erasures;

/// <summary>Everything that the hub has of one person, table by table, as it stands there; the tables are those that an erasure empties.</summary>
public static class PersonExport
{
    /// <summary>Writes an object with an array for every table that has something, row by row.</summary>
    /// <param name="db">The database.</param>
    /// <param name="person">The person.</param>
    /// <param name="writer">Where to.</param>
    /// <param name="flush">Called after every few rows, so that nothing piles up.</param>
    /// <param name="writeBeside">Writes properties that stand beside the tables.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task WriteAsync(HubDbContext db, ErasurePerson person, Utf8JsonWriter writer, Func<Task> flush, Func<Task> writeBeside, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(person);
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(flush);
        ArgumentNullException.ThrowIfNull(writeBeside);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        var parameters = PersonSql.ParametersOf(person);
        writer.WriteStartObject();
        foreach (var table in OwnTable.All.Where(table => table.IsShown))
        {
            writer.WriteStartArray(table.Name);
            var where = PersonSql.Fill(session, table.Where);
            await using (var command = session.Command($"SELECT * FROM {table.Name} WHERE {where}", PersonSql.Used(where, parameters)))
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    writer.WriteStartObject();
                    for (var i = 0; i < reader.FieldCount; i++)
                    {
                        if (!reader.IsDBNull(i))
                        {
                            writer.WritePropertyName(reader.GetName(i));
                            Write(writer, session, reader.GetName(i), Opened(keys, table.Name, reader, i));
                        }
                    }

                    writer.WriteEndObject();
                    await flush();
                }
            }

            writer.WriteEndArray();
        }

        writer.WriteStartObject("bodies");
        foreach (var table in OwnBody.All)
        {
            writer.WriteStartArray(table.Name);
            await table.FindAsync(session, keys, person, async (_, body) =>
            {
                writer.WriteStringValue(body);
                await flush();
            }, cancellationToken);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        await writeBeside();
        writer.WriteEndObject();
        await flush();
    }

    private static object Opened(SealingKeys keys, string table, DbDataReader reader, int i) => (reader.GetValue(i), SealedColumn.Find(table, reader.GetName(i))) switch
    {
        (string text, { } column) => keys.Open(column, column.RowOf(reader), text),
        (byte[] bytes, { } column) => keys.Open(column, column.RowOf(reader), bytes),
        (var value, _) => value,
    };

    private static void Write(Utf8JsonWriter writer, DbSession session, string column, object value)
    {
        switch (value)
        {
            case long ticks when session.IsSqlite && (column.EndsWith("_at", StringComparison.Ordinal) || column is "since" or "until"):
                writer.WriteStringValue(new DateTimeOffset(ticks, TimeSpan.Zero));
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case DateTime at:
                writer.WriteStringValue(new DateTimeOffset(at.ToUniversalTime(), TimeSpan.Zero));
                break;
            case byte[] bytes:
                writer.WriteStringValue(System.Text.Encoding.UTF8.GetString(bytes));
                break;
            default:
                writer.WriteStringValue(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    }
}
