using System.Net.Mime;
using MassTransit.Context;
using MassTransit.Serialization;

namespace MassTransit.EntityFrameworkCoreIntegration.Delivery;

/// <summary>Gives a send the identity, headers and body of a stored envelope; the body is neither read nor written anew.</summary>
internal sealed class EnvelopeSendPipe(StoredEnvelope envelope, DateTime now, DateTime? enqueueTime) : IPipe<SendContext>
{
    public Task Send(SendContext context)
    {
        context.MessageId = envelope.MessageId;
        context.RequestId = envelope.RequestId;
        context.ConversationId = envelope.ConversationId;
        context.CorrelationId = envelope.CorrelationId;
        context.InitiatorId = envelope.InitiatorId;
        context.SourceAddress = envelope.SourceAddress;
        context.ResponseAddress = envelope.ResponseAddress;
        context.FaultAddress = envelope.FaultAddress;
        context.SupportedMessageTypes = envelope.MessageType.Split(';');

        // The shortest life a transport can express: an overdue message still arrives, marked as expired.
        if (envelope.ExpirationTime is { } expires)
            context.TimeToLive = expires > now ? expires - now : TimeSpan.FromMilliseconds(1);
        if (enqueueTime > now)
            context.Delay = enqueueTime - now;

        foreach (var (key, value) in Deserialize(envelope.Headers))
            context.Headers.Set(key, value);
        if (context is TransportSendContext transport && envelope.Properties != null)
            transport.ReadPropertiesFrom(Deserialize(envelope.Properties));

        var contentType = new ContentType(envelope.ContentType);
        context.Serializer = new StoredBody(contentType, envelope.Body);
        context.ContentType = contentType;
        return Task.CompletedTask;
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("storedEnvelope");

    private static Dictionary<string, object> Deserialize(string? json) => json == null
        ? []
        : SystemTextJsonMessageSerializer.Instance.DeserializeObject<Dictionary<string, object>>(json) ?? [];

    private sealed class StoredBody(ContentType contentType, string body) : IMessageSerializer
    {
        public ContentType ContentType => contentType;

        public MessageBody GetMessageBody<T>(SendContext<T> context)
            where T : class => new StringMessageBody(body);
    }
}
