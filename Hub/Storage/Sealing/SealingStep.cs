using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Storage.Sealing;

/// <summary>
/// Lets no hub start that lacks a key with which columns may be sealed: it is registered after the migrations and looks before any other service starts. Says while the hub runs which key it seals with,
/// and that a key is missing which another hub has begun to seal with.
/// </summary>
internal sealed partial class SealingStep(IServiceScopeFactory scopes, SealingKeys keys, TimeProvider time, ILogger<SealingStep> logger) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan _pause = TimeSpan.FromMinutes(1);

    public Task StartingAsync(CancellationToken cancellationToken) => AnnounceAsync(cancellationToken);

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_pause, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryAnnounceAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task TryAnnounceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AnnounceAsync(cancellationToken);
        }
        catch (MissingSealingKeyException missing)
        {
            LogMissing(missing.KeyId);
        }
        catch (Exception exception) when (exception is DbException or BrokenSealException or InvalidOperationException)
        {
            LogUnannounced(keys.Current?.Id ?? "no key", exception.Message);
        }
    }

    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await SealingBook.AnnounceAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), keys, time.GetUtcNow(), cancellationToken);
    }

    [LoggerMessage(3916, LogLevel.Error, "Another hub seals columns with the key {Name}, which this hub does not have: what is sealed with it is not read here, and nothing of it is sent. Add it to Hub:Encryption:Keys of this hub and start it again")]
    private partial void LogMissing(string name);

    [LoggerMessage(3917, LogLevel.Warning, "That this hub seals columns with {Name} could not be noted: {Problem}")]
    private partial void LogUnannounced(string name, string problem);
}
