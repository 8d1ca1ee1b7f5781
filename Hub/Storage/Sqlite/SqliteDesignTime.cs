using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>Gives <c>dotnet ef</c> the context whose migrations it writes; it never connects.</summary>
internal sealed class SqliteDesignTime : IDesignTimeDbContextFactory<SqliteHubDbContext>
{
    public SqliteHubDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<SqliteHubDbContext>();
        options.UseHubSqlite("Data Source=:memory:");
        return new SqliteHubDbContext(options.Options);
    }
}
