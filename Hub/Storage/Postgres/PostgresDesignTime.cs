using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace IntegrationHub.Storage.Postgres;

/// <summary>Gives <c>dotnet ef</c> the context whose migrations it writes; it never connects.</summary>
internal sealed class PostgresDesignTime : IDesignTimeDbContextFactory<PostgresHubDbContext>
{
    public PostgresHubDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresHubDbContext>().UseNpgsql("Host=127.0.0.1").Options);
}
