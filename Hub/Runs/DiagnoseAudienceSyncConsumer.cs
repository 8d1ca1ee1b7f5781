using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Watch;
using MassTransit;

namespace IntegrationHub.Hub.Runs;

/// <summary>Says why a run stands still and what to do about it.</summary>
internal sealed partial class DiagnoseAudienceSyncConsumer(OutboxTransaction transactions, TimeProvider time, ILogger<DiagnoseAudienceSyncConsumer> logger) : IConsumer<DiagnoseAudienceSync>
{
    /// <inheritdoc />
    public async Task Consume(ConsumeContext<DiagnoseAudienceSync> context)
    {
        var step = context.Message;
        var cancellationToken = context.CancellationToken;
        var now = time.GetUtcNow();
        var situation = await transactions.ReadAsync(db => Situations.ReadAsync(db, now, [step.RunId], cancellationToken));
        var stalled = new OpenRun(step.RunId, "audience_sync", step.State, step.Audience, step.Destination, Lane.Bulk, now, null, now, null, null);
        if (Diagnoser.OfRun(stalled, situation) is { } verdict)
        {
            LogDiagnosis(step.RunId, step.Destination, step.State, verdict.Code);
            await context.Publish(new AudienceSyncDiagnosed { RunId = step.RunId, Code = verdict.Code, Detail = verdict.Sentence, At = now }, cancellationToken);
        }
    }

    [LoggerMessage(1241, LogLevel.Warning, "Run {RunId}: no progress at {Destination} in state {State}, diagnosis {Code}")]
    private partial void LogDiagnosis(Guid runId, string destination, string state, string code);
}
