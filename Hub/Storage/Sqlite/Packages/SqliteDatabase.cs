using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Sqlite.Packages;

/// <summary>Opens SQLite with EF Core on the package combination of decision 0002. The only door to SQLite in this repository.</summary>
public static class SqliteDatabase
{
    private static readonly Lazy<bool> Loaded = new(Load);

    /// <summary>
    /// Makes a context use a SQLite file. Every connection waits up to 30 s for the one writer; the file is put into WAL mode by
    /// <see cref="Prepare"/>.
    /// </summary>
    /// <param name="options">The context's options.</param>
    /// <param name="connectionString">For example <c>Data Source=hub.db</c>.</param>
    public static DbContextOptionsBuilder UseHubSqlite(this DbContextOptionsBuilder options, string connectionString)
    {
        ArgumentNullException.ThrowIfNull(options);
        _ = Loaded.Value;
        return options
            .UseSqlite(connectionString, sqlite => sqlite.CommandTimeout(30))
            .AddInterceptors(BusyTimeout.Instance);
    }

    /// <summary>Creates the file when it is missing and puts it into WAL mode, which then stays with the file.</summary>
    public static void Prepare(string connectionString)
    {
        _ = Loaded.Value;
        SwitchToWal(connectionString);
    }

    /// <summary>Closes the pooled connections of every file, so that a file can be deleted.</summary>
    public static void ReleaseFiles()
    {
        if (Loaded.IsValueCreated)
        {
            ClearPools();
        }
    }

    // Methods that name the client library's types stand apart: they must not be compiled before Load has run.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SwitchToWal(string connectionString)
    {
        using var connection = new SqliteConnection(connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA busy_timeout = 30000; PRAGMA journal_mode = WAL;";
        command.ExecuteNonQuery();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ClearPools() => SqliteConnection.ClearAllPools();

    private static bool Load()
    {
        AssemblyLoadContext.Default.Resolving += ResolveCore;
        SQLitePCL.Batteries_V2.Init();
        return true;
    }

    /// <summary>EF Core asks for a newer SQLitePCLRaw.core than the one that can be restored; both have the same surface.</summary>
    private static Assembly? ResolveCore(AssemblyLoadContext context, AssemblyName name) =>
        string.Equals(name.Name, "SQLitePCLRaw.core", StringComparison.Ordinal)
            ? context.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "SQLitePCLRaw.core.dll"))
            : null;
}
