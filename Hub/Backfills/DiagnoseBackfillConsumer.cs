using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using MassTransit;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Says why a backfill stands still and what to do about it, in the same words as of an audience sync.</summary>
internal sealed partial class DiagnoseBackfillConsumer(
    OutboxTransaction transactions, IDestinationStore destinations, IDeliveryStore deliveries, TimeProvider time, ILogger<DiagnoseBackfillConsumer> logger) : IConsumer<DiagnoseBackfill>
{
    private static readonly TimeSpan _recent = TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<DiagnoseBackfill> context)
    {
        var step = context.Message;
        var condition = await transactions.ReadAsync(db =>
            RunWaiting.FindConditionAsync(db, destinations, step.Destination, "", time.GetUtcNow() - _recent, context.CancellationToken, Lane.Backfill));
        var hasPending = await transactions.ReadAsync(db => deliveries.HasPendingAsync(db, step.RunId, context.CancellationToken));
        var diagnosis = RunDiagnosis.Of(step.Destination, step.State, condition, null, hasPending);
        LogDiagnosis(step.RunId, step.Destination, step.State, diagnosis.Code);
        await context.Publish(new BackfillDiagnosed { RunId = step.RunId, Code = diagnosis.Code, Detail = diagnosis.Detail, At = time.GetUtcNow() }, context.CancellationToken);
    }

    [LoggerMessage(2341, LogLevel.Warning, "Backfill {RunId}: no progress at {Destination} in state {State}, diagnosis {Code}")]
    private partial void LogDiagnosis(Guid runId, string destination, string state, string code);
}
