using IntegrationHub.Storage.Reads;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;

namespace IntegrationHub.Storage.Postgres;

/// <summary>A pool of connections of its own, on which the server itself ends a statement that takes too long and refuses what writes.</summary>
internal sealed class PostgresReadPool : IReadPool, IDisposable
{
    private readonly TimeSpan _longest;
    private readonly ReadTurns _turns;
    private readonly PooledDbContextFactory<PostgresHubDbContext> _contexts;

    /// <param name="options">How many connections, and how long a statement may take.</param>
    /// <param name="connectionString">Of the hub's other connections.</param>
    /// <param name="configure">Makes the contexts as the hub's others are.</param>
    public PostgresReadPool(StorageOptions options, string connectionString, Action<DbContextOptionsBuilder, string> configure)
    {
        (_longest, _turns) = (options.LongestRead, new ReadTurns(options));
        var builder = new DbContextOptionsBuilder<PostgresHubDbContext>();
        configure(builder, ConnectionOf(options, connectionString));
        _contexts = new PooledDbContextFactory<PostgresHubDbContext>(builder.Options, options.ReadConnections);
    }

    public async Task<T> ReadAsync<T>(Func<HubDbContext, Task<T>> read)
    {
        using var turn = await _turns.EnterAsync();
        await using var db = await _contexts.CreateDbContextAsync();
        try
        {
            return await read(db);
        }
        catch (Exception exception) when (IsEndedByServer(exception))
        {
            throw new ReadOverBudgetException(_longest, isBusy: false, exception);
        }
    }

    public void Dispose() => _turns.Dispose();

    internal static string ConnectionOf(StorageOptions options, string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        builder.ApplicationName = $"{builder.ApplicationName}-reads";
        (builder.MaxPoolSize, builder.MinPoolSize) = (options.ReadConnections, 0);
        builder.Options = FormattableString.Invariant($"{builder.Options} -c statement_timeout={options.LongestRead.TotalMilliseconds:0} -c default_transaction_read_only=on").TrimStart();
        return builder.ConnectionString;
    }

    /// <summary>The caller's own end of a statement looks alike to the server, but is told as a cancellation.</summary>
    private static bool IsEndedByServer(Exception exception) => exception switch
    {
        OperationCanceledException => false,
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => true,
        _ => exception.InnerException is { } inner && IsEndedByServer(inner),
    };
}
