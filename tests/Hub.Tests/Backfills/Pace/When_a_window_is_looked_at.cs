using System.Globalization;
using IntegrationHub.Hub.Backfills.Pace;

namespace IntegrationHub.Hub.Tests.Backfills.Pace;

/// <summary>Windows by the clock on the wall, summer and winter; the machine's own table of time zones judges.</summary>
public sealed class When_a_window_is_looked_at
{
    private static readonly string[] _zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo", "UTC"];
    private static readonly string[] _days = ["Mon-Fri", "Sun", "Sat,Sun", "Fri-Mon", "daily", "Wed"];

    [TestCase("Mon-Fri 20:00-06:00 Europe/Berlin", "2026-11-27T18:59:59Z", "2026-11-27T19:00:00Z", "2026-11-28T05:00:00Z", TestName = "Should_open_at_eight_in_the_evening_there")]
    [TestCase("Mon-Fri 20:00-06:00 Europe/Berlin", "2026-11-28T04:00:00Z", "2026-11-28T04:00:00Z", "2026-11-28T05:00:00Z", TestName = "Should_go_on_past_midnight_into_a_day_that_is_not_named")]
    [TestCase("Mon-Fri 20:00-06:00 Europe/Berlin", "2026-11-28T05:00:00Z", "2026-11-30T19:00:00Z", "2026-12-01T05:00:00Z", TestName = "Should_be_closed_over_the_weekend")]
    [TestCase("Sat 22:00-06:00 Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-28T21:00:00Z", "2026-03-29T04:00:00Z", TestName = "Should_be_an_hour_shorter_in_the_night_that_loses_one")]
    [TestCase("Sat 22:00-06:00 Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z", TestName = "Should_be_an_hour_longer_in_the_night_that_gains_one")]
    [TestCase("Sun 02:15-02:45 Europe/Berlin", "2026-03-28T12:00:00Z", "2026-04-05T00:15:00Z", "2026-04-05T00:45:00Z", TestName = "Should_not_be_in_the_hour_that_is_skipped")]
    [TestCase("Sun 02:15-02:45 Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T00:45:00Z", TestName = "Should_be_in_the_hour_that_comes_twice_first")]
    [TestCase("Sun 02:15-02:45 Europe/Berlin", "2026-10-25T00:45:00Z", "2026-10-25T01:15:00Z", "2026-10-25T01:45:00Z", TestName = "Should_be_in_the_hour_that_comes_twice_again")]
    [TestCase("Sun 02:30-05:00 Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", TestName = "Should_close_when_the_clock_is_put_back_before_it")]
    [TestCase("Mon 00:00-24:00 UTC", "2026-11-27T00:00:00Z", "2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z", TestName = "Should_be_a_whole_day")]
    public void Should_say_when_it_opens_and_closes(string window, string at, string opens, string closes)
    {
        var span = Windows(window).At(Time(at));
        Assert.That((span.Opens, span.Closes), Is.EqualTo((Time(opens), Time(closes))));
    }

    [Test]
    public void Should_be_one_stretch_where_windows_meet()
    {
        var span = Windows("Fri 20:00-24:00 Europe/Berlin", "Sat 00:00-03:00 Europe/Berlin").At(Time("2026-11-27T12:00:00Z"));
        Assert.That((span.Opens, span.Closes), Is.EqualTo((Time("2026-11-27T19:00:00Z"), Time("2026-11-28T02:00:00Z"))));
    }

    /// <summary>Inside a stretch the clock on the wall shows a time in the window, and right before and after it does not.</summary>
    [FsCheck.NUnit.Property(MaxTest = 2_000)]
    public bool Should_hold_exactly_while_the_clock_on_the_wall_says_so(byte zone, byte days, ushort from, ushort to, uint at, ushort inside)
    {
        var (window, holds) = Make(zone, days, from, to);
        var now = Time("2026-01-01T00:00:00Z").AddMinutes(at % (366 * 24 * 60));
        var span = Windows(window).At(now);
        var within = span.Opens + ((span.Closes - span.Opens) * (inside / 65_536.0));
        return span.Opens >= now && span.Closes > span.Opens
            && span.Holds(now) == holds(now)
            && holds(span.Opens) && holds(within) && holds(span.Closes.AddTicks(-1)) && !holds(span.Closes)
            && (span.Opens == now || !holds(span.Opens.AddTicks(-1)));
    }

    /// <summary>Whoever asks at the end of each stretch for the next one misses none.</summary>
    [FsCheck.NUnit.Property(MaxTest = 200)]
    public bool Should_lead_from_stretch_to_stretch_without_a_gap(byte zone, byte days, ushort from, ushort to, uint at)
    {
        var (window, holds) = Make(zone, days, from, to);
        var windows = Windows(window);
        var now = Time("2026-01-01T00:00:00Z").AddMinutes(at % (366 * 24 * 60));
        for (var i = 0; i < 5; i++)
        {
            var span = windows.At(now);
            for (var minute = now; minute < span.Opens; minute += TimeSpan.FromMinutes(7))
            {
                if (holds(minute))
                {
                    return false;
                }
            }

            now = span.Closes;
        }

        return true;
    }

    [TestCase("2026-11-27T12:00:00Z", 2, "2026-11-27T21:00:00Z", TestName = "Should_be_done_in_the_first_window")]
    [TestCase("2026-11-27T12:00:00Z", 12, "2026-11-30T21:00:00Z", TestName = "Should_be_done_in_the_next_one_when_the_first_is_too_short")]
    [TestCase("2026-11-28T03:00:00Z", 1, "2026-11-28T04:00:00Z", TestName = "Should_begin_at_once_where_it_is_open")]
    public void Should_say_when_work_is_done_that_stands_still_outside(string at, int hours, string done) =>
        Assert.That(Windows("Mon-Fri 20:00-06:00 Europe/Berlin").DoneAt(Time(at), TimeSpan.FromHours(hours)), Is.EqualTo(Time(done)));

    [Test]
    public void Should_not_say_when_what_takes_for_ever_is_done() =>
        Assert.That(Windows("Sun 02:15-02:16 Europe/Berlin").DoneAt(Time("2026-11-27T12:00:00Z"), TimeSpan.FromDays(100)), Is.Null);

    [TestCase("20:00-06:00 Europe/Berlin", "is no window")]
    [TestCase("Mon-Fri 20:00-06:00", "is no window")]
    [TestCase("Mon-Fri 20:00-06:00 Berlin", "no time zone 'Berlin'")]
    [TestCase("Mon-Fry 20:00-06:00 UTC", "'Mon-Fry' are no days")]
    [TestCase("Mon-Tue-Wed 20:00-06:00 UTC", "are no days")]
    [TestCase("Mon 20:00-20:00 UTC", "no stretch of a day")]
    [TestCase("Mon 24:00-06:00 UTC", "no stretch of a day")]
    [TestCase("Mon 20:60-21:00 UTC", "no stretch of a day")]
    [TestCase("Mon 8:00-21:00 UTC", "no stretch of a day")]
    public void Should_say_what_is_wrong_and_how_it_is_written(string text, string wrong)
    {
        Assert.That(DeliveryWindow.Read(text, out var window), Does.Contain(wrong));
        Assert.That(window, Is.Null);
    }

    private static (string Text, Func<DateTimeOffset, bool> Holds) Make(byte zone, byte days, ushort from, ushort to)
    {
        var (zoneName, names, begin, end) = (_zones[zone % _zones.Length], _days[days % _days.Length], from % 1_440, to % 1_440);
        end = end == begin ? (begin + 30) % 1_440 : end;
        var known = TimeZoneInfo.FindSystemTimeZoneById(zoneName);
        var on = names switch
        {
            "Mon-Fri" => [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday],
            "Sun" => [DayOfWeek.Sunday],
            "Sat,Sun" => [DayOfWeek.Saturday, DayOfWeek.Sunday],
            "Fri-Mon" => [DayOfWeek.Friday, DayOfWeek.Saturday, DayOfWeek.Sunday, DayOfWeek.Monday],
            "Wed" => [DayOfWeek.Wednesday],
            _ => Enum.GetValues<DayOfWeek>(),
        };
        var text = string.Create(CultureInfo.InvariantCulture, $"{names} {begin / 60:D2}:{begin % 60:D2}-{end / 60:D2}:{end % 60:D2} {zoneName}");
        return (text, at =>
        {
            var wall = TimeZoneInfo.ConvertTime(at, known).DateTime;
            var minute = wall.TimeOfDay.TotalMinutes;
            return begin < end
                ? minute >= begin && minute < end && on.Contains(wall.DayOfWeek)
                : (minute >= begin && on.Contains(wall.DayOfWeek)) || (minute < end && on.Contains(wall.AddDays(-1).DayOfWeek));
        });
    }

    private static DeliveryWindows Windows(params string[] texts) => DeliveryWindows.Of(texts)!;

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
