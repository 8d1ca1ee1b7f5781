using System.Globalization;

namespace IntegrationHub.Hub.Configuration;

/// <summary>People per time that a run may write at most, as <c>50/s</c>, <c>3000/min</c> or <c>20000/h</c>. What is read before and after is not counted; it goes with the writing.</summary>
/// <param name="Records">How many, from 1.</param>
/// <param name="Per">Per second, minute or hour.</param>
internal readonly record struct RecordRate(int Records, TimeSpan Per)
{
    // One a minute: who writes less seldom than that looks as if it stood still.
    private const double Slowest = 1 / 60.0;
    private const int MostRecords = 1_000_000;

    /// <summary>People per second.</summary>
    public double PerSecond => Records / Per.TotalSeconds;

    /// <summary>How long people take.</summary>
    public TimeSpan For(long people) => TimeSpan.FromSeconds(people / PerSecond);

    /// <summary>Reads a rate.</summary>
    /// <param name="text">The text, or null for none.</param>
    /// <param name="rate">The rate; null when there is none or it is wrong.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? Read(string? text, out RecordRate? rate)
    {
        rate = null;
        if (text is null)
        {
            return null;
        }

        var per = text.Split('/') is [_, var unit] ? unit switch { "s" => TimeSpan.FromSeconds(1), "min" => TimeSpan.FromMinutes(1), "h" => TimeSpan.FromHours(1), _ => TimeSpan.Zero } : TimeSpan.Zero;
        if (per == TimeSpan.Zero || !int.TryParse(text.Split('/')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var records) || records is < 1 or > MostRecords
            || new RecordRate(records, per) is var read && read.PerSecond < Slowest)
        {
            return $"'{text}' is no rate. Write how many people a second, minute or hour: 50/s, 3000/min or 20000/h; at least 1/min.";
        }

        rate = read;
        return null;
    }

    /// <summary>The rate of a text that was read before.</summary>
    public static RecordRate? Of(string? text) => Read(text, out var rate) is { } wrong ? throw new FormatException(wrong) : rate;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Records}/{(Per.TotalSeconds == 1 ? "s" : Per.TotalMinutes == 1 ? "min" : "h")}");
}
