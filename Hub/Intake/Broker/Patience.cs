namespace IntegrationHub.Hub.Intake.Broker;

/// <summary>How long a thing that failed is left alone before it is tried again: quick at first, never longer than half a minute.</summary>
internal static class Patience
{
    private static readonly double[] _seconds = [0.2, 0.5, 1, 1, 2, 2, 3, 5, 5, 10, 10, 20, 30];

    /// <summary>The pause after so many failures in a row.</summary>
    /// <param name="failures">At least one.</param>
    public static TimeSpan After(int failures) => TimeSpan.FromSeconds(_seconds[Math.Min(failures, _seconds.Length) - 1]);
}
