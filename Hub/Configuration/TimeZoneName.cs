namespace IntegrationHub.Hub.Configuration;

/// <summary>Time zones in the files: names of the time zone database.</summary>
internal static class TimeZoneName
{
    /// <summary>The time zone at a key, or null when it is absent or wrong.</summary>
    public static TimeZoneInfo? Parse(YamlSection section, string key, bool required = false)
    {
        if (section.Text(key, required) is not { } name)
        {
            return null;
        }

        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
        {
            return zone;
        }

        section.Fail(key, $"{section.PathOf(key)} cannot be {name}: this machine knows no such time zone.", "Write a name of the time zone database, such as Europe/Berlin or UTC.");
        return null;
    }
}
