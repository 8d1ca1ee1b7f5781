using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Storage;

/// <summary>
/// Migrates, or looks whether somebody did, and makes the partitions of the next weeks, before any other hosted service starts: it is registered first and runs in the starting phase.
/// </summary>
internal sealed partial class MigrationStep(IServiceScopeFactory scopes, StorageOptions options, ILogPartitions partitions, TimeProvider time, ILogger<MigrationStep> logger) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<HubDbContext>();
        await HubDatabase.PrepareAsync(db, options, cancellationToken);
        if ((await HubDatabase.CompareAsync(db, cancellationToken)).Unknown is { Count: > 0 } unknown)
        {
            LogNewer(unknown.Count, unknown[^1]);
        }

        await partitions.MakeAheadAsync(time.GetUtcNow(), cancellationToken);
        await EarlierKeys.RewriteAsync(scopes, cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(3710, LogLevel.Information, "The database has {Count} migrations that this version does not know, the newest is {Name}: a newer hub was here, and this one goes on beside it")]
    private partial void LogNewer(int count, string name);
}
