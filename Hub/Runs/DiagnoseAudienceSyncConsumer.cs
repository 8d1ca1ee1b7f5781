using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Reconciliations;
using MassTransit;

namespace IntegrationHub.Hub.Runs;

/// <summary>Says why a run stands still and what to do about it.</summary>
internal sealed partial class DiagnoseAudienceSyncConsumer(
    OutboxTransaction transactions,
    IDestinationStore destinations,
    IDeliveryStore deliveries,
    IBulkJobStore jobs,
    TimeProvider time,
    ILogger<DiagnoseAudienceSyncConsumer> logger) : IConsumer<DiagnoseAudienceSync>
{
    /// <summary>A condition may have ended just now and the run not noticed: it is the reason of a stall nevertheless.</summary>
    private static readonly TimeSpan _recent = TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<DiagnoseAudienceSync> context)
    {
        var step = context.Message;
        var cancellationToken = context.CancellationToken;
        var condition = await transactions.ReadAsync(db =>
            RunWaiting.FindConditionAsync(db, destinations, step.Destination, step.Audience, time.GetUtcNow() - _recent, cancellationToken));
        var running = await transactions.ReadAsync(db => jobs.ListAsync(db, step.RunId, cancellationToken));
        var hasPending = await transactions.ReadAsync(db => deliveries.HasPendingAsync(db, step.RunId, cancellationToken));
        var compared = step.State == RunState.Planning ? await transactions.ReadAsync(db => ReconciliationBook.FindAsync(db, step.RunId, cancellationToken)) : null;
        var diagnosis = compared?.WaitingUntil is { } until ? RunDiagnosis.OfReadBackBudget(step.Destination, until) : RunDiagnosis.Of(step.Destination, step.State, condition, running is [var job, ..] ? job : null, hasPending);
        LogDiagnosis(step.RunId, step.Destination, step.State, diagnosis.Code);
        await context.Publish(new AudienceSyncDiagnosed { RunId = step.RunId, Code = diagnosis.Code, Detail = diagnosis.Detail, At = time.GetUtcNow() }, cancellationToken);
    }

    [LoggerMessage(1241, LogLevel.Warning, "Run {RunId}: no progress at {Destination} in state {State}, diagnosis {Code}")]
    private partial void LogDiagnosis(Guid runId, string destination, string state, string code);
}
