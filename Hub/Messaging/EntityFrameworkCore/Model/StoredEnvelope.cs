namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>
/// A serialized message at rest: everything the transport needs to send it later without reading the body.
/// Shared by <see cref="OutboxMessage"/> and <see cref="ScheduledEnvelope"/>. All times are UTC.
/// </summary>
public abstract class StoredEnvelope
{
    /// <summary>When the sender handed the message over.</summary>
    public DateTime SentTime { get; set; }

    /// <summary>Transport headers as a JSON object, null when there are none.</summary>
    public string? Headers { get; set; }

    /// <summary>Transport properties (routing key, priority …) as a JSON object, null when there are none.</summary>
    public string? Properties { get; set; }

    public Guid MessageId { get; set; }

    public string ContentType { get; set; } = null!;

    /// <summary>The message's type names, separated by semicolons.</summary>
    public string MessageType { get; set; } = null!;

    /// <summary>The serialized envelope, sent exactly as stored.</summary>
    public string Body { get; set; } = null!;

    public Guid? ConversationId { get; set; }

    public Guid? CorrelationId { get; set; }

    public Guid? InitiatorId { get; set; }

    public Guid? RequestId { get; set; }

    public Uri? SourceAddress { get; set; }

    public Uri? DestinationAddress { get; set; }

    public Uri? ResponseAddress { get; set; }

    public Uri? FaultAddress { get; set; }

    /// <summary>After this time the message is worthless; null means never.</summary>
    public DateTime? ExpirationTime { get; set; }
}
