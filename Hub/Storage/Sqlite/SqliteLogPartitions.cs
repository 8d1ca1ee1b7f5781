using IntegrationHub.Storage.Retention;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>SQLite keeps the log in one table; its rows are deleted like others.</summary>
internal sealed class SqliteLogPartitions : ILogPartitions
{
    public Task MakeAheadAsync(DateTimeOffset now, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<long?> DropAsync(RetentionClass rows, DateTimeOffset before, int limit, CancellationToken cancellationToken) => Task.FromResult<long?>(null);
}
