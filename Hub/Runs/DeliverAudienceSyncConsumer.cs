using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using MassTransit;

namespace IntegrationHub.Hub.Runs;

/// <summary>Step Delivering: rings every partition of the run that has work.</summary>
internal sealed partial class DeliverAudienceSyncConsumer(
    OutboxTransaction transactions,
    IDeliveryStore deliveries,
    Doorbell doorbell,
    TimeProvider time,
    ILogger<DeliverAudienceSyncConsumer> logger) : IConsumer<DeliverAudienceSync>
{
    /// <inheritdoc />
    public async Task Consume(ConsumeContext<DeliverAudienceSync> context)
    {
        var step = context.Message;
        if (!await transactions.ReadAsync(db => deliveries.HasPendingAsync(db, step.RunId, context.CancellationToken)))
        {
            LogNothingToDeliver(step.RunId, step.Destination);
            await context.Publish(new AudienceSyncDelivered { RunId = step.RunId, At = time.GetUtcNow() }, context.CancellationToken);
            return;
        }

        var work = await transactions.ReadAsync(db => deliveries.FindWorkAsync(db, step.RunId, time.GetUtcNow(), context.CancellationToken));
        LogRinging(step.RunId, step.Destination, work.Count);
        await doorbell.RingAsync(work, context.CancellationToken);
    }

    [LoggerMessage(1221, LogLevel.Information, "Run {RunId}: nothing to deliver to {Destination}")]
    private partial void LogNothingToDeliver(Guid runId, string destination);

    [LoggerMessage(1222, LogLevel.Information, "Run {RunId}: delivering to {Destination}, {Partitions} partitions have work")]
    private partial void LogRinging(Guid runId, string destination, int partitions);
}
