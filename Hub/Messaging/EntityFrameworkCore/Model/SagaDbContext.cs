using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>A context whose model is a list of saga maps.</summary>
public abstract class SagaDbContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>The maps to apply.</summary>
    protected abstract IEnumerable<ISagaClassMap> Configurations { get; }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        foreach (var configuration in Configurations)
            configuration.Configure(modelBuilder);
    }
}
