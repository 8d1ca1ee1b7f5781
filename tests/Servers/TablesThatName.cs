using Microsoft.Data.Sqlite;
using Npgsql;

namespace IntegrationHub.TestServers;

/// <summary>Looks through every column of every table of a database, whoever made it, for words: in PostgreSQL, or in a file of SQLite.</summary>
public static class TablesThatName
{
    private const string Columns =
        """
        SELECT n.nspname, c.relname, string_agg(CASE a.atttypid WHEN 'bytea'::regtype THEN format('encode(%I, ''escape'')', a.attname) ELSE format('%I::text', a.attname) END, ', ' ORDER BY a.attnum)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_t%' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
        GROUP BY n.nspname, c.relname ORDER BY 1, 2
        """;

    /// <summary>Finds them in PostgreSQL.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="words">In any letters; at least one.</param>
    /// <returns>A line for each table and word: the table, how many rows, the word.</returns>
    /// <exception cref="InvalidOperationException">There are hardly any tables: the look itself is wrong.</exception>
    public static async Task<IReadOnlyList<string>> FindAsync(string connectionString, IReadOnlyCollection<string> words)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        var tables = new List<(string Table, string Columns)>();
        await using (var command = source.CreateCommand(Columns))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(($"\"{reader.GetString(0)}\".\"{reader.GetString(1)}\"", reader.GetString(2)));
            }
        }

        var found = new List<string>();
        foreach (var (table, columns) in Enough(tables))
        {
            await using var command = source.CreateCommand(
                $"SELECT w.word, count(*) FROM (SELECT lower(concat_ws(' ', {columns})) AS row FROM {table}) t JOIN unnest($1) AS w(word) ON strpos(t.row, w.word) > 0 GROUP BY w.word ORDER BY w.word");
            command.Parameters.Add(new NpgsqlParameter { Value = words.Select(word => word.ToLowerInvariant()).ToArray() });
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                found.Add($"{table}: {reader.GetInt64(1)} rows, {reader.GetString(0)}");
            }
        }

        return found;
    }

    /// <summary>Finds them in a file of SQLite, as the other one does.</summary>
    /// <param name="path">The file.</param>
    /// <param name="words">In any letters; at least one.</param>
    public static async Task<IReadOnlyList<string>> FindInFileAsync(string path, IReadOnlyCollection<string> words)
    {
        await using var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        var tables = await ReadAsync(
            connection,
            "SELECT t.name, group_concat('coalesce(lower(CAST(\"' || c.name || '\" AS TEXT)), '''')', '||'' ''||') FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' GROUP BY t.name",
            row => (Table: row.GetString(0), Columns: row.GetString(1)));
        var found = new List<string>();
        foreach (var (table, columns) in Enough(tables))
        {
            foreach (var word in words.Select(word => word.ToLowerInvariant()))
            {
                found.AddRange(await ReadAsync(
                    connection, $"SELECT count(*) FROM \"{table}\" WHERE instr({columns}, @word) > 0 HAVING count(*) > 0", row => $"{table}: {row.GetInt64(0)} rows, {word}", ("@word", word)));
            }
        }

        return found;
    }

    private static async Task<List<T>> ReadAsync<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> read, params (string Name, string Value)[] parameters)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static List<(string Table, string Columns)> Enough(List<(string Table, string Columns)> tables) =>
        tables.Count < 50 ? throw new InvalidOperationException($"Only {tables.Count} tables are looked through.") : tables;
}
