using IntegrationHub.Sagas.AudienceSync;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Sagas.Tests.Persistence;

/// <summary>The runs and the bridge's own tables, as the hub's context has them.</summary>
internal sealed class RunsDbContext(DbContextOptions<RunsDbContext> options) : DbContext(options)
{
    public DbSet<AudienceSyncState> Runs => Set<AudienceSyncState>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfiguration(new AudienceSyncMap(xmin: true));
        modelBuilder.AddTransactionalOutboxEntities();
        modelBuilder.AddScheduledMessageEntity();
    }
}
