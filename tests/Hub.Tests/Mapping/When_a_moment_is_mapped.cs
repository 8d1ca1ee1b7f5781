using IntegrationHub.Hub.Configuration;

namespace Hub.Tests.Mapping;

/// <summary>Moments, and the days on which they lie.</summary>
public sealed class When_a_moment_is_mapped
{
    private static readonly TimeZoneInfo _berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [TestCase("2026-03-01T10:30:00Z", "2026-03-01T10:30:00.000Z")]
    [TestCase("2026-03-01T10:30:00.25+02:00", "2026-03-01T08:30:00.250Z")]
    [TestCase("2026-03-01T10:30+0200", "2026-03-01T08:30:00.000Z")]
    [TestCase("2026-03-01 10:30:00+00", "2026-03-01T10:30:00.000Z", Description = "as a database writes it")]
    [TestCase("2026-03-01 10:30:00.123456 -05:30", "2026-03-01T16:00:00.123Z")]
    [TestCase("2026-03-01T10:30:00", "!datetime_without_zone")]
    [TestCase("2026-03-01", "!datetime_malformed", Description = "no offset is meant by -01")]
    [TestCase("2026-03-01T25:30:00Z", "!datetime_malformed")]
    [TestCase("yesterday", "!datetime_malformed")]
    [TestCase("", "(none)")]
    public void Should_be_read_by_its_offset(string text, string expected) => Assert.That(Show(Moment(), text), Is.EqualTo(expected));

    [TestCase("2026-03-01T10:30:00", "2026-03-01T09:30:00.000Z")]
    [TestCase("2026-07-01 10:30", "2026-07-01T08:30:00.000Z", Description = "summer time")]
    [TestCase("2026-07-01T10:30:00Z", "2026-07-01T10:30:00.000Z", Description = "an offset goes before the zone")]
    [TestCase("2026-10-25T02:30:00", "2026-10-25T01:30:00.000Z", Description = "shown twice by the clocks: standard time")]
    [TestCase("2026-03-29T02:30:00", "!datetime_malformed", Description = "skipped by the clocks")]
    [TestCase("01.03.2026 10:30", "2026-03-01T09:30:00.000Z")]
    public void Should_be_read_by_the_clocks_of_its_zone(string text, string expected) =>
        Assert.That(Show(Moment() with { Zone = _berlin, Formats = ["dd.MM.yyyy HH:mm"] }, text), Is.EqualTo(expected));

    [TestCase("2026-03-01T23:30:00Z", "2026-03-02")]
    [TestCase("2026-03-01T00:00:00Z", "2026-03-01")]
    [TestCase("2026-03-01T00:00:00-05:00", "2026-03-01")]
    [TestCase("2026-03-01T23:30:00", "2026-03-01", Description = "the zone's own clocks")]
    [TestCase("2026-03-01", "2026-03-01")]
    [TestCase("03/01/2026", "2026-03-01")]
    [TestCase("soon", "!date_malformed")]
    public void Should_lie_on_the_day_of_the_zone(string text, string expected) =>
        Assert.That(Show(Mappings.Field("at", "day", MappedType.Date) with { Zone = _berlin, Formats = ["yyyy-MM-dd", "MM/dd/yyyy"] }, text), Is.EqualTo(expected));

    [Test]
    public void Should_lie_on_no_day_where_no_zone_is_named() =>
        Assert.That(Show(Mappings.Field("at", "day", MappedType.Date) with { Formats = ["yyyy-MM-dd"] }, "2026-03-01T23:30:00Z"), Is.EqualTo("!date_has_time"));

    private static FieldMapping Moment() => Mappings.Field("at", "at", MappedType.Datetime);

    private static string Show(FieldMapping field, string text) => Mappings.Show(Mappings.MapAttribute(field, $"\"{text}\""));
}
