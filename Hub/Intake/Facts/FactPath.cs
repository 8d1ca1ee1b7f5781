using System.Text.RegularExpressions;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>The path of a field as it may be shown and logged: a producer may have put an address or a number where a name belongs. Pure.</summary>
internal static partial class FactPath
{
    /// <summary>The path with a question mark in place of what is not plainly a name.</summary>
    public static string Shown(string path) => Plain().IsMatch(path) && !path.Contains('@', StringComparison.Ordinal) ? path : string.Join('.', path.Split('.').Select(name => Plain().IsMatch(name) ? name : "?"));

    [GeneratedRegex(@"^(?!.*\d{5})[\p{L}\p{N} _$.?\[\]-]{0,300}\z")]
    private static partial Regex Plain();
}
