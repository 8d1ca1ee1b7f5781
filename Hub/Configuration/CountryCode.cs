using IntegrationHub.Hub.Mapping;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Countries in the files: ISO 3166 codes whose phone numbers are understood.</summary>
internal static class CountryCode
{
    /// <summary>The code at a key, or null when it is absent or wrong.</summary>
    public static string? Parse(YamlSection section, string key)
    {
        if (section.Text(key) is not { } text)
        {
            return null;
        }

        if (PhoneNumber.Countries.Contains(text))
        {
            return text;
        }

        section.Fail(
            key,
            $"{section.PathOf(key)} cannot be {text}.",
            PhoneNumber.CountryOf(text) is { } meant ? $"Write {meant}." : "Write the two capital letters of ISO 3166, for example DE.");
        return null;
    }
}
