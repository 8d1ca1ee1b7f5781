namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>
/// A date in the test's hand while timers and stopwatches run as usual: what waits in these tests waits for leases, and those go by the database's clock,
/// which no test can turn. A FakeTimeProvider would stop the timers with the date.
/// </summary>
internal sealed class StoppedClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
