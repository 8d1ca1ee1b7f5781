using System.Diagnostics.CodeAnalysis;
using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>
/// Makes every message of an endpoint an <see cref="IncomingFact"/>, whatever is in it and whatever its content type says. It never fails, so
/// that no fact ends in an error queue because it cannot be read: what is wrong with it is found, and said, when it is read.
/// </summary>
internal sealed class IncomingFactDeserializer : IMessageDeserializer, ISerializerFactory
{
    /// <inheritdoc />
    public ContentType ContentType { get; } = new("application/json");

    /// <inheritdoc />
    public ConsumeContext Deserialize(ReceiveContext receiveContext) =>
        new BodyConsumeContext(receiveContext, Deserialize(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress));

    /// <inheritdoc />
    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) => new FactContext(IncomingFact.Of(body.GetBytes(), headers.DistinctBy(header => header.Key).ToDictionary(header => header.Key, header => (object?)header.Value)));

    /// <inheritdoc />
    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    /// <inheritdoc />
    public IMessageSerializer CreateSerializer() => throw new NotSupportedException("Facts come in here; nothing is written in their form.");

    /// <inheritdoc />
    public IMessageDeserializer CreateDeserializer() => this;

    /// <inheritdoc />
    public void Probe(ProbeContext context) => context.CreateScope("fact");

    /// <summary>A message without an id of its own: the bus keeps one of two messages of a batch that have the same, and producers do not know that.</summary>
    private sealed class FactContext(IncomingFact fact) : BaseSerializerContext(
        SystemTextJsonMessageSerializer.Instance,
        new EnvelopeMessageContext(new JsonMessageEnvelope(), SystemTextJsonMessageSerializer.Instance),
        [MessageUrn.ForTypeString<IncomingFact>()])
    {
        public override bool TryGetMessage<T>([NotNullWhen(true)] out T? message)
            where T : class => (message = fact as T) is not null;

        public override bool TryGetMessage(Type messageType, [NotNullWhen(true)] out object? message) =>
            (message = messageType == typeof(IncomingFact) ? fact : null) is not null;

        public override IMessageSerializer GetMessageSerializer() => throw Unsupported();

        public override IMessageSerializer GetMessageSerializer<T>(MessageEnvelope envelope, T message) => throw Unsupported();

        public override IMessageSerializer GetMessageSerializer(object message, string[] messageTypes) => throw Unsupported();

        public override Dictionary<string, object> ToDictionary<T>(T? message)
            where T : class => [];

        private static NotSupportedException Unsupported() => new("A fact is read where it arrives and is not passed on.");
    }
}
