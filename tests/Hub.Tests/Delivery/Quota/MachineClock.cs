using Microsoft.Extensions.Time.Testing;

namespace Hub.Tests.Delivery.Quota;

/// <summary>
/// A clock in the test's hand that counts as machines do: nanoseconds since they were started. Such a count times ten million, on the way to ticks, leaves the range of 64 bits
/// every half hour; the clock starts a second before that.
/// </summary>
internal sealed class MachineClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private static readonly long _began = long.MaxValue / TimeSpan.TicksPerSecond - TimeSpan.NanosecondsPerTick * TimeSpan.TicksPerSecond;
    private readonly long _start = start.UtcTicks;

    /// <inheritdoc />
    public override long TimestampFrequency => TimeSpan.NanosecondsPerTick * TimeSpan.TicksPerSecond;

    /// <inheritdoc />
    public override long GetTimestamp() => _began + ((GetUtcNow().UtcTicks - _start) * TimeSpan.NanosecondsPerTick);
}
