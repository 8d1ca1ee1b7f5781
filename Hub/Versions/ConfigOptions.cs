using System.ComponentModel.DataAnnotations;

namespace IntegrationHub.Hub.Versions;

/// <summary>How the configuration comes into force, section <c>Hub:Config</c>.</summary>
internal sealed class ConfigOptions
{
    /// <summary>
    /// Whether a hub that starts puts its folder in force where that differs from what is (<c>Auto</c>), or runs what was applied and reports a folder that differs (<c>Manual</c>; for
    /// production: <c>plan</c> and <c>apply</c>). The very first hub of a database takes its folder either way.
    /// </summary>
    public ConfigApply Apply { get; set; }

    /// <summary>How often a hub looks whether another version is in force.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a hub has to end what is on its way when it makes way for another version; then the process ends instead, with an error, as if it had been killed.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan LongestEnd { get; set; } = TimeSpan.FromMinutes(1);
}
