using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IntegrationHub.BridgeProcess;

/// <summary>One saga, one table of effects, and the bridge's tables.</summary>
public sealed class BridgeDbContext(DbContextOptions<BridgeDbContext> options) : DbContext(options)
{
    public DbSet<Effect> Effects => Set<Effect>();

    public DbSet<OrderState> Orders => Set<OrderState>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.AddTransactionalOutboxEntities();
        modelBuilder.AddScheduledMessageEntity();
        new OrderStateMap(Database.ProviderName!.Contains("Npgsql", StringComparison.Ordinal)).Configure(modelBuilder);
    }

    private sealed class OrderStateMap(bool isPostgres) : SagaClassMap<OrderState>
    {
        protected override void Configure(EntityTypeBuilder<OrderState> entity, ModelBuilder model)
        {
            entity.Property(x => x.CurrentState).HasMaxLength(64);
            entity.HasIndex(x => x.Name).IsUnique();
            if (isPostgres)
                entity.Property(x => x.Version).IsRowVersion();
            else
                entity.Property(x => x.Version).IsConcurrencyToken();
        }
    }
}

/// <summary>A change that a consumer makes.</summary>
public sealed class Effect
{
    public Guid Id { get; set; }

    public Guid ChargeId { get; set; }
}
