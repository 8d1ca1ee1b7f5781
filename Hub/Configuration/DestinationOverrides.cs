using Microsoft.Extensions.Configuration;

namespace IntegrationHub.Hub.Configuration;

/// <summary>What environment variables and command line say about one destination; wins over its file. An empty value says nothing.</summary>
/// <param name="section">The section <c>Hub:Destinations:{name}</c>.</param>
/// <param name="errors">Where mistakes go.</param>
internal sealed class DestinationOverrides(IConfigurationSection section, ICollection<ConfigurationError> errors)
{
    private static readonly string[] KnownKeys = ["BaseUrl", "IdentityKey", "Mapping", "AudienceNamePattern", "Live", "Settings", "Credentials"];

    /// <summary>Where it stands, for errors.</summary>
    public string Path => section.Path;

    /// <summary>The text of a key in snake_case, or null.</summary>
    public string? Text(string key) => ValueOf(section, key);

    /// <summary>The settings that are overridden, by name.</summary>
    public IEnumerable<KeyValuePair<string, string>> Settings() =>
        from child in Child("settings") where !string.IsNullOrEmpty(child.Value) select KeyValuePair.Create(child.Key, child.Value);

    /// <summary>The credential references that are overridden, by name.</summary>
    public IEnumerable<(string Name, string? Variable, string? File)> Credentials() =>
        from child in Child("credentials") select (child.Key, ValueOf(child, "env"), ValueOf(child, "file"));

    /// <summary>Reports every key that means nothing.</summary>
    public void RejectUnknownKeys()
    {
        foreach (var child in section.GetChildren())
        {
            if (!KnownKeys.Any(known => Same(known, child.Key)))
            {
                errors.Add(new ConfigurationError(
                    child.Path, 0, "The setting is not known.", $"{Spelling.Hint(child.Key, KnownKeys)}Known settings: {string.Join(", ", KnownKeys)}."));
            }
        }
    }

    private IEnumerable<IConfigurationSection> Child(string key) =>
        section.GetChildren().FirstOrDefault(child => Same(child.Key, key))?.GetChildren() ?? [];

    private static string? ValueOf(IConfigurationSection parent, string key) =>
        parent.GetChildren().FirstOrDefault(child => Same(child.Key, key))?.Value is { Length: > 0 } value ? value : null;

    private static bool Same(string left, string right) =>
        string.Equals(left.Replace("_", "", StringComparison.Ordinal), right.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
}
