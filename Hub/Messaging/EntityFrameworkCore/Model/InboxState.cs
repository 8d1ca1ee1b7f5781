namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>
/// Says that a message was consumed by a consumer: the row commits together with the consumer's changes, and a repeated
/// message finds it. Removed when the duplicate detection window is over. All times are UTC.
/// </summary>
public class InboxState
{
    public long Id { get; set; }

    public Guid MessageId { get; set; }

    public Guid ConsumerId { get; set; }

    /// <summary>Not used by this implementation; kept for the table's shape.</summary>
    public Guid LockId { get; set; }

    /// <summary>Not used by this implementation; kept for the table's shape.</summary>
    public byte[]? RowVersion { get; set; }

    public DateTime Received { get; set; }

    public int ReceiveCount { get; set; }

    public DateTime? ExpirationTime { get; set; }

    /// <summary>When the consumer's work was committed.</summary>
    public DateTime? Consumed { get; set; }

    /// <summary>When the consumer's messages were confirmed by the broker; null while some may still have to be sent.</summary>
    public DateTime? Delivered { get; set; }

    /// <summary>Not used by this implementation: sent messages are deleted.</summary>
    public long? LastSequenceNumber { get; set; }
}
