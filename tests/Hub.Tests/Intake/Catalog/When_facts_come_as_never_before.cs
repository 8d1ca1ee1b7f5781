using IntegrationHub.Hub.Intake.Catalog;
using IntegrationHub.Hub.Intake.Catalog.Drift;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Intake.Catalog;

/// <summary>Weeks made by hand: a shop that states 100 facts an hour by day and 10 by night.</summary>
public sealed class When_facts_come_as_never_before
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 20, 0, TimeSpan.Zero); // a Thursday; the last whole hour began at 11

    [Test]
    public void Should_say_nothing_of_a_usual_week() => Assert.That(VolumeDrift.Find(Weeks(), Now), Is.Empty);

    [TestCase(0, "volume_silent")]
    [TestCase(29, "volume_low")]
    [TestCase(30, null)]
    [TestCase(300, null)]
    [TestCase(301, "volume_high")]
    public void Should_compare_the_last_hour_with_that_hour_of_other_weeks(long facts, string? kind)
    {
        var found = VolumeDrift.Find(Weeks((hour, usual) => hour == Now.AddMinutes(-80) ? facts : usual), Now).SingleOrDefault();
        Assert.That((found?.Kind, found?.Usual, found?.Now), Is.EqualTo(kind is null ? (null, null, (double?)null) : (kind, (double?)100, (double?)facts)));
    }

    /// <summary>The hour that runs is not over: what is missing of it may come.</summary>
    [Test]
    public void Should_wait_for_the_end_of_an_hour() =>
        Assert.That(VolumeDrift.Find(Weeks((hour, usual) => hour.Hour == 12 && hour.Date == Now.Date ? 0 : usual), Now), Is.Empty);

    [TestCase(7, TestName = "A holiday a week ago")]
    [TestCase(21, TestName = "A holiday three weeks ago")]
    public void Should_not_take_a_holiday_for_usual(int daysAgo) =>
        Assert.That(VolumeDrift.Find(Weeks((hour, usual) => hour.Date == Now.AddDays(-daysAgo).Date ? 0 : usual), Now), Is.Empty);

    [Test]
    public void Should_not_take_a_flood_for_usual() =>
        Assert.That(VolumeDrift.Find(Weeks((hour, usual) => hour.Date == Now.AddDays(-14).Date ? usual * 50 : usual), Now), Is.Empty);

    [TestCase(3, false)]
    [TestCase(13, false)]
    [TestCase(15, true)]
    public void Should_know_a_producer_for_two_weeks_before_it_judges(int days, bool isJudged)
    {
        var weeks = Weeks((hour, usual) => hour < Now.AddDays(-days) ? -1 : hour >= Now.AddHours(-3) ? 0 : usual);
        Assert.That(VolumeDrift.Find(weeks, Now).Any(), Is.EqualTo(isJudged));
    }

    /// <summary>Two facts an hour are 48 a day: no hour says anything, a day does.</summary>
    [Test]
    public void Should_compare_days_where_hours_hold_too_little()
    {
        var quiet = Weeks((hour, _) => hour >= Now.AddHours(-30) ? 0 : 2);
        var found = VolumeDrift.Find(quiet, Now).Single();
        Assert.That((found.Kind, found.Usual, found.Since), Is.EqualTo(("volume_silent", (double?)48, new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero))));
        Assert.That(VolumeDrift.Find(Weeks((hour, _) => hour >= Now.AddHours(-3) ? 0 : 2), Now), Is.Empty, "a few quiet hours are nothing");
    }

    [Test]
    public void Should_judge_each_producer_alone()
    {
        IEnumerable<HourCount> both = [.. Weeks(), .. Weeks((hour, usual) => hour >= Now.AddHours(-2) ? 0 : usual).Select(hour => hour with { Producer = "crm" }), .. Weeks((_, _) => 0).Select(hour => hour with { Producer = "?" })];
        Assert.That(VolumeDrift.Find(both, Now).Select(found => (found.Producer, found.Kind)), Is.EqualTo(new[] { ("crm", "volume_silent") }));
    }

    [TestCase(1000, 990, 100, 98, null)]
    [TestCase(1000, 990, 100, 60, 0.4)]
    [TestCase(1000, 500, 100, 31, null)]
    [TestCase(1000, 500, 100, 29, 0.71)]
    [TestCase(199, 199, 100, 0, null)]
    [TestCase(1000, 1000, 49, 0, null)]
    public void Should_tell_when_a_field_says_nothing_far_more_often(long before, long presentBefore, long facts, long present, double? share)
    {
        FieldCount[] days = [Day(20, before, presentBefore), Day(1, facts / 2, present / 2), Day(0, facts - facts / 2, present - present / 2)];
        Assert.That(FieldDrift.FindNulls(days, Now).SingleOrDefault()?.Now, share is null ? Is.Null : Is.EqualTo(share).Within(1e-9));
    }

    [TestCase(30, 1, 2, "new_value")]
    [TestCase(30, 8, 2, null, TestName = "A value that is known for a week is new no more")]
    [TestCase(5, 1, 2, null, TestName = "Everything is new at a new producer")]
    [TestCase(30, 1, 100, null, TestName = "Of a field with a hundred values none is few")]
    public void Should_tell_a_value_that_a_field_never_had(int known, int daysAgo, int values, string? kind)
    {
        ValueCount[] counts =
        [
            .. Enumerable.Range(1, values - 1).Select(i => Value($"v{i}", known)), Value("revoked", daysAgo) with { Facts = 7 },
        ];
        var found = FieldDrift.FindValues(counts, Now).SingleOrDefault();
        Assert.That((found?.Kind, found?.Value, found?.Now), Is.EqualTo(kind is null ? (null, null, (double?)null) : (kind, "revoked", (double?)7)));
    }

    [Test]
    public void Should_say_it_in_a_sentence_that_can_be_followed()
    {
        var found = VolumeDrift.Find(Weeks((hour, usual) => hour >= Now.AddHours(-2) ? 0 : usual), Now).Single();
        Assert.That(FindingJson.From(found).Finding, Is.EqualTo("shop sent 0 facts since 2026-11-26 11:00:00Z; usual at this time of the week are 100. Look whether it runs, and what it is answered."));
    }

    private static List<HourCount> Weeks(Func<DateTimeOffset, long, long>? change = null)
    {
        var hours = new List<HourCount>();
        var end = new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
        for (var hour = end - VolumeDrift.Horizon; hour <= end; hour = hour.AddHours(1))
        {
            var usual = hour.Hour is >= 7 and < 20 ? 100 : 10;
            if ((change?.Invoke(hour, usual) ?? usual) is > 0 and var facts)
            {
                hours.Add(new HourCount("shop", hour, facts));
            }
        }

        return hours;
    }

    private static FieldCount Day(int ago, long facts, long present) => new("lead_created", "shop", "payload.status", new DateTimeOffset(Now.Date.AddDays(-ago), TimeSpan.Zero), facts, present);

    private static ValueCount Value(string value, int daysAgo) => new("consent_updated", "shop", "payload.status", value, 1, Now.AddDays(-daysAgo), Now);
}
