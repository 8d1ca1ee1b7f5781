using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;

namespace Hub.Tests;

/// <summary>Lets time pass in the test's hand until something is so.</summary>
internal static class FakeTime
{
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(5);

    // On a busy machine what a step sets off waits longer for its turn, and may be interrupted in it.
    private static readonly TimeSpan _longestStep = TimeSpan.FromMilliseconds(500);

    // A minute in the test's hand is over in a quarter of a second, in which a machine that is busy may not let a thread run at all.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private static int _idle = int.MaxValue;

    public static async Task Until(this FakeTimeProvider time, Func<bool> condition, string because, TimeSpan? atMost = null)
    {
        var end = time.GetUtcNow() + (atMost ?? TimeSpan.FromMinutes(1));
        var (waited, next) = (Stopwatch.StartNew(), TimeSpan.Zero);
        while (!condition())
        {
            var isLate = time.GetUtcNow() >= end;
            Assert.That(isLate && waited.Elapsed > _patience, Is.False, $"Waited in vain for {because}.");
            if (!isLate || waited.Elapsed >= next)
            {
                time.Advance(_step);
                next = waited.Elapsed + _step; // late, a step takes as long as it says
            }

            await Settle();
        }
    }

    public static Task Pass(this FakeTimeProvider time, TimeSpan length)
    {
        var end = time.GetUtcNow() + length;
        return time.Until(() => time.GetUtcNow() >= end, "time to pass", length + _step);
    }

    /// <summary>What the last step set off runs to its end before the next one.</summary>
    private static async Task Settle()
    {
        var waited = Stopwatch.StartNew();
        for (var i = 0; i < 6 || (IsAtWork() && waited.Elapsed < _longestStep); i++)
        {
            await Task.Run(static () => { });
        }
    }

    /// <summary>True while work of the pool waits, or more of its threads are at work than ever were when it was at rest.</summary>
    private static bool IsAtWork()
    {
        ThreadPool.GetMaxThreads(out var most, out _);
        ThreadPool.GetAvailableThreads(out var free, out _);
        _idle = Math.Min(_idle, most - free);
        return ThreadPool.PendingWorkItemCount > 0 || most - free > _idle;
    }
}
