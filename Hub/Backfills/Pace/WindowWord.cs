using System.Globalization;

namespace IntegrationHub.Hub.Backfills.Pace;

/// <summary>What people are told of a run whose window is closed: the same words wherever it is shown.</summary>
internal static class WindowWord
{
    /// <summary>The sentence.</summary>
    /// <param name="opensAt">When it opens.</param>
    /// <param name="windows">The run's windows.</param>
    public static string Of(DateTimeOffset opensAt, IReadOnlyList<string> windows) => string.Create(
        CultureInfo.InvariantCulture, $"Window opens at {opensAt:u}: it is delivered in its windows only ({string.Join(", ", windows)}) and goes on by itself then.");
}
