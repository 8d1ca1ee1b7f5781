using IntegrationHub.Hub.Retention;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>What tests of retention share. Everything happens at noon.</summary>
public abstract class SweepFixture(StorageDatabase database) : DeliveryFixture(database)
{
    private protected RetentionOptions Kept { get; } = new() { RowsPerStatement = 2 };

    /// <summary>Sweeps when things of noon are an hour too old.</summary>
    private protected async Task SweepAsync(TimeSpan age)
    {
        Clock.Now = Noon + age + TimeSpan.FromHours(1);
        var sweeper = new RetentionSweeper(
            Transactions, LogPartitions, Microsoft.Extensions.Options.Options.Create(Kept), Clock, NullLogger<RetentionSweeper>.Instance);
        await sweeper.SweepAsync(CancellationToken.None);
    }

    private protected Task<long> CountAsync(string table, string column, object value) => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return (long)(await session.ScalarAsync($"SELECT count(*) FROM {table} WHERE {column} = @value", CancellationToken.None, ("value", value)))!;
    });

    private protected Task ExecuteAsync(string sql, params (string, object?)[] parameters) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, parameters);
    });
}
