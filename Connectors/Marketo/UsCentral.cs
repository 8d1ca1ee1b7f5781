namespace IntegrationHub.Connectors.Marketo;

/// <summary>The vendor's day: quotas reset at midnight US Central.</summary>
internal static class UsCentral
{
    /// <summary>Its IANA name.</summary>
    public const string ZoneName = "America/Chicago";

    private static readonly TimeZoneInfo Zone = TimeZoneInfo.TryFindSystemTimeZoneById(ZoneName, out var zone)
        ? zone
        : TimeZoneInfo.CreateCustomTimeZone("US Central", TimeSpan.FromHours(-6), null, null);

    public static TimeSpan UntilMidnight(DateTimeOffset now)
    {
        var midnight = DateTime.SpecifyKind(TimeZoneInfo.ConvertTime(now, Zone).Date.AddDays(1), DateTimeKind.Unspecified);
        return TimeZoneInfo.ConvertTimeToUtc(midnight, Zone) - now.UtcDateTime;
    }
}
