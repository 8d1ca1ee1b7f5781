using FsCheck;
using FsCheck.Fluent;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations.Quota;

namespace Hub.Tests.Delivery.Quota;

/// <summary>
/// Instances share a limit while answers get lost, come late and twice, instances die and others join, and the database's clock is set: minutes pass in no time, every
/// call is seen by a vendor that counts exactly. Whatever happens, no window holds more calls than the limit; and once it is calm, the limit is used again
/// after a lease and a window. A failure shows the fewest disturbances that lead to it.
/// </summary>
public sealed class When_the_books_are_disturbed
{
    private const int Calls = 40;
    private static readonly TimeSpan _window = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _starvesAtMost = SharedQuota.LeaseLength + _window + TimeSpan.FromSeconds(2);

    [FsCheck.NUnit.Property(MaxTest = 50, EndSize = 150)]
    public Property Should_never_exceed_the_limit_and_use_it_again_after_a_lease_and_a_window(Disturbance[] first, Disturbance[] second, Disturbance[] third)
    {
        var world = new DisturbedWorld(new QuotaLimits { Rates = [new RateLimit("burst", Calls, _window, "account")], MaxConcurrency = 30, AccountZone = TimeZoneInfo.Utc });
        var held = true.Label("calm");
        foreach (var disturbances in new[] { first, second, third })
        {
            world.Run(TimeSpan.FromSeconds(20), disturbances);
            world.Run(_starvesAtMost);
            var before = world.Counted.Count;
            world.Run(_window * 10);
            held = held.And((world.Counted.Count - before > Calls * 10 * 0.6).Label($"{world.Counted.Count - before} calls in ten windows of {Calls} once it was calm"));
        }

        var tooSoon = Enumerable.Range(Calls, world.Counted.Count - Calls).FirstOrDefault(call => world.Counted[call] - world.Counted[call - Calls] < _window.Ticks);
        return held.And((tooSoon == 0).Label($"call {tooSoon} is one too many in its window"));
    }

    [FsCheck.NUnit.Property(MaxTest = 10, EndSize = 150)]
    public Property Should_use_a_day_to_its_last_call_and_not_one_more(Disturbance[] disturbances)
    {
        const int day = 3_000;
        var limits = new QuotaLimits { Rates = [new RateLimit("daily", day, TimeSpan.FromDays(1), "account") { Kind = RateWindow.Day }], MaxConcurrency = 30, AccountZone = TimeZoneInfo.Utc };
        var world = new DisturbedWorld(limits);
        var clockSet = disturbances.Where(static one => one.What == Mishap.ClockSet).Take(4); // from nine o'clock, so that it stays within the day
        world.Run(TimeSpan.FromSeconds(100), disturbances.Where(static one => one.What is not (Mishap.Death or Mishap.ClockSet)).Concat(clockSet));
        for (var i = 0; i < 40 && world.Counted.Count < day; i++)
        {
            world.Run(TimeSpan.FromSeconds(5));
        }

        world.Run(TimeSpan.FromSeconds(30));
        return (world.Counted.Count == day).Label($"{world.Counted.Count} of {day} calls");
    }
}
