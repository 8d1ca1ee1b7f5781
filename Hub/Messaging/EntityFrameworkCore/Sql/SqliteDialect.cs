using System.Data.Common;
using System.Globalization;

namespace MassTransit.EntityFrameworkCoreIntegration.Sql;

/// <summary>SQLite: no row locks, since there is one writer at a time; see <see cref="SqliteWriter"/>.</summary>
internal sealed class SqliteDialect : SqlDialect
{
    public static readonly SqliteDialect Instance = new();

    public override bool HasRowLocks => false;

    public override string ForUpdateSkipLocked => "";

    public override string ForUpdate => "";

    public override string HiddenColumns => "";

    public override Statement? RelaxDurability => null;

    public override Statement? LockKey(long key) => null;

    public override string IsAnyOf(string column, int position) => $"{column} IN (SELECT value FROM json_each(${position}))";

    public override async ValueTask<IDisposable?> EnterAsync(DbConnection connection, CancellationToken cancellationToken) =>
        await SqliteWriter.EnterAsync(connection, cancellationToken);

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
}
