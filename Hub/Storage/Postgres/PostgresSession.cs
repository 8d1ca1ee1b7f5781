using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using NpgsqlTypes;

namespace IntegrationHub.Storage.Postgres;

/// <summary>The context's own connection, held open for one operation, in the context's transaction when there is one.</summary>
internal sealed class PostgresSession : IAsyncDisposable
{
    private readonly HubDbContext _db;

    private PostgresSession(HubDbContext db)
    {
        _db = db;
        Connection = (NpgsqlConnection)db.Database.GetDbConnection();
    }

    public NpgsqlConnection Connection { get; }

    /// <summary>Opens for reading or for a single statement.</summary>
    public static async Task<PostgresSession> OpenAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        return new PostgresSession(db);
    }

    /// <summary>Opens for work of several statements, which needs the caller's transaction.</summary>
    public static Task<PostgresSession> OpenInTransactionAsync(HubDbContext db, CancellationToken cancellationToken) =>
        db.Database.CurrentTransaction is null
            ? throw new InvalidOperationException("Begin a transaction on the HubDbContext before this operation; it writes in several statements.")
            : OpenAsync(db, cancellationToken);

    public NpgsqlCommand Command(string sql) =>
        new(sql, Connection, (NpgsqlTransaction?)_db.Database.CurrentTransaction?.GetDbTransaction());

    /// <summary>Several statements in one round trip, one after the other.</summary>
    public NpgsqlBatch Batch(params ReadOnlySpan<NpgsqlBatchCommand> commands)
    {
        var batch = new NpgsqlBatch(Connection, (NpgsqlTransaction?)_db.Database.CurrentTransaction?.GetDbTransaction());
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        return batch;
    }

    /// <summary>Lets the rest of the transaction read whole tables and compare them by hash; see decision 0008.</summary>
    public async Task CompareByHashAsync(CancellationToken cancellationToken)
    {
        await using var command = Command("SELECT set_config('enable_seqscan', 'on', true), set_config('enable_nestloop', 'off', true)");
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync() => await _db.Database.CloseConnectionAsync();
}

/// <summary>Positional parameters with their types said once.</summary>
internal static class PostgresParameters
{
    public static NpgsqlCommand Text(this NpgsqlCommand command, string? value) => command.Add(value, NpgsqlDbType.Text);

    public static NpgsqlCommand Id(this NpgsqlCommand command, Guid? value) => command.Add(value, NpgsqlDbType.Uuid);

    public static NpgsqlCommand Long(this NpgsqlCommand command, long? value) => command.Add(value, NpgsqlDbType.Bigint);

    public static NpgsqlCommand Int(this NpgsqlCommand command, int value) => command.Add(value, NpgsqlDbType.Integer);

    public static NpgsqlCommand Bool(this NpgsqlCommand command, bool value) => command.Add(value, NpgsqlDbType.Boolean);

    public static NpgsqlCommand Time(this NpgsqlCommand command, DateTimeOffset value) => command.Add(value.ToUniversalTime(), NpgsqlDbType.TimestampTz);

    public static NpgsqlCommand OptionalTime(this NpgsqlCommand command, DateTimeOffset? value) => command.Add(value?.ToUniversalTime(), NpgsqlDbType.TimestampTz);

    public static NpgsqlCommand Texts(this NpgsqlCommand command, string?[] values) => command.Add(values, NpgsqlDbType.Array | NpgsqlDbType.Text);

    public static NpgsqlCommand Ids(this NpgsqlCommand command, Guid[] values) => command.Add(values, NpgsqlDbType.Array | NpgsqlDbType.Uuid);

    public static NpgsqlCommand OptionalIds(this NpgsqlCommand command, Guid?[] values) => command.Add(values, NpgsqlDbType.Array | NpgsqlDbType.Uuid);

    public static NpgsqlCommand Longs(this NpgsqlCommand command, long[] values) => command.Add(values, NpgsqlDbType.Array | NpgsqlDbType.Bigint);

    public static NpgsqlCommand OptionalLongs(this NpgsqlCommand command, long?[] values) => command.Add(values, NpgsqlDbType.Array | NpgsqlDbType.Bigint);

    public static NpgsqlCommand Ints(this NpgsqlCommand command, int[] values) => command.Add(values, NpgsqlDbType.Array | NpgsqlDbType.Integer);

    public static NpgsqlCommand OptionalInts(this NpgsqlCommand command, int?[] values) => command.Add(values, NpgsqlDbType.Array | NpgsqlDbType.Integer);

    public static NpgsqlCommand Smalls(this NpgsqlCommand command, short[] values) => command.Add(values, NpgsqlDbType.Array | NpgsqlDbType.Smallint);

    public static NpgsqlCommand Bools(this NpgsqlCommand command, bool[] values) => command.Add(values, NpgsqlDbType.Array | NpgsqlDbType.Boolean);

    public static NpgsqlCommand Times(this NpgsqlCommand command, DateTimeOffset?[] values) =>
        command.Add(Array.ConvertAll(values, value => value?.ToUniversalTime()), NpgsqlDbType.Array | NpgsqlDbType.TimestampTz);

    public static Task TextAsync(this NpgsqlBinaryImporter copy, string? value, CancellationToken cancellationToken) =>
        value is null ? copy.WriteNullAsync(cancellationToken) : copy.WriteAsync(value, NpgsqlDbType.Text, cancellationToken);

    public static T[] Column<TRow, T>(this IReadOnlyList<TRow> rows, Func<TRow, T> value)
    {
        var column = new T[rows.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(rows[i]);
        }

        return column;
    }

    private static NpgsqlCommand Add(this NpgsqlCommand command, object? value, NpgsqlDbType type)
    {
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
        return command;
    }
}
