using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace IntegrationHub.TestServers;

/// <summary>Waits for a condition instead of for a time.</summary>
public static class Poll
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// The longest wait of any test for anything: long enough for a machine that has ten times more to do than it can, and shorter than the silence
    /// after which <c>tests/run</c> ends a project. A test that waits for less fails where the machine is slow, and nothing is wrong.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Asks until the condition holds.</summary>
    /// <param name="condition">Asked at once, then every 20 ms; its exceptions end the wait.</param>
    /// <param name="because">What is waited for; the condition's source text when null.</param>
    /// <exception cref="TimeoutException">The condition did not hold within <see cref="Patience"/>.</exception>
    public static Task Until(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string? because = null) =>
        Until(() => Task.FromResult(condition()), because);

    /// <inheritdoc cref="Until(Func{bool}, string?)" />
    public static async Task Until(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string? because = null)
    {
        var waited = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Pause);
        while (!await condition())
        {
            if (waited.Elapsed > Patience)
                throw new TimeoutException($"Waited {Patience.TotalSeconds:0} s for: {because}");
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Asks until the value satisfies the condition, and returns it; the last value is in the exception otherwise.</summary>
    public static async Task<T> For<T>(Func<Task<T>> value, Func<T, bool> condition, [CallerArgumentExpression(nameof(condition))] string? because = null)
    {
        T last = default!;
        try
        {
            await Until(async () => condition(last = await value()), because);
        }
        catch (TimeoutException timedOut)
        {
            throw new TimeoutException($"{timedOut.Message}; last value: {last}", timedOut);
        }
        return last;
    }
}
