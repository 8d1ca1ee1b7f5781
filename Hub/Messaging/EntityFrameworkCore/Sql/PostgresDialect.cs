using System.Data.Common;

namespace MassTransit.EntityFrameworkCoreIntegration.Sql;

internal sealed class PostgresDialect : SqlDialect
{
    public static readonly PostgresDialect Instance = new();

    public override bool HasRowLocks => true;

    public override string ForUpdateSkipLocked => " FOR UPDATE SKIP LOCKED";

    public override string ForUpdate => " FOR UPDATE";

    /// <summary>The row's version is a system column, which <c>*</c> leaves out.</summary>
    public override string HiddenColumns => ", xmin";

    public override Statement? RelaxDurability { get; } = new("SET LOCAL synchronous_commit TO off");

    public override Statement? LockKey(long key) => new("SELECT pg_advisory_xact_lock($1)", key);

    public override string IsAnyOf(string column, int position) => $"{column} = ANY(${position})";

    public override ValueTask<IDisposable?> EnterAsync(DbConnection connection, CancellationToken cancellationToken) => default;

    public override void Bind(DbParameterCollection parameters, DbParameter parameter, Argument argument, int position)
    {
        if (!argument.IsList)
            parameter.DbType = argument.Type;
        parameter.Value = argument.Value ?? DBNull.Value;
        parameters.Add(parameter);
    }
}
