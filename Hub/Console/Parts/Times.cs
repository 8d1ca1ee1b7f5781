using System.Globalization;

namespace IntegrationHub.Hub.Console.Parts;

/// <summary>The one place that writes times and lengths.</summary>
internal static class Times
{
    private const string ZoneCookie = "hub-zone";

    /// <summary>The reader's zone, which the script keeps in a cookie; UTC until then.</summary>
    public static TimeZoneInfo ZoneOf(HttpContext http) =>
        http.Request.Cookies[ZoneCookie] is { Length: > 0 and < 64 } name && TimeZoneInfo.TryFindSystemTimeZoneById(Uri.UnescapeDataString(name), out var zone) ? zone : TimeZoneInfo.Utc;

    /// <summary>Under a day as a length, else as day and time in a zone.</summary>
    public static string Near(DateTimeOffset at, DateTimeOffset now, TimeZoneInfo zone) => (now - at) switch
    {
        { TotalDays: >= 1 or <= -1 } => At(at, zone),
        { Ticks: >= 0 } past => $"{Length(past)} ago",
        var future => $"in {Length(-future)}",
    };

    /// <summary>Day and time in a zone.</summary>
    public static string At(DateTimeOffset at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(at, zone).ToString("d MMM HH:mm", CultureInfo.InvariantCulture);

    /// <summary>Time of day in a zone, with the day when it is another one.</summary>
    public static string Clock(DateTimeOffset at, DateTimeOffset now, TimeZoneInfo zone)
    {
        var (there, today) = (TimeZoneInfo.ConvertTime(at, zone), TimeZoneInfo.ConvertTime(now, zone));
        return there.Date == today.Date ? there.ToString("HH:mm:ss", CultureInfo.InvariantCulture) : At(at, zone);
    }

    /// <summary>A length, as <c>38 s</c>, <c>14 min</c>, <c>1 h 02</c> or <c>3 d</c>.</summary>
    public static string Length(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => "0 s",
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalSeconds} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h {span.Minutes:00}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalDays} d"),
    };
}
