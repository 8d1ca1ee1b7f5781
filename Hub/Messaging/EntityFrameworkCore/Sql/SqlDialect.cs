using System.Data.Common;

namespace MassTransit.EntityFrameworkCoreIntegration.Sql;

/// <summary>What differs between the two databases; everything else is the same SQL.</summary>
internal abstract class SqlDialect
{
    /// <summary>True when rows can be locked while they are being sent; false when a transaction would lock the whole database.</summary>
    public abstract bool HasRowLocks { get; }

    /// <summary>Locks the selected rows, leaving out those that somebody else holds.</summary>
    public abstract string ForUpdateSkipLocked { get; }

    /// <summary>Locks the selected rows, waiting for whoever holds them.</summary>
    public abstract string ForUpdate { get; }

    /// <summary>Columns that a saga query must name in addition to <c>*</c>.</summary>
    public abstract string HiddenColumns { get; }

    /// <summary>Makes the commit of this transaction not wait for the disk; null when the database has no such switch.</summary>
    public abstract Statement? RelaxDurability { get; }

    /// <summary>Holds the transaction until no other holds the same key; null when transactions are serial anyway.</summary>
    public abstract Statement? LockKey(long key);

    /// <summary>A condition that is true when the column equals an element of the list argument.</summary>
    public abstract string IsAnyOf(string column, int position);

    /// <summary>Waits for this process' turn to write; the result ends the turn.</summary>
    public abstract ValueTask<IDisposable?> EnterAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>Adds an argument to a command.</summary>
    public abstract void Bind(DbParameterCollection parameters, DbParameter parameter, Argument argument, int position);

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
