using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;
using MassTransit;

namespace IntegrationHub.Hub.Erasure;

/// <summary>Step Suppressing: from its commit on nothing about the person leaves.</summary>
internal sealed class SuppressPersonConsumer(
    OutboxTransaction transactions, SealedPeople people, PersonErasure erasure, IDeliveryStore deliveries, DestinationDirectory destinations, TimeProvider time) : IConsumer<SuppressPerson>
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<SuppressPerson> context)
    {
        var requestId = context.Message.RequestId;
        if (await transactions.ReadAsync(db => people.FindAsync(db, requestId, context.CancellationToken)) is not { } person)
        {
            return;
        }

        await using var held = await CallsAside.HoldAsync(transactions, deliveries, destinations, person, time, context.CancellationToken);
        if (held is null)
        {
            await context.Publish(
                new ErasureStepPostponed
                {
                    RequestId = requestId, Step = nameof(SuppressPerson), Until = time.GetUtcNow() + _pause,
                    WaitingFor = "A call to a destination that writes the person is under way; the person is suppressed as soon as it is answered.",
                },
                context.CancellationToken);
            return;
        }

        await transactions.RunAsync(
            async (db, bus) =>
            {
                var now = time.GetUtcNow();
                if (await erasure.SuppressAsync(db, requestId, ErasureAcceptance.Reason, now, context.CancellationToken) is not null)
                {
                    await bus.Publish(new PersonSuppressed { RequestId = requestId, At = now }, context.CancellationToken);
                }
            },
            context.CancellationToken);
    }
}
