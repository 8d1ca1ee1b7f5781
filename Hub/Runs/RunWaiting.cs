using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Runs;

/// <summary>
/// Shows runs with what they wait for at this moment, as <see cref="Diagnoser"/> tells it: nobody has to wait for a progress timeout to read what the hub knows
/// already.
/// </summary>
internal sealed class RunWaiting(OpenSituation opened, OutboxTransaction transactions, DestinationDirectory destinations, AudienceTargets targets, TimeProvider time)
{
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

    /// <summary>Shows runs in their order: what they wait for is read for all of them at once.</summary>
    public async Task<IReadOnlyList<RunJson>> ShowAsync(IReadOnlyList<RunView> runs, CancellationToken cancellationToken)
    {
        List<Guid> open = [.. runs.Where(run => run.FinishedAt is null).Select(run => run.RunId)];
        if (open.Count == 0)
        {
            return [.. runs.Select(run => RunJson.From(run))];
        }

        var situation = await ReadAsync(open, cancellationToken);
        return [.. runs.Select(run => RunJson.From(run, Explain(run.RunId, situation)))];
    }

    /// <summary>Says of a backfill or a rollback what it waits for at this moment.</summary>
    public async Task<RunJson> ExplainAsync(RunJson shown, CancellationToken cancellationToken)
    {
        if (shown.FinishedAt is not null)
        {
            return shown;
        }

        var situation = await ReadAsync([shown.RunId], cancellationToken);
        return Explain(shown.RunId, situation) is { } verdict
            ? shown with { WaitingFor = verdict.Sentence, WaitingCode = verdict.Code, Waiting = WaitingJson.From(verdict) }
            : shown;
    }

    /// <summary>A run that began since everything was read is read by itself.</summary>
    private async Task<Situation> ReadAsync(IReadOnlyCollection<Guid> runs, CancellationToken cancellationToken) =>
        await opened.LookAsync(cancellationToken) is var known && runs.All(run => known.Runs.Any(open => open.RunId == run))
            ? known
            : await transactions.ReadAsync(db => Situations.ReadAsync(db, time.GetUtcNow(), runs, cancellationToken));

    private static Verdict? Explain(Guid runId, Situation situation) => situation.Runs.FirstOrDefault(run => run.RunId == runId) is { } open ? Diagnoser.OfRun(open, situation) : null;
}
