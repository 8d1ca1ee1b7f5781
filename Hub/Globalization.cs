using System.Globalization;

namespace IntegrationHub.Hub;

/// <summary>How this process treats text: by Unicode's rules, in no country's culture.</summary>
internal static class Globalization
{
    /// <summary>
    /// Makes the invariant culture that of every thread, so that no language of a machine changes how the hub reads or writes, and
    /// makes sure that Unicode's rules are there: without them decomposed letters and international domains would be other keys.
    /// </summary>
    /// <exception cref="GlobalizationException">The process runs without Unicode's data.</exception>
    public static void Begin()
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        if (!"e\u0301".Normalize().Equals("\u00E9", StringComparison.Ordinal))
        {
            throw new GlobalizationException();
        }
    }
}
