using IntegrationHub.Contracts.Deliveries;
using IntegrationHub.Hub.Destinations;
using MassTransit;

namespace IntegrationHub.Hub.Delivery;

/// <summary>Answers doorbells. No inbox and no retry: whatever goes wrong, the rows stay and the sweeper rings again.</summary>
internal sealed partial class DeliveryDueConsumer(PartitionDrain drain, ILogger<DeliveryDueConsumer> logger) : IConsumer<DeliveryDue>
{
    /// <inheritdoc />
    public async Task Consume(ConsumeContext<DeliveryDue> context)
    {
        var due = context.Message;
        try
        {
            await drain.RunAsync(due.Destination, due.Lane, due.Partition, context.CancellationToken);
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            // The hub stops. A doorbell is never worth keeping.
        }
        catch (Exception exception)
        {
            LogFailed(due.Destination, due.Lane, due.Partition, exception.GetType().Name, exception.StackTrace);
        }
    }

    [LoggerMessage(1121, LogLevel.Error, "Partition {Partition} of {Destination}/{Lane} could not be worked on ({Error}); the sweeper rings again\n{Stack}")]
    private partial void LogFailed(string destination, string lane, int partition, string error, string? stack);
}
