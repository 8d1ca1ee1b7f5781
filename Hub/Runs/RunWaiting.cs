using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Runs;

/// <summary>
/// Shows runs with what they wait for at this moment, from the destinations' conditions and the vendors' jobs: nobody has to wait for a progress
/// timeout to read what the hub knows already.
/// </summary>
internal sealed class RunWaiting(OutboxTransaction transactions, IDestinationStore conditions, IBulkJobStore jobs, DestinationDirectory destinations, AudienceTargets targets, TimeProvider time)
{
    /// <summary>A destination that was in trouble a moment ago and has not answered since still is.</summary>
    private static readonly TimeSpan _afterglow = TimeSpan.FromMinutes(1);

    private static readonly string[] _undelivered = [RunState.Requested, RunState.Snapshotting, RunState.Planning, RunState.AwaitingApproval, RunState.Paused];

    /// <summary>Shows a run.</summary>
    public async Task<RunJson> ShowAsync(RunView run, CancellationToken cancellationToken)
    {
        var shown = (await ShowAsync([run], cancellationToken))[0];
        return _undelivered.Contains(run.State) && await MovesAsync(run.Destination, run.Audience, cancellationToken) is { Count: > 0 } moves ? shown with { Moves = moves } : shown;
    }

    /// <summary>What runs of an audience to a destination will change there beside their plan.</summary>
    public async Task<IReadOnlyList<string>> MovesAsync(string destination, string audience, CancellationToken cancellationToken) =>
        destinations.Find(destination) is { } known ? await targets.MovesAsync(known, audience, cancellationToken) : [];

    /// <summary>Shows runs in their order.</summary>
    public Task<IReadOnlyList<RunJson>> ShowAsync(IReadOnlyList<RunView> runs, CancellationToken cancellationToken) => transactions.ReadAsync<IReadOnlyList<RunJson>>(async db =>
    {
        var known = new Dictionary<(string, string), StoredCondition?>();
        var shown = new List<RunJson>(runs.Count);
        foreach (var run in runs)
        {
            var place = (run.Destination, run.Audience);
            if (run.FinishedAt is null && !known.ContainsKey(place))
            {
                known[place] = await FindConditionAsync(db, conditions, run.Destination, run.Audience, time.GetUtcNow() - _afterglow, cancellationToken);
            }

            var job = run.State is RunState.Delivering or RunState.Canceling ? await jobs.ListAsync(db, run.RunId, cancellationToken) is [var first, ..] ? first : null : null;
            shown.Add(RunJson.From(run, RunDiagnosis.At(run, known.GetValueOrDefault(place), job)));
        }

        return shown;
    });

    /// <summary>
    /// What keeps runs from a destination: its condition, else that of their lane, else that of the audience; null when there is none that lasts longer than
    /// <paramref name="after"/>.
    /// </summary>
    public static async Task<StoredCondition?> FindConditionAsync(
        HubDbContext db, IDestinationStore conditions, string destination, string audience, DateTimeOffset after, CancellationToken cancellationToken, string lane = Lane.Bulk)
    {
        var known = await conditions.ListConditionsAsync(db, destination, cancellationToken);
        string[] places = [destination, DestinationHealth.OfLane(destination, lane), DestinationHealth.OfAudience(destination, audience)];
        return places.Select(place => known.FirstOrDefault(condition => condition.Name == place)).FirstOrDefault(condition => condition?.Until > after);
    }
}
