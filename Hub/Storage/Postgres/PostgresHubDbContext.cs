using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Sagas.Erasure;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Postgres;

/// <summary>The context on PostgreSQL; carries that dialect's migrations.</summary>
public sealed class PostgresHubDbContext(DbContextOptions<PostgresHubDbContext> options) : HubDbContext(options)
{
    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.ApplyConfiguration(new AudienceSyncMap(xmin: true));
        modelBuilder.ApplyConfiguration(new ErasureMap(xmin: true));
    }
}
