using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Backfills.Pace;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Tests.Backfills.Pace;

/// <summary>How long it takes: by its own rate, by the share of the quota's pace, by the calls of a day, whichever is the longest.</summary>
public sealed class When_a_backfill_is_forecast
{
    private static readonly DateTimeOffset _noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    [TestCase("50/s", 50)]
    [TestCase("3000/min", 50)]
    [TestCase("7200/h", 2)]
    [TestCase("1/min", 1 / 60.0)]
    public void Should_read_a_rate(string text, double perSecond)
    {
        Assert.That(RecordRate.Read(text, out var rate), Is.Null);
        Assert.That(rate!.Value.PerSecond, Is.EqualTo(perSecond).Within(1e-9));
        Assert.That(rate.Value.ToString(), Is.EqualTo(text));
    }

    [TestCase("50")]
    [TestCase("50/d")]
    [TestCase("0/s")]
    [TestCase("-1/s")]
    [TestCase("1/h")]
    [TestCase("59/h")]
    [TestCase("fast/s")]
    [TestCase("1000001/s")]
    public void Should_refuse_what_is_no_rate_or_looks_like_standing_still(string text)
    {
        Assert.That(RecordRate.Read(text, out var rate), Does.Contain("at least 1/min"));
        Assert.That(rate, Is.Null);
    }

    [Test]
    public void Should_take_as_long_as_its_rate_says_where_that_is_slower_than_the_quota()
    {
        var forecast = For(people: 3_600, calls: 100, rate: "1/s");
        Assert.That((forecast!.Work, forecast.LimitedBy, forecast.DoneAt), Is.EqualTo((TimeSpan.FromHours(1), "rate", (DateTimeOffset?)_noon.AddHours(1))));
    }

    [Test]
    public void Should_take_as_long_as_its_share_of_the_pace_says()
    {
        var forecast = For(people: 3_600, calls: 3_600, rate: "100/s");
        Assert.That((forecast!.Work, forecast.LimitedBy), Is.EqualTo((TimeSpan.FromMinutes(12), "quota")), "ten calls a second, half of them for backfills");
    }

    [Test]
    public void Should_take_days_where_a_day_has_too_few_calls()
    {
        var forecast = For(people: 30_000, calls: 25_000, rate: null);
        Assert.That((forecast!.Work, forecast.LimitedBy), Is.EqualTo((TimeSpan.FromDays(3), "daily_quota")), "8,000 of 10,000 calls a day");
    }

    /// <summary>A limit of endpoints that a backfill does not call says nothing about it, and one of reading nothing about the writing.</summary>
    [Test]
    public void Should_count_only_the_limits_that_its_calls_draw_on()
    {
        var (write, read, other) = (Endpoint("/write") with { WritesPeople = true }, Endpoint("/read"), Endpoint("/other"));
        var limits = Limits() with
        {
            Rates =
            [
                new RateLimit("write", 10, TimeSpan.FromSeconds(1), "account") { Endpoints = [write] }, new RateLimit("read", 1, TimeSpan.FromSeconds(1), "account") { Endpoints = [read] },
                new RateLimit("other", 1, TimeSpan.FromHours(1), "account") { Endpoints = [other] },
            ],
        };
        Assert.That(BackfillForecast.For(1_000, new BackfillCallsJson(10, 1_000, 20), limits, [write, read], null, null, _noon)!.Work, Is.EqualTo(TimeSpan.FromSeconds(200)));
        Assert.That(BackfillForecast.For(1_000, new BackfillCallsJson(400, 1_000, 20), limits, [write, read], null, null, _noon)!.Work, Is.EqualTo(TimeSpan.FromSeconds(840)));
    }

    [Test]
    public void Should_stand_still_outside_of_its_windows()
    {
        var forecast = For(people: 3_600, calls: 1, rate: "1/s", "daily 20:00-20:30 UTC");
        Assert.That(forecast!.DoneAt, Is.EqualTo(new DateTimeOffset(2026, 11, 28, 20, 30, 0, TimeSpan.Zero)));
    }

    [Test]
    public void Should_not_know_where_nothing_limits_it() =>
        Assert.That(BackfillForecast.For(10, new BackfillCallsJson(5, 5, 0), Limits() with { Rates = [] }, [], null, null, _noon), Is.Null);

    private static BackfillForecast? For(long people, long calls, string? rate, params string[] windows) =>
        BackfillForecast.For(people, new BackfillCallsJson(0, calls, 0), Limits(), [], RecordRate.Of(rate), DeliveryWindows.Of(windows), _noon);

    private static VendorEndpoint Endpoint(string path) => new("POST", path, "v1", new Uri("https://vendor.example/docs"));

    private static QuotaLimits Limits() => new()
    {
        Rates = [new RateLimit("burst", 10, TimeSpan.FromSeconds(1), "account"), new RateLimit("daily", 10_000, TimeSpan.FromDays(1), "account") { Kind = RateWindow.Day }],
        MaxConcurrency = 8, AccountZone = TimeZoneInfo.Utc, BackfillShare = 0.5, DayShares = new Dictionary<string, double> { [Lane.Backfill] = 0.8 },
    };
}
