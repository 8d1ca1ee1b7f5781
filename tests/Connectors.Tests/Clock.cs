using Microsoft.Extensions.Time.Testing;

namespace Connectors.Tests;

/// <summary>A clock in the test's hand.</summary>
internal static class Clock
{
    /// <summary>Stands at noon (UTC) of a Saturday, away from every vendor's change of day.</summary>
    public static FakeTimeProvider AtNoon() => new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
}
