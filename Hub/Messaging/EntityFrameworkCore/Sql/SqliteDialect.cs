using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;

namespace MassTransit.EntityFrameworkCoreIntegration.Sql;

/// <summary>
/// SQLite has one writer at a time, which a transaction becomes when it begins. Waiting for that turn happens here,
/// without a thread, instead of in the driver, which would block one per waiting consumer.
/// </summary>
internal sealed class SqliteDialect : SqlDialect
{
    public static readonly SqliteDialect Instance = new();

    private static readonly ConcurrentDictionary<string, SemaphoreSlim> _writers = new(StringComparer.Ordinal);

    public override bool HasRowLocks => false;

    public override string ForUpdateSkipLocked => "";

    public override string ForUpdate => "";

    public override string HiddenColumns => "";

    public override Statement? RelaxDurability => null;

    public override Statement? LockKey(long key) => null;

    public override string IsAnyOf(string column, int position) => $"{column} IN (SELECT value FROM json_each(${position}))";

    public override async ValueTask<IDisposable?> EnterAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var writer = _writers.GetOrAdd(connection.DataSource, _ => new SemaphoreSlim(1, 1));
        await writer.WaitAsync(cancellationToken);
        return new Turn(writer);
    }

    public override void Bind(DbParameterCollection parameters, DbParameter parameter, Argument argument, int position)
    {
        parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"${position}");
        parameter.Value = argument.Value switch
        {
            null => DBNull.Value,
            Guid[] ids => $"[{string.Join(',', ids.Select(x => $"\"{x.ToString().ToUpperInvariant()}\""))}]",
            long[] numbers => $"[{string.Join(',', numbers)}]",
            _ => argument.Value,
        };
        parameters.Add(parameter);
    }

    private sealed class Turn(SemaphoreSlim writer) : IDisposable
    {
        private SemaphoreSlim? _writer = writer;

        public void Dispose() => Interlocked.Exchange(ref _writer, null)?.Release();
    }
}
