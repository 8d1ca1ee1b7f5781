using System.Data.Common;

namespace IntegrationHub.Storage;

/// <summary>Two transactions that waited for each other, one of which the database ended: nothing of that one was written, and it may be tried again.</summary>
public static class Deadlock
{
    private const string SqlState = "40P01";
    private const int MostAttempts = 3;

    /// <summary>True when the database ended the work for that. SQLite has one writer, so that nobody waits for it crosswise.</summary>
    public static bool IsCauseOf(Exception exception) => exception is DbException { SqlState: SqlState } || (exception?.InnerException is { } inner && IsCauseOf(inner));

    /// <summary>Does work in a transaction of its own, up to three times as long as it is ended so.</summary>
    /// <param name="work">The work; nothing of it stands when it throws.</param>
    /// <param name="tried">Is told how often it was ended; null when nobody is.</param>
    public static async Task<T> TryAsync<T>(Func<Task<T>> work, Action<int>? tried = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work();
            }
            catch (Exception exception) when (attempt < MostAttempts && IsCauseOf(exception))
            {
                tried?.Invoke(attempt);
            }
        }
    }
}
