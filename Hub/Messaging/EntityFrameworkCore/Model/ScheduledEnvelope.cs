namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>A message to be sent at a due time, stored in the transaction of whoever scheduled it.</summary>
public class ScheduledEnvelope : StoredEnvelope
{
    /// <summary>Identifies the schedule; canceling needs nothing else.</summary>
    public Guid TokenId { get; set; }

    /// <summary>When to send, UTC.</summary>
    public DateTime DueTime { get; set; }
}
