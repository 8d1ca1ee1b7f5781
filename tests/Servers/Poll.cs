using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace IntegrationHub.TestServers;

/// <summary>Waits for a condition instead of for a time.</summary>
public static class Poll
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks until the condition holds.</summary>
    /// <param name="condition">Asked at once, then every 20 ms; its exceptions end the wait.</param>
    /// <param name="timeout">Longest wait; 30 s when null.</param>
    /// <param name="because">What is waited for; the condition's source text when null.</param>
    /// <exception cref="TimeoutException">The condition did not hold in time.</exception>
    public static Task Until(Func<bool> condition, TimeSpan? timeout = null, [CallerArgumentExpression(nameof(condition))] string? because = null) =>
        Until(() => Task.FromResult(condition()), timeout, because);

    /// <inheritdoc cref="Until(Func{bool}, TimeSpan?, string?)" />
    public static async Task Until(Func<Task<bool>> condition, TimeSpan? timeout = null, [CallerArgumentExpression(nameof(condition))] string? because = null)
    {
        var limit = timeout ?? TimeSpan.FromSeconds(30);
        var waited = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Pause);
        while (!await condition())
        {
            if (waited.Elapsed > limit)
                throw new TimeoutException($"Waited {limit.TotalSeconds:0.#} s for: {because}");
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Asks until the value satisfies the condition, and returns it; the last value is in the exception otherwise.</summary>
    public static async Task<T> For<T>(Func<Task<T>> value, Func<T, bool> condition, TimeSpan? timeout = null, [CallerArgumentExpression(nameof(condition))] string? because = null)
    {
        T last = default!;
        try
        {
            await Until(async () => condition(last = await value()), timeout, because);
        }
        catch (TimeoutException timedOut)
        {
            throw new TimeoutException($"{timedOut.Message}; last value: {last}", timedOut);
        }
        return last;
    }
}
