using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Ledger;
using MassTransit;

namespace IntegrationHub.Hub.Runs;

/// <summary>Step Snapshotting: merges a loaded snapshot into the ledger, chunk by chunk.</summary>
internal sealed partial class ApplySnapshotConsumer(OutboxTransaction transactions, ISnapshotStore snapshots, ILedger ledger, TimeProvider time, ILogger<ApplySnapshotConsumer> logger)
    : IConsumer<ApplySnapshot>
{
    // The ledger's lock is held for a chunk, and facts wait for it; of small chunks the statements cost more than the rows.
    private const int FewestRows = 500;
    private const int MostRows = 5_000;
    private static readonly TimeSpan _longestHold = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<ApplySnapshot> context)
    {
        var step = context.Message;
        var cancellationToken = context.CancellationToken;
        var report = await transactions.ReadAsync(db => snapshots.FindAsync(db, step.SnapshotId, 0, cancellationToken));
        if (report is null || report.Audience != step.Audience || report.State is not ("loaded" or "applied"))
        {
            await context.Publish(new AudienceSyncStepFailed
            {
                RunId = step.RunId,
                Step = nameof(ApplySnapshot),
                Code = report is null ? "snapshot_unknown" : report.Audience != step.Audience ? "snapshot_of_other_audience" : "snapshot_not_loaded",
                Detail = report?.FailureCode == SnapshotReport.Abandoned
                    ? $"The list was not applied in time, so its rows were deleted (Hub:Retention:AbandonedSnapshots). Load the file again: 'sync start {step.Audience} --snapshot FILE'."
                    : $"Load the list for this audience to its end: 'sync start {step.Audience} --snapshot FILE' does that and starts a new run with it.",
                At = time.GetUtcNow(),
            }, cancellationToken);
            return;
        }

        await ApplyAsync(step.SnapshotId, cancellationToken);

        LogApplied(step.RunId, step.SnapshotId, step.Audience, report.Accepted);
        await context.Publish(new SnapshotApplied { RunId = step.RunId, At = time.GetUtcNow() }, cancellationToken);
    }

    private async Task ApplyAsync(Guid snapshotId, CancellationToken cancellationToken)
    {
        var rows = FewestRows;
        for (var goesOn = true; goesOn;)
        {
            var took = TimeSpan.Zero;
            goesOn = await transactions.RunAsync(
                async (db, _) =>
                {
                    await ledger.LockAsync(db, cancellationToken); // waiting for others is no reason to take less
                    var began = time.GetTimestamp();
                    var isLeft = await snapshots.ApplyNextChunkAsync(db, snapshotId, rows, time.GetUtcNow(), cancellationToken);
                    took = time.GetElapsedTime(began);
                    return isLeft;
                },
                cancellationToken);
            rows = Math.Clamp(took < _longestHold / 2 ? rows * 2 : took > _longestHold ? rows / 2 : rows, FewestRows, MostRows);
        }
    }

    [LoggerMessage(1201, LogLevel.Information, "Run {RunId}: snapshot {SnapshotId} of {Audience} stands in the ledger, {Rows} rows")]
    private partial void LogApplied(Guid runId, Guid snapshotId, string audience, long rows);
}
