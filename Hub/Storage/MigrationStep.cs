using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace IntegrationHub.Storage;

/// <summary>Migrates, and makes the partitions of the next weeks, before any other hosted service starts: it is registered first and runs in the starting phase.</summary>
internal sealed class MigrationStep(IServiceScopeFactory scopes, ILogPartitions partitions, TimeProvider time) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await HubDatabase.MigrateAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), cancellationToken);
        await partitions.MakeAheadAsync(time.GetUtcNow(), cancellationToken);
        await EarlierKeys.RewriteAsync(scopes, cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
