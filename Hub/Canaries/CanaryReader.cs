using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Canaries;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Canaries;

/// <summary>Looks for canaries at destinations where it is time to, one hub of all.</summary>
internal sealed partial class CanaryReader(
    HubConfiguration configuration, DestinationDirectory destinations, CanaryLook look, OutboxTransaction transactions, TimeProvider time, ILogger<CanaryReader> logger) : BackgroundService
{
    private const string Duty = "canaries";
    private const int AtOnce = 100;

    /// <summary>Looks wherever it is time to, whoever else does.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll((await DueAsync(AtOnce, cancellationToken)).GroupBy(trip => trip.Destination, StringComparer.Ordinal).Select(async trips =>
        {
            foreach (var trip in trips)
            {
                await LookAsync(trip, cancellationToken);
            }
        }));
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (configuration.Canaries.Count == 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(CanaryCourse.Shortest, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if ((await DueAsync(1, stoppingToken)).Count > 0 && await transactions.RunAsync((db, _) => WatchTurns.TryTakeAsync(db, Duty, CanaryCourse.Shortest, stoppingToken), stoppingToken))
                {
                    await LookAsync(stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(Duty, exception.GetType().Name);
            }
        }
    }

    private Task<IReadOnlyList<CanaryTrip>> DueAsync(int limit, CancellationToken cancellationToken) => transactions.ReadAsync(db => CanaryTrips.DueAsync(db, time.GetUtcNow(), limit, cancellationToken));

    private async Task LookAsync(CanaryTrip trip, CancellationToken cancellationToken)
    {
        var looked = configuration.Canaries.TryGetValue(trip.Canary, out var canary) && destinations.Find(trip.Destination) is { } destination
            ? await look.LookAsync(destination, canary, trip, cancellationToken)
            : trip with { State = CanaryState.Unread, NextLookAt = null };
        if (!await transactions.RunAsync((db, _) => CanaryTrips.NoteAsync(db, looked, cancellationToken), cancellationToken) || looked.State == trip.State)
        {
            return;
        }

        if (looked.State is CanaryState.Leaked or CanaryState.Missing)
        {
            LogTrouble(trip.Canary, trip.Destination, looked.State, string.Join(", ", looked.Findings.Select(finding => $"{finding.Kind} {finding.What}")));
        }
        else if (looked.ShownAt is { } shown)
        {
            LogShown(trip.Canary, trip.Destination, (shown - trip.StatedAt).TotalSeconds);
        }
    }

    [LoggerMessage(3250, LogLevel.Information, "Canary {Canary} is shown at {Destination} as policy allows, {Seconds:0} s after it was stated at most")]
    private partial void LogShown(string canary, string destination, double seconds);

    [LoggerMessage(3251, LogLevel.Error, "Canary {Canary} at {Destination}: {State}: {Findings}")]
    private partial void LogTrouble(string canary, string destination, string state, string findings);

    [LoggerMessage(3252, LogLevel.Warning, "Nobody could look for {Name} ({Error}); the next look is in some seconds")]
    private partial void LogFailed(string name, string error);
}
