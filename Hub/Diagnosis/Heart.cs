using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Storage.Watch;
using MassTransit;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>Says every few seconds that this hub is alive, what it does, and whether it reaches the broker; and, at the end, that it stops.</summary>
internal sealed partial class Heart(HubInstance instance, HubConfiguration configuration, RunningConfiguration running, DestinationDirectory destinations, OutboxTransaction transactions, IBusControl bus, IOptions<WatchOptions> options, TimeProvider time, ILogger<Heart> logger)
    : BackgroundService
{

    private DateTimeOffset? _unwellSince;

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await transactions.RunAsync((db, _) => Heartbeats.LeaveAsync(db, instance.Name, cancellationToken), cancellationToken);
        }
        catch (Exception exception)
        {
            LogNotNoted(instance.Name, exception.GetType().Name);
        }
    }

    /// <summary>One heartbeat; false when it could not be noted.</summary>
    internal async Task<bool> BeatAsync(CancellationToken cancellationToken)
    {
        try
        {
            string[] roles = [HubDiagnoser.Runs, "intake", .. destinations.All.Select(destination => HubSighting.RoleOf(destination.Name))];
            var now = time.GetUtcNow();
            _unwellSince = bus.CheckHealth().Status == BusHealthStatus.Healthy ? null : _unwellSince ?? now;
            var trouble = _unwellSince + options.Value.Silence / 2 <= now ? "broker" : null; // a bus that starts, or connects anew, is no trouble yet
            await transactions.RunAsync((db, _) => Heartbeats.BeatAsync(db, instance.Name, HubInstance.Version, configuration.Version, roles, trouble, options.Value.Silence, cancellationToken, running.Version, running.PendingSince), cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotNoted(instance.Name, exception.GetType().Name);
            return false;
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Heartbeat, time);
        do
        {
            await BeatAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(2601, LogLevel.Warning, "The heartbeat of the hub {Name} could not be noted ({Error}); the next one is tried in some seconds")]
    private partial void LogNotNoted(string name, string error);
}
