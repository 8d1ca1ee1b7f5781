using PhoneNumbers;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Countries in the files: ISO 3166 codes whose phone numbers are understood.</summary>
internal static class CountryCode
{
    /// <summary>ISO 3166 codes of the countries whose national numbers are understood.</summary>
    public static IReadOnlySet<string> Known { get; } = PhoneNumberUtil.GetInstance().GetSupportedRegions().ToHashSet(StringComparer.Ordinal);

    /// <summary>The ISO 3166 code that a word is, whatever its case, or null.</summary>
    public static string? Of(ReadOnlySpan<char> word)
    {
        var code = word.Trim().ToString().ToUpperInvariant();
        return Known.Contains(code) ? code : code == "UK" ? "GB" : null;
    }

    /// <summary>The code at a key, or null when it is absent or wrong.</summary>
    public static string? Parse(YamlSection section, string key)
    {
        if (section.Text(key) is not { } text)
        {
            return null;
        }

        if (Known.Contains(text))
        {
            return text;
        }

        section.Fail(
            key,
            $"{section.PathOf(key)} cannot be {text}.",
            Of(text) is { } meant ? $"Write {meant}." : "Write the two capital letters of ISO 3166, for example DE.");
        return null;
    }
}
