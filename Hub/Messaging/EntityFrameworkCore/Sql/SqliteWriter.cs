using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration.Sql;

/// <summary>
/// The one writer that SQLite has, which a transaction becomes when it begins. Waiting for the turn happens here, without a thread.
/// The engine's own wait blocks a thread and, in builds without usleep, lasts a whole second each time. An application that begins
/// transactions of its own on the same file takes its turn here as well.
/// </summary>
public static class SqliteWriter
{
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> _writers = new(StringComparer.Ordinal);

    /// <summary>Waits for the turn; dispose it after the transaction. Null on every other database.</summary>
    public static async ValueTask<IDisposable?> EnterAsync(DbContext dbContext, CancellationToken cancellationToken) =>
        dbContext.Database.ProviderName?.EndsWith(".Sqlite", StringComparison.Ordinal) == true
            ? await EnterAsync(dbContext.Database.GetDbConnection(), cancellationToken)
            : null;

    internal static async ValueTask<IDisposable> EnterAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var writer = _writers.GetOrAdd(connection.DataSource, _ => new SemaphoreSlim(1, 1));
        await writer.WaitAsync(cancellationToken);
        return new Turn(writer);
    }

    private sealed class Turn(SemaphoreSlim writer) : IDisposable
    {
        private SemaphoreSlim? _writer = writer;

        public void Dispose() => Interlocked.Exchange(ref _writer, null)?.Release();
    }
}
