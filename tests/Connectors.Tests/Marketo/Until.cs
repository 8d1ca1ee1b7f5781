using System.Diagnostics;

namespace Connectors.Tests.Marketo;

internal static class Until
{
    /// <summary>Waits for a condition, at most as long as every test waits.</summary>
    public static async Task TrueAsync(Func<bool> condition)
    {
        var waited = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            Assert.That(waited.Elapsed, Is.LessThan(Conformance.Poll.Patience), "The condition did not come true.");
            await timer.WaitForNextTickAsync();
        }
    }
}
