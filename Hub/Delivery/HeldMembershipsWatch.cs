using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// Asks a person about what the live lane left to a run: starts a delta run of the audience whose guardrail lets nothing of that kind pass by itself. While another run of the audience is under
/// way it waits for its end.
/// </summary>
internal sealed partial class HeldMembershipsWatch(RunStarter starter, OutboxTransaction transactions, TimeProvider time, ILogger<HeldMembershipsWatch> logger) : BackgroundService
{
    /// <summary>On whose behalf the runs are started.</summary>
    public const string By = "live-guardrail";

    private static readonly TimeSpan _every = TimeSpan.FromSeconds(10);

    /// <summary>Starts the runs that are missing.</summary>
    /// <returns>How many were started.</returns>
    internal async Task<int> AskAsync(CancellationToken cancellationToken)
    {
        var started = 0;
        var held = await transactions.ReadAsync(db => LiveGuards.ListHeldAsync(db, cancellationToken));
        foreach (var audience in held.GroupBy(some => (some.Membership.Destination, some.Membership.Audience)))
        {
            var (destination, key) = audience.Key;
            var request = new RunRequest(key, [destination], SyncMode.Delta, null, By)
            {
                MaxRemovalShare = audience.Any(some => some.Membership.Operation == Operation.RemoveMember) ? 0 : null,
                MaxAdditionMultiple = audience.Any(some => some.Membership.Operation == Operation.AddMember) ? 0 : null,
            };
            var (runs, refusal) = await starter.StartAsync(request, cancellationToken, async (db, _) =>
            {
                await LiveGuards.AskedAsync(db, destination, key, cancellationToken);
                return true;
            });
            started += runs.Count;
            if (refusal is null)
            {
                LogAsked(destination, key, audience.Sum(some => some.Count), runs[0].RunId);
            }
            else if (refusal.Status != StatusCodes.Status409Conflict)
            {
                // Another configuration: nothing goes there any more, and whoever is marked waits for the audience's next run.
                LogRefused(destination, key, refusal.Detail);
                await transactions.RunAsync((db, _) => LiveGuards.AskedAsync(db, destination, key, cancellationToken), cancellationToken);
            }
        }

        return started;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await transactions.RunAsync((db, _) => WatchTurns.TryTakeAsync(db, By, _every / 2, stoppingToken), stoppingToken))
                {
                    await AskAsync(stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.GetType().Name);
            }
        }
    }

    [LoggerMessage(3002, LogLevel.Warning, "{Destination}: {Count} changes of audience {Audience} were held by its guardrail; run {RunId} waits for a person to let them pass: 'approvals list'")]
    private partial void LogAsked(string destination, string audience, long count, Guid runId);

    [LoggerMessage(3003, LogLevel.Warning, "{Destination}: changes of audience {Audience} were held by its guardrail, and no run can be started that asks about them: they wait for the next run. {Reason}")]
    private partial void LogRefused(string destination, string audience, string reason);

    [LoggerMessage(3004, LogLevel.Warning, "Nobody could look for memberships that are held ({Error}); the next look is in some seconds")]
    private partial void LogFailed(string error);
}
