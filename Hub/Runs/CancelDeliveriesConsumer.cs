using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using MassTransit;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Runs;

/// <summary>Step Canceling: settles what is pending as suppressed with reason <c>run_canceled</c>.</summary>
internal sealed partial class CancelDeliveriesConsumer(
    OutboxTransaction transactions, IDeliveryStore deliveries, DestinationDirectory destinations, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<CancelDeliveriesConsumer> logger)
    : IConsumer<CancelDeliveries>
{
    private const int ChunkRows = 10_000;

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<CancelDeliveries> context)
    {
        var step = context.Message;
        var claimed = destinations.Find(step.Destination) is { } destination ? BulkDrain.LargestClaim(destination, options.Value) : options.Value.ClaimSize;
        await transactions.RunAsync((db, _) => deliveries.MarkMaybeSentAsync(db, step.RunId, claimed, context.CancellationToken), context.CancellationToken);
        long canceled = 0;
        int chunk;
        do
        {
            chunk = await transactions.RunAsync(
                async (db, _) => await deliveries.CancelAsync(db, step.RunId, ChunkRows, time.GetUtcNow(), context.CancellationToken) + await RebuildBook.CancelAsync(db, step.RunId, ChunkRows, time.GetUtcNow(), context.CancellationToken), context.CancellationToken);
            canceled += chunk;
        }
        while (chunk > 0);

        await transactions.RunAsync((db, _) => BackfillBook.ForgetScopeAsync(db, step.RunId, context.CancellationToken), context.CancellationToken);

        LogCanceled(step.RunId, step.Destination, canceled);
        await context.Publish(new DeliveriesCanceled { RunId = step.RunId, Canceled = canceled, At = time.GetUtcNow() }, context.CancellationToken);
    }

    [LoggerMessage(1231, LogLevel.Information, "Run {RunId}: canceled at {Destination}, {Canceled} pending records settled")]
    private partial void LogCanceled(Guid runId, string destination, long canceled);
}
