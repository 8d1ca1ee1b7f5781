namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>One bus outbox: the messages that one unit of work saved together. Removed once they are sent.</summary>
public class OutboxState
{
    public Guid OutboxId { get; set; }

    /// <summary>Not used by this implementation; kept for the table's shape.</summary>
    public Guid LockId { get; set; }

    /// <summary>Not used by this implementation; kept for the table's shape.</summary>
    public byte[]? RowVersion { get; set; }

    /// <summary>When the unit of work was saved, UTC.</summary>
    public DateTime Created { get; set; }

    /// <summary>Not used by this implementation: a delivered outbox is deleted.</summary>
    public DateTime? Delivered { get; set; }

    /// <summary>Not used by this implementation: delivered messages are deleted.</summary>
    public long? LastSequenceNumber { get; set; }
}
