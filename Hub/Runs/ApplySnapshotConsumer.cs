using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Ledger;
using MassTransit;

namespace IntegrationHub.Hub.Runs;

/// <summary>Step Snapshotting: merges a loaded snapshot into the ledger, chunk by chunk.</summary>
internal sealed partial class ApplySnapshotConsumer(OutboxTransaction transactions, ISnapshotStore snapshots, TimeProvider time, ILogger<ApplySnapshotConsumer> logger)
    : IConsumer<ApplySnapshot>
{
    private const int ChunkRows = 5_000;

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

        while (await transactions.RunAsync((db, _) => snapshots.ApplyNextChunkAsync(db, step.SnapshotId, ChunkRows, time.GetUtcNow(), cancellationToken), cancellationToken))
        {
        }

        LogApplied(step.RunId, step.SnapshotId, step.Audience, report.Accepted);
        await context.Publish(new SnapshotApplied { RunId = step.RunId, At = time.GetUtcNow() }, cancellationToken);
    }

    [LoggerMessage(1201, LogLevel.Information, "Run {RunId}: snapshot {SnapshotId} of {Audience} stands in the ledger, {Rows} rows")]
    private partial void LogApplied(Guid runId, Guid snapshotId, string audience, long rows);
}
