namespace IntegrationHub.Hub.Delivery;

/// <summary>A call that writes, by the hub's clock.</summary>
/// <param name="beganAt">When it was let out.</param>
internal sealed class WritingCall(DateTimeOffset beganAt)
{
    /// <summary>When it was let out.</summary>
    public DateTimeOffset BeganAt => beganAt;

    /// <summary>When it was over; null while it is under way.</summary>
    public DateTimeOffset? EndedAt { get; set; }
}
