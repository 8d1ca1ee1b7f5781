using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>Opens SQLite as the hub uses it.</summary>
internal static class SqliteDatabase
{
    /// <summary>Makes a context use a SQLite file, which EF Core creates in WAL mode. Every connection waits up to 30 s for the one writer.</summary>
    /// <param name="options">The context's options.</param>
    /// <param name="connectionString">For example <c>Data Source=hub.db</c>.</param>
    public static DbContextOptionsBuilder UseHubSqlite(this DbContextOptionsBuilder options, string connectionString) =>
        options.UseSqlite(connectionString, sqlite => sqlite.CommandTimeout(30)).AddInterceptors(BusyTimeout.Instance);
}
