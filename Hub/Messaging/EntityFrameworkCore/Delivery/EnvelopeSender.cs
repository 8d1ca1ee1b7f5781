using MassTransit.Serialization;

namespace MassTransit.EntityFrameworkCoreIntegration.Delivery;

/// <summary>Sends stored envelopes over the bus; a send is done when the transport has confirmed it.</summary>
internal sealed class EnvelopeSender(IBusControl bus, TimeProvider clock)
{
    private static readonly SerializedMessageBody _placeholder = new();

    public TimeProvider Clock => clock;

    /// <summary>When this process began to send, UTC.</summary>
    public DateTime Started { get; } = clock.GetUtcNow().UtcDateTime;

    /// <exception cref="InvalidOperationException">The envelope has no destination.</exception>
    public async Task SendAsync(StoredEnvelope envelope, CancellationToken cancellationToken)
    {
        var destination = envelope.DestinationAddress
            ?? throw new InvalidOperationException($"The stored message {envelope.MessageId} has no destination address.");
        var endpoint = await bus.GetSendEndpoint(destination);
        var enqueueTime = (envelope as OutboxMessage)?.EnqueueTime;
        await endpoint.Send(_placeholder, new EnvelopeSendPipe(envelope, clock.GetUtcNow().UtcDateTime, enqueueTime), cancellationToken);
    }

    /// <summary>
    /// Sends the messages one after the other, so that they arrive in order, and reports each that is confirmed.
    /// Stops at the first that fails and returns its exception; null when all are confirmed.
    /// </summary>
    public async Task<Exception?> SendInOrderAsync<TEnvelope>(IEnumerable<TEnvelope> envelopes, TimeSpan timeout, Action<TEnvelope> confirmed,
        CancellationToken cancellationToken)
        where TEnvelope : StoredEnvelope
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(timeout);
            foreach (var envelope in envelopes)
            {
                await SendAsync(envelope, limit.Token);
                confirmed(envelope);
            }

            return null;
        }
#pragma warning disable CA1031 // Whatever a transport throws, the message stays stored and is tried again.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return exception;
        }
    }

    /// <summary>True when the bus can be expected to take messages.</summary>
    public bool IsBusReady => bus.CheckHealth().Status == BusHealthStatus.Healthy;

    /// <summary>True when the bus forgets its messages with its process.</summary>
    public bool IsInMemory => bus.Address.Scheme == "loopback";
}
