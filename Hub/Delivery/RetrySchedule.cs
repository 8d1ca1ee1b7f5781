namespace IntegrationHub.Hub.Delivery;

/// <summary>Exponential delays with full jitter in the upper half: never less than half of the nominal delay, so a retry is never a hot loop.</summary>
internal static class RetrySchedule
{
    /// <param name="first">Nominal delay of step 1.</param>
    /// <param name="longest">Cap of the nominal delay.</param>
    /// <param name="step">1 for the first delay.</param>
    /// <param name="random">A number from 0 to 1, exclusive.</param>
    public static TimeSpan Delay(TimeSpan first, TimeSpan longest, int step, double random)
    {
        var nominal = Math.Min(longest.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Clamp(step - 1, 0, 30)));
        return TimeSpan.FromMilliseconds(nominal * (0.5 + random / 2));
    }
}
