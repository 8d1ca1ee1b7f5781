using System.Data;

namespace MassTransit.EntityFrameworkCoreIntegration.Sql;

/// <summary>One positional argument of a statement, with its type so that null needs no guessing.</summary>
internal readonly record struct Argument(DbType Type, object? Value, bool IsList = false)
{
    public static implicit operator Argument(Guid? value) => new(DbType.Guid, value);

    public static implicit operator Argument(Guid value) => new(DbType.Guid, value);

    public static implicit operator Argument(string? value) => new(DbType.String, value);

    public static implicit operator Argument(Uri? value) => new(DbType.String, value?.OriginalString);

    public static implicit operator Argument(DateTime? value) => new(DbType.DateTime, value);

    public static implicit operator Argument(DateTime value) => new(DbType.DateTime, value);

    public static implicit operator Argument(long value) => new(DbType.Int64, value);

    public static implicit operator Argument(Guid[] values) => new(DbType.Guid, values, true);

    public static implicit operator Argument(long[] values) => new(DbType.Int64, values, true);
}

/// <summary>A statement with positional parameters ($1, $2 …).</summary>
internal readonly record struct Statement(string Text, params Argument[] Arguments);
