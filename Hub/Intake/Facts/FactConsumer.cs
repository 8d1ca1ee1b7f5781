using MassTransit;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>Takes facts from the bus: typed contracts and raw JSON alike.</summary>
internal sealed class FactConsumer(FactIntake intake) : IConsumer<Batch<IncomingFact>>
{
    /// <inheritdoc />
    public Task Consume(ConsumeContext<Batch<IncomingFact>> context) =>
        intake.TakeInAsync([.. context.Message.Select(message => message.Message.Body)], context.CancellationToken);
}
