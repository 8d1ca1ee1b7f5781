using Microsoft.Extensions.Time.Testing;

namespace Hub.Tests;

/// <summary>Lets time pass in the test's hand until something is so.</summary>
internal static class FakeTime
{
    // On a busy machine what a step sets off stands in a queue longer; other tests' work stands there too.
    private const int MostTurns = 60;
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(5);

    public static async Task Until(this FakeTimeProvider time, Func<bool> condition, string because, TimeSpan? atMost = null)
    {
        var end = time.GetUtcNow() + (atMost ?? TimeSpan.FromMinutes(1));
        for (var turn = 0; !condition(); turn++)
        {
            Assert.That(time.GetUtcNow(), Is.LessThan(end), $"Waited in vain for {because}.");
            time.Advance(_step);
            await Settle();
        }
    }

    public static Task Pass(this FakeTimeProvider time, TimeSpan length)
    {
        var end = time.GetUtcNow() + length;
        return time.Until(() => time.GetUtcNow() >= end, "time to pass", length + _step);
    }

    /// <summary>What the last step set off runs before the next one.</summary>
    private static async Task Settle()
    {
        for (var i = 0; i < 6 || (ThreadPool.PendingWorkItemCount > 0 && i < MostTurns); i++)
        {
            await Task.Run(static () => { });
        }
    }
}
