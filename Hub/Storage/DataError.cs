using System.Data.Common;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace IntegrationHub.Storage;

/// <summary>Tells errors that the written values caused from outages: those come again however often the work is repeated.</summary>
public static class DataError
{
    // SQLite: too big, constraint, mismatch, out of range.
    private static readonly int[] _sqlite = [18, 19, 20, 25];

    /// <summary>
    /// True when the database, or the way to it, refused the values: data exceptions, broken constraints and exceeded limits (SQLSTATE classes
    /// 22, 23, 54), a text that has no UTF-8, JSON that is none.
    /// </summary>
    public static bool IsCauseOf(Exception exception) => exception switch
    {
        EncoderFallbackException or JsonException => true,
        DbException { SqlState: { Length: 5 } state } => state[..2] is "22" or "23" or "54",
        SqliteException { SqliteErrorCode: var code } => _sqlite.Contains(code),
        _ => exception.InnerException is { } inner && IsCauseOf(inner),
    };
}
