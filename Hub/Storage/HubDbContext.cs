using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage;

/// <summary>The one context: sagas, inbox and outbox through EF Core; the tables of the data's path are written by the dialect operations.</summary>
public abstract class HubDbContext : DbContext
{
    /// <summary>Opens the context of a dialect; a transaction costs no savepoint per save.</summary>
    protected HubDbContext(DbContextOptions options)
        : base(options) => Database.AutoSavepointsEnabled = false;

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        base.OnModelCreating(modelBuilder);
        modelBuilder.AddTransactionalOutboxEntities();
        modelBuilder.AddScheduledMessageEntity();
    }
}
