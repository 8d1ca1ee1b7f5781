using System.Diagnostics;
using MassTransit;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>Takes facts from the bus: typed contracts and raw JSON alike.</summary>
internal sealed class FactConsumer(FactIntake intake) : IConsumer<Batch<IncomingFact>>
{
    /// <inheritdoc />
    public Task Consume(ConsumeContext<Batch<IncomingFact>> context)
    {
        Activity.Current = null; // One of the batch has no more right to it than another, and its baggage stays behind.
        return intake.TakeInAsync(
            [.. context.Message.Select(message => message.Message.Body)], context.CancellationToken, producers: context.Message.Select(message => message.Message.Trace).OfType<ActivityContext>());
    }
}
