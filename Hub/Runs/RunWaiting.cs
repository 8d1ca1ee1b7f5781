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
internal sealed class RunWaiting(OutboxTransaction transactions, IDestinationStore conditions, IBulkJobStore jobs, TimeProvider time)
{
    /// <summary>A destination that was in trouble a moment ago and has not answered since still is.</summary>
    private static readonly TimeSpan _afterglow = TimeSpan.FromMinutes(1);

    /// <summary>Shows a run.</summary>
    public async Task<RunJson> ShowAsync(RunView run, CancellationToken cancellationToken) => (await ShowAsync([run], cancellationToken))[0];

    /// <summary>Shows runs in their order.</summary>
    public Task<IReadOnlyList<RunJson>> ShowAsync(IReadOnlyList<RunView> runs, CancellationToken cancellationToken) => transactions.ReadAsync<IReadOnlyList<RunJson>>(async db =>
    {
        var known = new Dictionary<string, StoredCondition?>(StringComparer.Ordinal);
        var shown = new List<RunJson>(runs.Count);
        foreach (var run in runs)
        {
            if (run.FinishedAt is null && !known.ContainsKey(run.Destination))
            {
                known[run.Destination] = await FindConditionAsync(db, conditions, run.Destination, time.GetUtcNow() - _afterglow, cancellationToken);
            }

            var job = run.State is RunState.Delivering or RunState.Canceling ? (await jobs.ListAsync(db, run.RunId, cancellationToken)).FirstOrDefault() : null;
            shown.Add(RunJson.From(run, RunDiagnosis.At(run, known.GetValueOrDefault(run.Destination), job)));
        }

        return shown;
    });

    /// <summary>What keeps runs from a destination: its condition, else that of their lane; null when there is none that lasts longer than <paramref name="after"/>.</summary>
    public static async Task<StoredCondition?> FindConditionAsync(
        HubDbContext db, IDestinationStore conditions, string destination, DateTimeOffset after, CancellationToken cancellationToken)
    {
        var whole = await conditions.FindConditionAsync(db, destination, cancellationToken);
        if (whole?.Until > after)
        {
            return whole;
        }

        var lane = await conditions.FindConditionAsync(db, DestinationHealth.OfLane(destination, Lane.Bulk), cancellationToken);
        return lane?.Until > after ? lane : null;
    }
}
