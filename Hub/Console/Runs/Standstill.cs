using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Console.Runs;

/// <summary>A time in which a run did not move, or was held.</summary>
/// <param name="From">Since when.</param>
/// <param name="To">Until when; now when it still is.</param>
internal sealed record Standstill(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>Those of a run, the first one first. Pure.</summary>
    /// <param name="events">What became of it, in any order.</param>
    /// <param name="end">When it ended, or now.</param>
    public static IReadOnlyList<Standstill> Of(IReadOnlyList<RunEventJson> events, DateTimeOffset end)
    {
        var found = new List<Standstill>();
        DateTimeOffset? since = null;
        foreach (var turn in events.Where(entry => entry.To is not null).OrderBy(entry => entry.At))
        {
            var stands = turn.Kind == RunTurns.Stalled || (turn.Kind == RunTurns.State && turn.To is RunState.Paused or RunState.AwaitingApproval);
            if (since is { } from && !stands)
            {
                found.Add(new Standstill(from, turn.At));
            }

            since = stands ? since ?? turn.At : null;
        }

        return since is { } open && open < end ? [.. found, new Standstill(open, end)] : found;
    }
}
