using System.Globalization;
using Hub.Tests.Configuration;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Reconciliation;

namespace IntegrationHub.Hub.Tests.Reconciliation;

/// <summary>The day's calls of each vendor, as its descriptor documents them.</summary>
public sealed class When_comparing_may_take_a_share_of_the_day
{
    [TestCase("marketo", "2026-11-27T05:00:00Z", "2026-11-26T06:00:00Z", 500)]
    [TestCase("marketo", "2026-11-27T06:00:00Z", "2026-11-27T06:00:00Z", 500)]
    public void Should_count_by_the_day_of_the_account(string vendor, string now, string day, long calls)
    {
        var budget = At(vendor, 0.01, now);

        Assert.That((budget.Day, budget.Calls), Is.EqualTo((Instant(day), calls)));
        Assert.That(budget.Ends, Is.EqualTo(budget.Day.AddDays(1)));
    }

    /// <summary>A hundredth of each vendor's day: 625,000 calls of HubSpot, 40 a second of Braze's one endpoint that shows people, 50,000 of Marketo.</summary>
    [TestCase("hubspot", 6_250)]
    [TestCase("braze", 34_560)]
    [TestCase("marketo", 500)]
    public void Should_take_a_hundredth_of_what_bounds_reading_back(string vendor, long calls) => Assert.That(At(vendor, 0.01, "2026-11-27T12:00:00Z").Calls, Is.EqualTo(calls));

    [TestCase("braze")]
    [TestCase("hubspot")]
    [TestCase("marketo")]
    public void Should_allow_one_call_however_small_the_share_is_and_never_more_than_the_day_has(string vendor)
    {
        Assert.That(At(vendor, 0.000001, "2026-11-27T06:00:00Z").Calls, Is.GreaterThanOrEqualTo(1));
        Assert.That(At(vendor, 1, "2026-11-27T06:00:00Z").Calls, Is.InRange(50_000, 100 * At(vendor, 0.01, "2026-11-27T06:00:00Z").Calls + 100));
    }

    private static ReadBackBudget At(string vendor, double share, string now)
    {
        var descriptor = ConfigurationFixture.Connectors.Single(factory => factory.Descriptor.Name == vendor).Descriptor;
        return ReadBackBudget.At(QuotaLimits.For(descriptor, new Dictionary<string, int>(), new Dictionary<string, double>()), descriptor.ReadBackEndpoints, share, Instant(now));
    }

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
