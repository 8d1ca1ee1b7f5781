namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A wall clock that moves only when told; timers run as usual.</summary>
internal sealed class StoppedClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
