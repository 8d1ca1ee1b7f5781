using System.Text.RegularExpressions;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Finds what looks like a secret in a file, in a comment too: files are kept for ever and shown to whoever may read them.</summary>
internal static partial class SecretScan
{
    /// <summary>The first line with one, from 1, or null. Knows the forms that tell themselves; a password that looks like a word it cannot know.</summary>
    public static int? FindLine(string text) =>
        Secret().Match(text) is { Success: true } found ? text.AsSpan(0, found.Index).Count('\n') + 1 : null;

    // Private keys; keys of this hub, HubSpot, Slack, AWS and GitHub; signed tokens; passwords within addresses.
    // Without a limit of time: each part goes along a text once, and a busy machine is no reason not to start.
    [GeneratedRegex(
        @"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bhub_[0-9A-Za-z]{6,}_[0-9A-Za-z]{32,}\b|\bpat-[a-z]{2}\d-[0-9a-f]{8}-[0-9a-f]{4}-|\bxox[abpr]-\d{6,}|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[0-9A-Za-z]{36}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.|://[^/\s:@{}$]+:[^/\s:@{}$]+@",
        RegexOptions.CultureInvariant)]
    private static partial Regex Secret();
}
