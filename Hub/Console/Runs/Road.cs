using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Runs;

namespace IntegrationHub.Hub.Console.Runs;

/// <summary>The road of a run: what is behind it, where it is, and what is still ahead. Pure.</summary>
internal static class Road
{
    /// <summary>States of the usual way, in order; approval stands only where it was, or is, asked for.</summary>
    public static IReadOnlyList<string> Stations(string kind, bool withSnapshot, bool withApproval) =>
    [
        RunState.Requested,
        .. kind.StartsWith("backfill", StringComparison.Ordinal) || !withSnapshot ? Array.Empty<string>() : [RunState.Snapshotting],
        RunState.Planning,
        .. withApproval ? new[] { RunState.AwaitingApproval } : [],
        RunState.Delivering,
        RunState.Verifying,
        RunState.Completed,
    ];

    /// <summary>The way of one run, with how long it was in each state.</summary>
    /// <param name="run">The run.</param>
    /// <param name="events">What became of it, in any order.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<Station> Of(RunJson run, IReadOnlyList<RunEventJson> events, DateTimeOffset now)
    {
        var turns = events.Where(entry => entry.Kind == "state").OrderBy(entry => entry.At).ToList();
        var spent = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        for (var i = 0; i < turns.Count; i++)
        {
            var end = i + 1 < turns.Count ? turns[i + 1].At : run.FinishedAt ?? now;
            spent[turns[i].To!] = spent.GetValueOrDefault(turns[i].To!) + (end - turns[i].At);
        }

        var visited = turns.Select(turn => turn.To!).ToHashSet(StringComparer.Ordinal);
        var way = Stations(run.Kind, run.SnapshotId is not null || visited.Contains(RunState.Snapshotting), run.State == RunState.AwaitingApproval || visited.Contains(RunState.AwaitingApproval)).ToList();
        if (!way.Contains(run.State))
        {
            // Off the usual way: behind what it came through, and the end that is ahead of it or reached.
            var behind = way.Where(state => state == RunState.Requested || visited.Contains(state)).ToList();
            var ahead = run.FinishedAt is not null ? [] : run.State switch
            {
                RunState.Canceling => [RunState.Canceled],
                RunState.RollingBack => [RunState.RolledBack],
                _ => way.Where(state => !behind.Contains(state)).ToList(),
            };
            way = [.. behind.Where(state => state is not (RunState.Completed or RunState.CompletedWithIssues)), run.State, .. ahead];
        }

        var here = way.IndexOf(run.State);
        return [.. way.Select((state, at) => new Station(state, at < here || (at == here && run.FinishedAt is not null) ? "gone" : at == here ? "now" : "ahead", spent.TryGetValue(state, out var time) && time > TimeSpan.Zero && at <= here ? time : null))];
    }
}
