using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using MassTransit;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Step Delivering of a backfill: rings every partition that has work.</summary>
internal sealed partial class DeliverBackfillConsumer(
    OutboxTransaction transactions, IDeliveryStore deliveries, RebuildWorker rebuilds, Doorbell doorbell, TimeProvider time, ILogger<DeliverBackfillConsumer> logger) : IConsumer<DeliverBackfill>
{
    /// <inheritdoc />
    public async Task Consume(ConsumeContext<DeliverBackfill> context)
    {
        var step = context.Message;
        if ((await transactions.ReadAsync(db => BackfillBook.FindPlanAsync(db, step.RunId, context.CancellationToken)))?.Scope.Kind == BackfillKind.Rebuild)
        {
            await RebuildAsync(context);
            return;
        }

        if (!await transactions.ReadAsync(db => deliveries.HasPendingAsync(db, step.RunId, context.CancellationToken)))
        {
            await context.Publish(new BackfillDelivered { RunId = step.RunId, At = time.GetUtcNow() }, context.CancellationToken);
            return;
        }

        var work = await transactions.ReadAsync(db => deliveries.FindWorkAsync(db, step.RunId, time.GetUtcNow(), context.CancellationToken));
        LogRinging(step.RunId, step.Destination, work.Count);
        await doorbell.RingAsync(work, context.CancellationToken);
    }

    /// <summary>A turn; another one follows it where people are left, and none where the run was stopped or held.</summary>
    private async Task RebuildAsync(ConsumeContext<DeliverBackfill> context)
    {
        var step = context.Message;
        if (await rebuilds.RunAsync(step.RunId, context.CancellationToken))
        {
            await context.Publish(new BackfillDelivered { RunId = step.RunId, At = time.GetUtcNow() }, context.CancellationToken);
        }
        else if ((await transactions.ReadAsync(db => BackfillBook.FindAsync(db, step.RunId, context.CancellationToken)))?.Run.CurrentState == RunState.Delivering)
        {
            await context.Publish(step, context.CancellationToken);
        }
    }

    [LoggerMessage(2321, LogLevel.Information, "Backfill {RunId}: delivering to {Destination}, {Partitions} partitions have work")]
    private partial void LogRinging(Guid runId, string destination, int partitions);
}
