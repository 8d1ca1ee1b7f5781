using System.Text.RegularExpressions;

namespace IntegrationHub.Hub.Configuration;

/// <summary>How destinations, audiences, purposes and attributes may be named.</summary>
internal static partial class ConfigurationNames
{
    /// <summary>The rule, for people.</summary>
    public const string Rule = "Use up to 64 lower-case letters, digits and underscores, beginning with a letter.";

    /// <summary>True when a name follows the rule; names of files may also hold hyphens.</summary>
    public static bool IsName(string text, bool isFile = false) => isFile ? FileName().IsMatch(text) : Name().IsMatch(text);

    [GeneratedRegex(@"^[a-z][a-z0-9_]{0,63}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[a-z][a-z0-9_-]{0,63}\z")]
    private static partial Regex FileName();
}
