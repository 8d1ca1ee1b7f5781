using MassTransit.EntityFrameworkCoreIntegration.Delivery;
using MassTransit.Scheduling;
using MassTransit.Transports;

namespace MassTransit.EntityFrameworkCoreIntegration.Scheduling;

/// <summary>Stores a scheduled message as the envelope that the bus would send.</summary>
internal sealed class EntityFrameworkScheduleMessageProvider(ISendEndpointProvider bus, ISchedule store, TimeProvider clock)
    : IScheduleMessageProvider
{
    public async Task<ScheduledMessage<T>> ScheduleSend<T>(Uri destinationAddress, DateTime scheduledTime, T message, IPipe<SendContext<T>> pipe,
        CancellationToken cancellationToken)
        where T : class
    {
        var tokenId = ScheduleTokenIdCache<T>.GetTokenId(message, NewId.NextGuid());
        var endpoint = await bus.GetSendEndpoint(destinationAddress) as ITransportSendEndpoint
            ?? throw new InvalidOperationException($"The transport of {destinationAddress} cannot serialize a message for later.");
        var context = await endpoint.CreateSendContext(message, new TokenPipe<T>(tokenId, pipe), cancellationToken);

        var scheduled = new ScheduledEnvelope { TokenId = tokenId, DueTime = scheduledTime.ToUniversalTime() };
        scheduled.Capture(context, clock.GetUtcNow().UtcDateTime);
        scheduled.DestinationAddress = destinationAddress;
        await store.ScheduleAsync(scheduled, cancellationToken);
        return new ScheduledMessageHandle<T>(tokenId, scheduled.DueTime, destinationAddress, message);
    }

    public Task CancelScheduledSend(Guid tokenId, CancellationToken cancellationToken) => store.CancelAsync(tokenId, cancellationToken);

    public Task CancelScheduledSend(Uri destinationAddress, Guid tokenId, CancellationToken cancellationToken) =>
        store.CancelAsync(tokenId, cancellationToken);

    /// <summary>Sagas recognize their current timeout by the token.</summary>
    private sealed class TokenPipe<T>(Guid tokenId, IPipe<SendContext<T>>? next) : IPipe<SendContext<T>>
        where T : class
    {
        public async Task Send(SendContext<T> context)
        {
            context.ScheduledMessageId = tokenId;
            context.Headers.Set(MessageHeaders.SchedulingTokenId, tokenId.ToString("D"));
            if (next != null)
                await next.Send(context);
        }

        public void Probe(ProbeContext context) => next?.Probe(context);
    }
}
