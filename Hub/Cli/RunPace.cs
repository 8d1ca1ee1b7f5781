using System.Globalization;
using IntegrationHub.Hub.Runs;

namespace IntegrationHub.Hub.Cli;

/// <summary>How fast runs settle records, from what was seen of them in the last seconds, and how long they take if it goes on like that.</summary>
internal sealed class RunPace(TimeProvider time)
{
    private static readonly TimeSpan _kept = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _least = TimeSpan.FromSeconds(1);

    private readonly Dictionary<Guid, Queue<(long At, long Settled)>> _looks = [];

    /// <summary>Takes a look at runs, and says of those that move how fast: <c>120 a second, 2 min left</c>.</summary>
    public IReadOnlyDictionary<Guid, string> Look(IReadOnlyList<RunJson> runs)
    {
        var said = new Dictionary<Guid, string>();
        foreach (var run in runs.Where(run => run.FinishedAt is null && run.Counts.Planned > 0))
        {
            var settled = run.Counts.Planned - run.Counts.Pending;
            var looks = _looks.TryGetValue(run.RunId, out var known) ? known : _looks[run.RunId] = new Queue<(long, long)>();
            looks.Enqueue((time.GetTimestamp(), settled));
            while (looks.Count > 2 && time.GetElapsedTime(looks.Peek().At) > _kept)
            {
                looks.Dequeue();
            }

            var (since, then) = looks.Peek();
            if (time.GetElapsedTime(since) is var passed && passed >= _least && settled > then)
            {
                var perSecond = (settled - then) / passed.TotalSeconds;
                said[run.RunId] = string.Create(CultureInfo.InvariantCulture, $"{perSecond:N0} a second, {Words(TimeSpan.FromSeconds(run.Counts.Pending / perSecond))} left");
            }
        }

        return said;
    }

    private static string Words(TimeSpan left) => left switch
    {
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(left.TotalSeconds):0} s"),
        { TotalMinutes: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(left.TotalMinutes):0} min"),
        { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{left.TotalHours:0.#} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{left.TotalDays:0.#} days"),
    };
}
