using System.Globalization;
using IntegrationHub.Hub.Configuration;

namespace Hub.Tests.Configuration;

/// <summary><c>schedules.yaml</c>.</summary>
public sealed class When_schedules_are_written
{
    private const string Schedules = "schedules.yaml";
    private const string Nightly = "schedules:\n  nightly: { sync: customers, cron: \"0 30 2 * * ?\", time_zone: Europe/Berlin }\n";

    [Test]
    public void Should_be_full_everywhere_and_skipped_when_missed_where_nothing_is_said()
    {
        using var folder = new ConfigurationFixture();
        Assert.That(folder.LoadWell().Schedules, Is.Empty, "the file may be missing");
        var nightly = folder.Write(Schedules, Nightly).LoadWell().Schedules["nightly"];
        Assert.That((nightly.Audience, nightly.Mode, nightly.TimeZone.Id, nightly.Missed), Is.EqualTo(("customers", "full", "Europe/Berlin", MissedBell.Skip)));
        Assert.That(nightly.Destinations, Is.Empty);
    }

    [Test]
    public void Should_say_all_that_is_said()
    {
        using var folder = new ConfigurationFixture();
        var said = folder.Write(Schedules, "schedules:\n  weekly: { sync: customers, destinations: [hubspot], mode: mirror, cron: \"0 0 4 ? * MON\", time_zone: UTC, missed: once }\n").LoadWell().Schedules["weekly"];
        Assert.That((said.Destinations.Single(), said.Mode, said.Missed), Is.EqualTo(("hubspot", "mirror", MissedBell.Once)));
        Assert.That(said.NextAfter(Instant("2026-11-27T10:00:00Z")), Is.EqualTo(Instant("2026-11-30T04:00:00Z")));
    }

    [Test]
    public void Should_compare_instead_of_syncing_where_that_is_said()
    {
        using var folder = new ConfigurationFixture();
        var said = folder.Write(Schedules, "schedules:\n  compared: { reconcile: customers, cron: \"0 0 4 ? * MON\", time_zone: UTC }\n").LoadWell().Schedules["compared"];
        Assert.That((said.What, said.Audience, said.Mode), Is.EqualTo(("reconcile", "customers", "reconcile")));
    }

    /// <summary>The night in which half past two does not happen and three o'clock is next, the one in which it happens twice, and one in between.</summary>
    [TestCase("2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z")]
    [TestCase("2026-06-01T12:00:00Z", "2026-06-02T00:30:00Z")]
    [TestCase("2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z")]
    [TestCase("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z")]
    public void Should_ring_once_a_night_by_the_clock_of_the_place(string after, string next)
    {
        using var folder = new ConfigurationFixture();
        Assert.That(folder.Write(Schedules, Nightly).LoadWell().Schedules["nightly"].NextAfter(Instant(after)), Is.EqualTo(Instant(next)));
    }

    [TestCase("bells: {}\n", 1, "schedules is missing.", "schedules")]
    [TestCase("schedules:\n  nightly: { cron: \"0 30 2 * * ?\", time_zone: UTC }\n", 2, "schedules.nightly.sync is missing.", "sync")]
    [TestCase("schedules:\n  nightly: { sync: customers, cron: \"0 30 2 * * ?\" }\n", 2, "schedules.nightly.time_zone is missing.", "time_zone")]
    [TestCase("schedules:\n  nightly: { sync: customers, cron: \"30 2 * * *\", time_zone: UTC }\n", 2, "schedules.nightly.cron is no time of the clock", "second minute hour")]
    [TestCase("schedules:\n  nightly: { sync: customers, cron: \"0 30 25 * * ?\", time_zone: UTC }\n", 2, "schedules.nightly.cron is no time of the clock", "second minute hour")]
    [TestCase("schedules:\n  nightly: { sync: customers, cron: \"0 30 2 * * ?\", time_zone: Berlin }\n", 2, "schedules.nightly.time_zone cannot be Berlin", "Europe/Berlin")]
    [TestCase("schedules:\n  nightly: { sync: customers, mode: ful, cron: \"0 30 2 * * ?\", time_zone: UTC }\n", 2, "schedules.nightly.mode cannot be ful", "full")]
    [TestCase("schedules:\n  nightly: { sync: customers, missed: run, cron: \"0 30 2 * * ?\", time_zone: UTC }\n", 2, "schedules.nightly.missed cannot be run", "skip, once")]
    [TestCase("schedules:\n  nightly: { sync: customers, reconcile: customers, cron: \"0 30 2 * * ?\", time_zone: UTC }\n", 2, "schedules.nightly.reconcile stands beside sync", "a schedule of its own")]
    [TestCase("schedules:\n  nightly: { reconcile: customers, mode: delta, cron: \"0 30 2 * * ?\", time_zone: UTC }\n", 2, "schedules.nightly.reconcile stands beside mode", "a schedule of its own")]
    [TestCase("schedules:\n  nightly: { reconcile: clients, cron: \"0 30 2 * * ?\", time_zone: UTC }\n", 2, "There is no audience clients.", "customers")]
    [TestCase("schedules:\n  nightly: { sync: clients, cron: \"0 30 2 * * ?\", time_zone: UTC }\n", 2, "There is no audience clients.", "customers")]
    [TestCase("schedules:\n  nightly: { sync: customers, destinations: [mailchimp], cron: \"0 30 2 * * ?\", time_zone: UTC }\n", 2, "There is no destination of the audience mailchimp.", "braze, hubspot, marketo")]
    [TestCase("schedules:\n  nightly: { sync: customers, when: now, cron: \"0 30 2 * * ?\", time_zone: UTC }\n", 2, "schedules.nightly.when is not a known key.", "cron")]
    [TestCase("schedules:\n  Night Run: { sync: customers, cron: \"0 30 2 * * ?\", time_zone: UTC }\n", 2, "schedules.Night Run is not a good name.", "lower-case")]
    public void Should_say_what_is_wrong_and_where(string text, int line, string problem, string fix)
    {
        using var folder = new ConfigurationFixture();
        var error = folder.Write(Schedules, text).Load().Errors.First(e => e.File == Schedules);
        Assert.That(error.Line, Is.EqualTo(line));
        Assert.That(error.Problem, Does.StartWith(problem));
        Assert.That(error.Fix, Does.Contain(fix));
    }

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
