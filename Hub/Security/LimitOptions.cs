using System.ComponentModel.DataAnnotations;

namespace IntegrationHub.Hub.Security;

/// <summary>How often somebody may call; section <c>Hub:Limits</c>. Each hub counts for itself, and a minute's worth may come at once. A hub without keys, which only this machine may call, does not count reads.</summary>
internal sealed class LimitOptions
{
    /// <summary>Reads and pages of one caller in a minute. A page that is open asks twelve times in a minute, whatever is on it.</summary>
    [Range(1, 10_000_000)]
    public int ReadsPerMinute { get; set; } = 6_000;

    /// <summary>Attempts to sign in from one address in a minute, whether they succeed or not.</summary>
    [Range(1, 100_000)]
    public int SignInsPerMinute { get; set; } = 30;

    /// <summary>Calls from one address in a minute that show no key or a wrong one, and looks at the page where one signs in. Whoever has a good key is not among them.</summary>
    [Range(1, 1_000_000)]
    public int StrangersPerMinute { get; set; } = 600;
}
