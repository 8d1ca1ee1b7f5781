using MassTransit.Context;
using MassTransit.Serialization;

namespace MassTransit.EntityFrameworkCoreIntegration.Delivery;

/// <summary>Turns a message that is about to be sent into a stored envelope.</summary>
internal static class EnvelopeCapture
{
    public static void Capture<T>(this StoredEnvelope envelope, SendContext<T> context, DateTime now)
        where T : class
    {
        envelope.MessageId = context.MessageId
            ?? throw new MessageException(typeof(T), "A message needs a MessageId to be stored in the outbox.");
        envelope.SentTime = now;
        envelope.Body = context.Serializer.GetMessageBody(context).GetString();
        envelope.ContentType = (context.ContentType ?? context.Serializer.ContentType).ToString();
        envelope.MessageType = string.Join(';', context.SupportedMessageTypes);
        envelope.ConversationId = context.ConversationId;
        envelope.CorrelationId = context.CorrelationId;
        envelope.InitiatorId = context.InitiatorId;
        envelope.RequestId = context.RequestId;
        envelope.SourceAddress = context.SourceAddress;
        envelope.DestinationAddress = context.DestinationAddress;
        envelope.ResponseAddress = context.ResponseAddress;
        envelope.FaultAddress = context.FaultAddress;
        envelope.ExpirationTime = now + context.TimeToLive;
        envelope.Headers = Serialize(context.Headers.GetAll());

        if (context is TransportSendContext transport)
        {
            var properties = new Dictionary<string, object>();
            transport.WritePropertiesTo(properties);
            envelope.Properties = Serialize(properties);
        }
    }

    private static string? Serialize(IEnumerable<KeyValuePair<string, object>> values) =>
        values.Any() ? SystemTextJsonMessageSerializer.Instance.SerializeDictionary(values) : null;
}
