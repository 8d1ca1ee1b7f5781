using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Runs;
using MassTransit;

namespace IntegrationHub.Hub.Runs;

/// <summary>
/// Asks again, once at start, for the pending step of every run that is not over: the in-memory bus forgets what it carried when the process
/// dies. Steps are idempotent, so asking for one that is under way elsewhere does no harm.
/// </summary>
internal sealed partial class RunRecovery(OutboxTransaction transactions, IRunStore runs, IBusControl bus, ILogger<RunRecovery> logger) : BackgroundService
{
    private const int MostRuns = 1_000;
    private static readonly string[] _waitingStates = ["Snapshotting", "Planning", "Delivering", "Verifying", "Canceling"];

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await bus.WaitForHealthStatus(BusHealthStatus.Healthy, stoppingToken);
        foreach (var state in _waitingStates)
        {
            foreach (var run in await transactions.ReadAsync(db => runs.ListAsync(db, new RunFilter(State: state, Limit: MostRuns), stoppingToken)))
            {
                LogAskingAgain(run.RunId, run.Destination, run.State);
                await bus.Publish(PendingStep(run), stoppingToken);
            }
        }
    }

    private static object PendingStep(RunView run) => run.State switch
    {
        "Snapshotting" => new ApplySnapshot { RunId = run.RunId, Audience = run.Audience, Destination = run.Destination, SnapshotId = run.SnapshotId!.Value },
        "Planning" => new PlanAudienceSync { RunId = run.RunId, Audience = run.Audience, Destination = run.Destination, Mode = run.Mode },
        "Delivering" => new DeliverAudienceSync { RunId = run.RunId, Destination = run.Destination },
        "Verifying" => new VerifyAudienceSync { RunId = run.RunId, Audience = run.Audience, Destination = run.Destination, Mode = run.Mode, Round = Math.Max(1, run.VerificationRound) },
        _ => new CancelDeliveries { RunId = run.RunId, Destination = run.Destination },
    };

    [LoggerMessage(1261, LogLevel.Information, "Run {RunId}: asking again for its step at {Destination}, it stood in {State} when the hub started")]
    private partial void LogAskingAgain(Guid runId, string destination, string state);
}
