using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Watch;
using MassTransit;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Says why a backfill stands still and what to do about it, in the same words as of an audience sync.</summary>
internal sealed partial class DiagnoseBackfillConsumer(OutboxTransaction transactions, TimeProvider time, ILogger<DiagnoseBackfillConsumer> logger) : IConsumer<DiagnoseBackfill>
{
    /// <inheritdoc />
    public async Task Consume(ConsumeContext<DiagnoseBackfill> context)
    {
        var step = context.Message;
        var now = time.GetUtcNow();
        var situation = await transactions.ReadAsync(db => Situations.ReadAsync(db, now, [step.RunId], context.CancellationToken));
        var stalled = new OpenRun(step.RunId, "backfill", step.State, "", step.Destination, Lane.Backfill, now, null, now, null, null);
        if (Diagnoser.OfRun(stalled, situation) is { } verdict && verdict.Code != DiagnosisCode.WindowClosed) // waiting for its window is no stall
        {
            LogDiagnosis(step.RunId, step.Destination, step.State, verdict.Code);
            await context.Publish(new BackfillDiagnosed { RunId = step.RunId, Code = verdict.Code, Detail = verdict.Sentence, At = now }, context.CancellationToken);
        }
    }

    [LoggerMessage(2341, LogLevel.Warning, "Backfill {RunId}: no progress at {Destination} in state {State}, diagnosis {Code}")]
    private partial void LogDiagnosis(Guid runId, string destination, string state, string code);
}
