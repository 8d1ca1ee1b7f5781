using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace IntegrationHub.Storage;

/// <summary>
/// The context's own connection for SQL that reads the same in both dialects, and for all SQL on SQLite. Parameters are named; instants
/// stand on SQLite as UTC ticks.
/// </summary>
internal sealed class DbSession : IAsyncDisposable
{
    private readonly HubDbContext _db;
    private readonly bool _ticks;

    private DbSession(HubDbContext db)
    {
        _db = db;
        _ticks = !db.Database.IsNpgsql();
    }

    public static async Task<DbSession> OpenAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        return new DbSession(db);
    }

    /// <summary>Opens for work of several statements, which needs the caller's transaction.</summary>
    public static Task<DbSession> OpenInTransactionAsync(HubDbContext db, CancellationToken cancellationToken) =>
        db.Database.CurrentTransaction is null
            ? throw new InvalidOperationException("Begin a transaction on the HubDbContext before this operation; it writes in several statements.")
            : OpenAsync(db, cancellationToken);

    /// <summary>The database's own clock, in SQL, as the instants of its tables stand: to it a length may be added, given as a <see cref="TimeSpan"/>.</summary>
    public string Clock => _ticks ? "(621355968000000000 + CAST((julianday('now') - 2440587.5) * 864000000000 AS INTEGER))" : "clock_timestamp()";

    /// <summary>Where a row stands, in SQL: tells rows apart in a table without a key, within one statement.</summary>
    public string RowAddress => _ticks ? "rowid" : "ctid";

    /// <summary>A condition in SQL: the text holds another character than <c>!</c> to <c>~</c>, so that its normal form may be another one (<see cref="Identity.NormalKey"/>).</summary>
    public string HoldsMoreThanVisibleAscii(string column) => _ticks ? $"{column} GLOB '*[^!-~]*'" : $"{column} COLLATE \"C\" ~ '[^!-~]'";

    /// <summary>Rows in SQL that the parameter <c>@rows</c> holds as <c>[[a,b],[c,d]]</c>.</summary>
    /// <param name="columns">Names and types (<c>text</c>, <c>integer</c>, <c>bigint</c>) of the values, in order.</param>
    public string Rows(params ReadOnlySpan<(string Name, string Type)> columns)
    {
        var values = new string[columns.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _ticks
                ? string.Create(CultureInfo.InvariantCulture, $"json_extract(value, '$[{i}]') AS {columns[i].Name}")
                : string.Create(CultureInfo.InvariantCulture, $"CAST(value ->> {i} AS {columns[i].Type}) AS {columns[i].Name}");
        }

        return $"(SELECT {string.Join(", ", values)} FROM {(_ticks ? "json_each(@rows)" : "json_array_elements(CAST(@rows AS json))")})";
    }

    /// <summary>A join in SQL that looks each row up by the table's index, whatever the statistics say (decision 0008).</summary>
    public string Lookup(string table, string alias, string condition) => _ticks
        ? $"CROSS JOIN {table} {alias} ON {condition}"
        : $"CROSS JOIN LATERAL (SELECT * FROM {table} {alias} WHERE {condition} OFFSET 0) {alias}";

    /// <summary>As <see cref="Lookup"/>, with nulls where there is no row.</summary>
    public string OptionalLookup(string table, string alias, string condition) => _ticks
        ? $"LEFT JOIN {table} {alias} ON {condition}"
        : $"LEFT JOIN LATERAL (SELECT * FROM {table} {alias} WHERE {condition} OFFSET 0) {alias} ON true";

    /// <summary>A parameter in SQL that is an instant wherever it stands.</summary>
    public string Instant(string parameter) => _ticks ? parameter : $"CAST({parameter} AS timestamptz)";

    /// <summary>Where a span of time begins that an instant falls into, in SQL: spans of the length that the parameter holds follow each other, from midnight UTC on where a day holds a whole number of them.</summary>
    public string SpanOf(string column, string parameter) => _ticks ? $"({column} - {column} % {parameter})" : $"date_bin(CAST({parameter} AS interval), {column}, timestamptz '2001-01-01 00:00:00+00')";

    /// <summary>A parameter in SQL that is a whole number wherever it stands.</summary>
    public string Number(string parameter) => _ticks ? parameter : $"CAST({parameter} AS bigint)";

    /// <summary>The type of ids in SQL.</summary>
    public string IdType => _ticks ? "text" : "uuid";

    /// <summary>True on SQLite, which has neither LATERAL nor <c>least</c>.</summary>
    public bool IsSqlite => _ticks;

    public DbCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = _db.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 300;
        command.Transaction = _db.Database.CurrentTransaction?.GetDbTransaction();
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value switch
            {
                null => DBNull.Value,
                DateTimeOffset at when _ticks => at.UtcTicks,
                DateTimeOffset at => at.ToUniversalTime(),
                TimeSpan length when _ticks => length.Ticks,
                _ => value,
            };
            command.Parameters.Add(parameter);
        }

        return command;
    }

    public async Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The first column of the first row, or null.</summary>
    public async Task<object?> ScalarAsync(string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteScalarAsync(cancellationToken) is { } value and not DBNull ? value : null;
    }

    public async Task<List<T>> ReadAsync<T>(string sql, Func<DbDataReader, T> row, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    public async ValueTask DisposeAsync() => await _db.Database.CloseConnectionAsync();
}

/// <summary>Reads columns alike in both dialects.</summary>
internal static class DbReading
{
    public static string? TextOrNull(this DbDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);

    public static DateTimeOffset Time(this DbDataReader reader, int ordinal) =>
        reader.GetFieldType(ordinal) == typeof(long) ? new DateTimeOffset(reader.GetInt64(ordinal), TimeSpan.Zero) : reader.GetFieldValue<DateTimeOffset>(ordinal);
}
