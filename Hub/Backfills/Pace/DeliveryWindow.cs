using System.Globalization;
using NodaTime;

namespace IntegrationHub.Hub.Backfills.Pace;

/// <summary>
/// Days of the week and a stretch of the day by the clock on the wall of a time zone, as <c>Mon-Fri 20:00-06:00 Europe/Berlin</c>. One that ends at or before its beginning goes on past midnight and
/// belongs to the day on which it begins. It holds whenever that clock shows a time in it: where summer time skips a part of it that part does not exist, where winter time repeats an hour
/// of it the hour counts both times. Pure.
/// </summary>
internal sealed class DeliveryWindow
{
    private const int MinutesOfDay = 24 * 60;
    private const string Form = "Write it as 'Mon-Fri 20:00-06:00 Europe/Berlin': days (Mon-Fri, Sat,Sun or daily), from-to in hours and minutes, and the name of a time zone.";
    private static readonly string[] _days = ["", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

    private readonly string _text;
    private readonly HashSet<IsoDayOfWeek> _on;
    private readonly int _from;
    private readonly int _to;
    private readonly DateTimeZone _zone;

    private DeliveryWindow(string text, HashSet<IsoDayOfWeek> on, int from, int to, DateTimeZone zone) => (_text, _on, _from, _to, _zone) = (text, on, from, to, zone);

    /// <summary>Reads a window.</summary>
    /// <param name="text">The text.</param>
    /// <param name="window">The window, or null.</param>
    /// <returns>What is wrong and how it is written; null when nothing is.</returns>
    public static string? Read(string text, out DeliveryWindow? window)
    {
        window = null;
        if (text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var days, var times, var zoneName])
        {
            return $"'{text}' is no window. {Form}";
        }

        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(zoneName) is not { } zone)
        {
            return $"There is no time zone '{zoneName}'. Name one of the IANA database, such as Europe/Berlin or UTC.";
        }

        if (ReadDays(days) is not { Count: > 0 } on)
        {
            return $"'{days}' are no days. {Form}";
        }

        if (times.Split('-') is not [var from, var to] || ReadMinute(from) is not ({ } begin and < MinutesOfDay) || ReadMinute(to) is not { } end || begin == end)
        {
            return $"'{times}' is no stretch of a day. {Form} A whole day is 00:00-24:00.";
        }

        window = new DeliveryWindow($"{days} {times} {zoneName}", on, begin, end, zone);
        return null;
    }

    /// <summary>Whether the clock on the wall shows a time in it.</summary>
    public bool Holds(Instant at)
    {
        var (date, time) = at.InZone(_zone).LocalDateTime;
        var ticks = time.TickOfDay;
        var isAfter = ticks >= _from * NodaConstants.TicksPerMinute;
        var isBefore = ticks < _to * NodaConstants.TicksPerMinute;
        return _from < _to
            ? isAfter && isBefore && _on.Contains(date.DayOfWeek)
            : (isAfter && _on.Contains(date.DayOfWeek)) || (isBefore && _on.Contains(date.PlusDays(-1).DayOfWeek));
    }

    /// <summary>All instants from one to another at which it may begin or end, in no order; some at which it does neither.</summary>
    public IEnumerable<Instant> Boundaries(Instant from, Instant to)
    {
        for (var date = from.InZone(_zone).Date.PlusDays(-1); date <= to.InZone(_zone).Date; date = date.PlusDays(1))
        {
            foreach (var minute in new[] { _from, _to })
            {
                var mapped = _zone.MapLocal(date.AtMidnight().PlusMinutes(minute));
                yield return mapped.Count == 0 ? mapped.LateInterval.Start : mapped.First().ToInstant();
                if (mapped.Count == 2)
                {
                    yield return mapped.Last().ToInstant();
                }
            }
        }

        for (var interval = _zone.GetZoneInterval(from); interval.HasEnd && interval.End <= to; interval = _zone.GetZoneInterval(interval.End))
        {
            yield return interval.End;
        }
    }

    /// <inheritdoc />
    public override string ToString() => _text;

    private static HashSet<IsoDayOfWeek>? ReadDays(string text)
    {
        if (text.Equals("daily", StringComparison.OrdinalIgnoreCase))
        {
            text = "Mon-Sun";
        }

        var on = new HashSet<IsoDayOfWeek>();
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-').Select(name => Array.FindIndex(_days, 1, day => day.Equals(name, StringComparison.OrdinalIgnoreCase))).ToList();
            if (ends.Count > 2 || ends.Any(day => day < 1))
            {
                return null;
            }

            for (var day = ends[0]; ; day = (day % 7) + 1)
            {
                on.Add((IsoDayOfWeek)day);
                if (day == ends[^1])
                {
                    break;
                }
            }
        }

        return on;
    }

    private static int? ReadMinute(string text) =>
        text is [_, _, ':', _, _]
        && int.TryParse(text.AsSpan(0, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var hour)
        && int.TryParse(text.AsSpan(3, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var minute)
        && minute < 60 && (hour * 60) + minute <= MinutesOfDay
            ? (hour * 60) + minute
            : null;
}
