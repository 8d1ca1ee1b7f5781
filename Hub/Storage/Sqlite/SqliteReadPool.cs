using IntegrationHub.Storage.Reads;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>
/// Connections that cannot write. SQLite knows no longest time of a statement, and its client library none either: a clock beside the read interrupts it. The budget is that of the whole read
/// here, not of each of its statements.
/// </summary>
internal sealed class SqliteReadPool : IReadPool, IDisposable
{
    private const int Interrupted = 9;
    private static readonly TimeSpan _again = TimeSpan.FromMilliseconds(50);

    private readonly TimeSpan _longest;
    private readonly ReadTurns _turns;
    private readonly PooledDbContextFactory<SqliteHubDbContext> _contexts;

    /// <param name="options">How many connections, and how long a read may take.</param>
    /// <param name="configure">Makes the contexts as the hub's others are.</param>
    public SqliteReadPool(StorageOptions options, Action<DbContextOptionsBuilder, string> configure)
    {
        (_longest, _turns) = (options.LongestRead, new ReadTurns(options));
        var builder = new DbContextOptionsBuilder<SqliteHubDbContext>();
        configure(builder, ConnectionOf(options.ConnectionString));
        _contexts = new PooledDbContextFactory<SqliteHubDbContext>(builder.Options, options.ReadConnections);
    }

    public async Task<T> ReadAsync<T>(Func<HubDbContext, Task<T>> read)
    {
        using var turn = await _turns.EnterAsync();
        await using var db = await _contexts.CreateDbContextAsync();
        await db.Database.OpenConnectionAsync();
        try
        {
            // An interrupt between two statements is lost, so it comes again until the read has ended.
            await using var clock = new Timer(static connection => SQLitePCL.raw.sqlite3_interrupt(((SqliteConnection)connection!).Handle), db.Database.GetDbConnection(), _longest, _again);
            return await read(db);
        }
        catch (Exception exception) when (IsInterrupted(exception))
        {
            throw new ReadOverBudgetException(_longest, isBusy: false, exception);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    public void Dispose() => _turns.Dispose();

    /// <summary>A database in memory is its connections' own: there is no file to open another way.</summary>
    private static string ConnectionOf(string connectionString)
    {
        var builder = new SqliteConnectionStringBuilder(connectionString);
        if (builder.Mode != SqliteOpenMode.Memory && builder.DataSource != ":memory:")
        {
            builder.Mode = SqliteOpenMode.ReadOnly;
        }

        return builder.ConnectionString;
    }

    private static bool IsInterrupted(Exception exception) =>
        exception is SqliteException { SqliteErrorCode: Interrupted } || (exception.InnerException is { } inner && IsInterrupted(inner));
}
