namespace MassTransit.EntityFrameworkCoreIntegration.Delivery;

/// <summary>Growing pauses after failures in a row.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    private int _failures;

    public void Succeeded() => _failures = 0;

    public TimeSpan Failed() => Pause(first, longest, _failures++);

    /// <summary>Doubles the first pause with every earlier failure, up to the longest.</summary>
    public static TimeSpan Pause(TimeSpan first, TimeSpan longest, int earlierFailures)
    {
        var pause = first * Math.Pow(2, Math.Min(earlierFailures, 30));
        return pause < longest ? pause : longest;
    }
}
