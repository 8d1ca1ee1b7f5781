using System.Diagnostics;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>
/// Brings the facts of calls that come at the same time into one transaction: while one batch is written the next gathers. The ledger writes one batch after the other
/// anyway, and a full one costs it hardly more than a small one.
/// </summary>
internal sealed class FactGathering(FactIntake intake)
{
    // While one is written the other is read.
    private const int AtOnce = 2;
    private const int BatchBytes = 16 * 1024 * 1024;
    private readonly Lock _lock = new();
    private readonly Queue<Call> _waiting = new();
    private int _working;

    /// <summary>Takes the facts of a call in; done after their commit.</summary>
    /// <param name="bodies">The facts, at most <see cref="FactRoutes.BatchFacts"/>.</param>
    /// <param name="cancellationToken">Ends the waiting; the facts are taken in all the same.</param>
    /// <returns>What became of each.</returns>
    public Task<IReadOnlyList<FactVerdict>> TakeInAsync(ReadOnlyMemory<byte>[] bodies, CancellationToken cancellationToken)
    {
        var call = new Call(bodies);
        bool starts;
        lock (_lock)
        {
            _waiting.Enqueue(call);
            starts = _working < AtOnce;
            _working += starts ? 1 : 0;
        }

        if (starts)
        {
            _ = WorkAsync();
        }

        return call.Done.Task.WaitAsync(cancellationToken);
    }

    private async Task WorkAsync()
    {
        await Task.Yield(); // the caller waits for its call, not for the others that are worked on with it
        while (Next() is { Count: > 0 } calls)
        {
            await TakeInAsync(calls);
        }
    }

    /// <summary>The calls of the next batch; none when nobody waits, and then the worker counts no longer.</summary>
    private List<Call> Next()
    {
        var calls = new List<Call>();
        lock (_lock)
        {
            var (facts, bytes) = (0, 0L);
            while (_waiting.TryPeek(out var call) && (calls.Count == 0 || (facts + call.Bodies.Length <= FactRoutes.BatchFacts && bytes + call.Bytes <= BatchBytes)))
            {
                calls.Add(_waiting.Dequeue());
                (facts, bytes) = (facts + call.Bodies.Length, bytes + call.Bytes);
            }

            _working -= calls.Count == 0 ? 1 : 0;
        }

        return calls;
    }

    private async Task TakeInAsync(List<Call> calls)
    {
        try
        {
            var verdicts = await intake.TakeInAsync([.. calls.SelectMany(call => call.Bodies)], CancellationToken.None, callers: [.. calls.Select(call => call.Trace).OfType<ActivityContext>()]);
            var start = 0;
            foreach (var call in calls)
            {
                call.Done.TrySetResult([.. verdicts.Skip(start).Take(call.Bodies.Length)]);
                start += call.Bodies.Length;
            }
        }
        catch (Exception exception) when (calls.Count > 1 && !FactRoutes.IsOutage(exception))
        {
            // Whose facts failed is not known: each call is answered for itself.
            foreach (var call in calls)
            {
                await TakeInAsync([call]);
            }
        }
        catch (Exception exception)
        {
            calls.ForEach(call => call.Done.TrySetException(exception));
        }
    }

    private sealed record Call(ReadOnlyMemory<byte>[] Bodies)
    {
        public TaskCompletionSource<IReadOnlyList<FactVerdict>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ActivityContext? Trace { get; } = Activity.Current?.Context;

        public long Bytes { get; } = Bodies.Sum(body => (long)body.Length);
    }
}
