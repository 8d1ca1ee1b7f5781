using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
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
    /// <inheritdoc />
    public async Task Consume(ConsumeContext<DiagnoseAudienceSync> context)
    {
        var step = context.Message;
        var condition = await transactions.ReadAsync(async db =>
            await destinations.FindConditionAsync(db, step.Destination, context.CancellationToken)
            ?? await destinations.FindConditionAsync(db, DestinationHealth.OfLane(step.Destination, Lane.Bulk), context.CancellationToken));
        var running = await transactions.ReadAsync(db => jobs.ListAsync(db, step.RunId, context.CancellationToken));
        var hasPending = await transactions.ReadAsync(db => deliveries.HasPendingAsync(db, step.RunId, context.CancellationToken));
        var (code, detail) = Explain(condition, running is [var job, ..] ? job : null, hasPending, step);
        LogDiagnosis(step.RunId, step.Destination, step.State, code);
        await context.Publish(new AudienceSyncDiagnosed { RunId = step.RunId, Code = code, Detail = detail, At = time.GetUtcNow() });
    }

    internal static (string Code, string Detail) Explain(StoredCondition? condition, BulkJob? job, bool hasPending, DiagnoseAudienceSync step) => (condition?.Trouble, step.State) switch
    {
        ("throttled", _) => ("quota", $"{step.Destination} limits our calls ({condition!.Code}) until {condition.Until:u}; nothing to do but wait, or raise the quota at the vendor."),
        ("unauthorized", _) => ("unauthorized", $"{step.Destination} refuses our credentials ({condition!.Code}); put a valid secret where the destination's file points to, the hub reads it again by itself."),
        ("misconfigured", _) => ("misconfigured", $"{step.Destination} refuses our requests ({condition!.Code}); check the destination's permissions, fields and audience, then resume."),
        ("unavailable", _) => ("circuit_open", $"{step.Destination} does not answer ({condition!.Code}), {condition.Failures} times in a row; it is probed until it does."),
        (_, "Delivering") when job is not null => ("vendor_job", $"{step.Destination} works on its job {job.RemoteJob} since {job.StartedAt:u}; it is followed to its end and to the row, and given up after Hub:Delivery:LongestVendorJob; look at it in the vendor's own console if it takes long."),
        (_, "Delivering") when hasPending => ("retrying", "Records wait for their next attempt; look at the run's reasons to see which vendor code they meet."),
        (_, "Delivering") => ("unknown", "Nothing is pending; the hub says again that the run is delivered."),
        _ => ("no_consumer", $"No hub instance has answered the step {step.State} yet; check that an instance is up and its log for errors of this run."),
    };

    [LoggerMessage(1241, LogLevel.Warning, "Run {RunId}: no progress at {Destination} in state {State}, diagnosis {Code}")]
    private partial void LogDiagnosis(Guid runId, string destination, string state, string code);
}
