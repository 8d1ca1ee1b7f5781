using System.Diagnostics;

namespace Connectors.Tests.Marketo;

internal static class Until
{
    /// <summary>Waits for a condition, at most ten seconds.</summary>
    public static async Task TrueAsync(Func<bool> condition)
    {
        var waited = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            Assert.That(waited.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)), "The condition did not come true.");
            await timer.WaitForNextTickAsync();
        }
    }
}
