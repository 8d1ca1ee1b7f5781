namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>A message that waits to be sent: by a consumer (inbox columns set) or from a scope (<see cref="OutboxId"/> set).</summary>
public class OutboxMessage : StoredEnvelope
{
    /// <summary>Assigned by the database; the order within one outbox.</summary>
    public long SequenceNumber { get; set; }

    /// <summary>When a delayed message should arrive; null means at once.</summary>
    public DateTime? EnqueueTime { get; set; }

    /// <summary>The consumed message that caused this one; null for a bus outbox.</summary>
    public Guid? InboxMessageId { get; set; }

    /// <summary>The consumer that caused this message; null for a bus outbox.</summary>
    public Guid? InboxConsumerId { get; set; }

    /// <summary>The bus outbox this message belongs to; null for a consumer's outbox.</summary>
    public Guid? OutboxId { get; set; }
}
