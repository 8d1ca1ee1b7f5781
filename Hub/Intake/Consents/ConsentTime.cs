using System.Globalization;

namespace IntegrationHub.Hub.Intake.Consents;

/// <summary>When somebody agreed or did not, as exports spell it. A time without an offset is in UTC. Pure.</summary>
internal static class ConsentTime
{
    /// <summary>Completes a sentence about a time that cannot be read.</summary>
    public const string Fix = "Write it as 2026-11-26T12:00:00Z, 2026-11-26 12:00:00 or 2026-11-26, not in the future.";

    /// <summary>Completes a sentence about the time until which a grant holds that cannot be read.</summary>
    public const string FixOfEnd = "Write until when it holds as 2027-11-26T12:00:00Z, 2027-11-26 12:00:00 or 2027-11-26.";

    private static readonly string[] _times =
    [
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mmK",
        "yyyy-MM-dd HH:mm:sszzz", "yyyy-MM-dd HH:mm:ss zzz", "yyyy-MM-dd HH:mm:ss 'UTC'", "yyyy-MM-dd HH:mm:sszz", "yyyy-MM-dd HH:mm:ss.FFFFFFFzz", "yyyy-MM-dd HH:mm:ss.FFFFFFF 'UTC'",
    ];

    /// <summary>Reads a time.</summary>
    /// <param name="text">The field, not blank.</param>
    /// <param name="latest">What is later comes from a clock that is wrong.</param>
    /// <param name="denied">Of a day without a time a denial counts to its end and a grant from its begin.</param>
    /// <param name="time">The time.</param>
    public static bool TryRead(string text, DateTimeOffset latest, bool denied, out DateTimeOffset time)
    {
        text = Identity.InvisibleText.Trim(text).ToString();
        if (DateTimeOffset.TryParseExact(text, _times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time))
        {
            return time >= DateTimeOffset.UnixEpoch && time <= latest;
        }

        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return false;
        }

        var begin = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var end = begin + TimeSpan.FromDays(1) - TimeSpan.FromMilliseconds(1);
        time = !denied ? begin : end < latest ? end : latest;
        return begin >= DateTimeOffset.UnixEpoch && begin <= latest;
    }
}
