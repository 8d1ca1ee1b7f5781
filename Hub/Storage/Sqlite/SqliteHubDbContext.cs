using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Sagas.Erasure;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>The context on SQLite; carries that dialect's migrations.</summary>
public sealed class SqliteHubDbContext(DbContextOptions<SqliteHubDbContext> options) : HubDbContext(options)
{
    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.ApplyConfiguration(new AudienceSyncMap(xmin: false));
        modelBuilder.ApplyConfiguration(new ErasureMap(xmin: false));

        // SQLite has no instants: as UTC ticks they can be compared and sorted.
        var ticks = new ValueConverter<DateTimeOffset, long>(at => at.UtcTicks, value => new DateTimeOffset(value, TimeSpan.Zero));
        foreach (var property in modelBuilder.Model.GetEntityTypes().Where(type => typeof(MassTransit.ISaga).IsAssignableFrom(type.ClrType)).SelectMany(type => type.GetProperties()))
        {
            if (property.ClrType == typeof(DateTimeOffset) || property.ClrType == typeof(DateTimeOffset?))
            {
                property.SetValueConverter(ticks);
            }
        }
    }
}
