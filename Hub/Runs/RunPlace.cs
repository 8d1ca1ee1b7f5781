using System.Globalization;

namespace IntegrationHub.Hub.Runs;

/// <summary>A place in the list of runs: after which one the next page begins. The time at its full precision, so that none is missed or doubled.</summary>
internal static class RunPlace
{
    /// <summary>The place of a run, as a query holds it.</summary>
    public static string Of(DateTimeOffset requestedAt, Guid runId) => string.Create(CultureInfo.InvariantCulture, $"{requestedAt.UtcTicks}.{runId:N}");

    /// <summary>Reads a place; null when it is none.</summary>
    public static (DateTimeOffset At, Guid RunId)? Read(string? text)
    {
        var parts = text?.Split('.') ?? [];
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.UtcTicks && Guid.TryParseExact(parts[1], "N", out var id)
            ? (new DateTimeOffset(ticks, TimeSpan.Zero), id)
            : null;
    }
}
