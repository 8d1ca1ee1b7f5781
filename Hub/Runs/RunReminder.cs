using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Runs;
using MassTransit;

namespace IntegrationHub.Hub.Runs;

/// <summary>Reminds runs of their pending step: they know themselves which one that is. Of erasures the step itself is asked for again.</summary>
internal sealed partial class RunReminder(OutboxTransaction transactions, IRunStore runs, TimeProvider time, ILogger<RunReminder> logger)
{
    /// <summary>Reminds every run that waits for the hub's work.</summary>
    /// <param name="destination">Only those to this destination, for example because somebody ended its wait; null for all.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many there were.</returns>
    public Task<int> RemindAsync(string? destination, CancellationToken cancellationToken) => transactions.RunAsync(async (db, bus) =>
    {
        var waiting = await runs.ListAtWorkAsync(db, destination, cancellationToken);
        foreach (var runId in waiting)
        {
            LogReminding(runId);
            await bus.Publish(new RemindAudienceSync { RunId = runId, At = time.GetUtcNow() }, cancellationToken);
        }

        var backfills = await BackfillBook.ListAtWorkAsync(db, destination, cancellationToken);
        foreach (var runId in backfills)
        {
            LogReminding(runId);
            await bus.Publish(new RemindBackfill { RunId = runId, At = time.GetUtcNow() }, cancellationToken);
        }

        return waiting.Count + backfills.Count + await RemindErasuresAsync(db, bus, destination, cancellationToken);
    }, cancellationToken);

    /// <summary>Asks for the pending step of every erasure that waits for the hub's work.</summary>
    /// <returns>How many there were.</returns>
    public Task<int> RemindErasuresAsync(CancellationToken cancellationToken) => transactions.RunAsync((db, bus) => RemindErasuresAsync(db, bus, null, cancellationToken), cancellationToken);

    private async Task<int> RemindErasuresAsync(HubDbContext db, IPublishEndpoint bus, string? destination, CancellationToken cancellationToken)
    {
        var erasures = await ErasuresAtWork.ListAsync(db, destination, cancellationToken);
        foreach (var (requestId, state) in erasures)
        {
            LogReminding(requestId);
            await bus.Publish(StepOf(requestId, state), cancellationToken);
        }

        return erasures.Count;
    }

    /// <summary>The pending step of an erasure; it may be asked for any number of times.</summary>
    private static object StepOf(Guid requestId, string state) => state switch
    {
        ErasurePhase.Suppressing => new SuppressPerson { RequestId = requestId },
        ErasurePhase.ErasingDestinations => new EraseAtDestinations { RequestId = requestId },
        _ => new EraseOwnTables { RequestId = requestId },
    };

    [LoggerMessage(1263, LogLevel.Information, "Run {RunId}: is reminded of its pending step")]
    private partial void LogReminding(Guid runId);
}
