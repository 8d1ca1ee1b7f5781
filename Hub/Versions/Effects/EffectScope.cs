namespace IntegrationHub.Hub.Versions.Effects;

/// <summary>How many people are looked at to tell what a plan does to them.</summary>
internal static class EffectScope
{
    /// <summary>Nobody: the files alone are compared.</summary>
    public const string None = "none";

    /// <summary>Some 20,000 people per audience and destination; numbers are told with how far they may be off.</summary>
    public const string Sample = "sample";

    /// <summary>All of them.</summary>
    public const string Exact = "exact";

    /// <summary>All words.</summary>
    public static IReadOnlyList<string> All { get; } = [None, Sample, Exact];
}
