using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Backfills.Pace;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>What is different when backfills are sent: each batch is of one run and asks for leave before it goes, in the run's windows and at its rate; then the vendor is read before it is written.</summary>
internal sealed partial class BackfillSending(OutboxTransaction transactions, QuietWriting writing, OpenTurns turns, TimeProvider time, ILogger<BackfillSending> logger)
{
    /// <summary>What a batch may take of a slow run's rate at once, so that the run is seen to move.</summary>
    private static readonly TimeSpan _largestBatch = TimeSpan.FromSeconds(10);

    /// <summary>How long a batch waits for its place in the rate; whoever would wait longer gives the partition back.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan _shortestWait = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// The same records in batches of one run each, which know what their run is about. Not those of runs that were planned under another mapping or consent policy: whoever agreed to them did not see
    /// what would be written now, so they are held.
    /// </summary>
    public async Task<IReadOnlyList<PreparedBatch>> ByRunAsync(Destination destination, IReadOnlyList<PreparedBatch> batches, CancellationToken cancellationToken)
    {
        var scopes = new Dictionary<Guid, BackfillScope>();
        foreach (var run in batches.SelectMany(batch => batch.Records).Select(record => record.Delivery.RunId).Distinct())
        {
            var plan = await transactions.ReadAsync(db => BackfillBook.FindPlanAsync(db, run, cancellationToken))
                ?? throw new InvalidOperationException($"Run {run} lies in the lane of backfills and is none.");
            if (plan.PlanVersion == destination.PlanVersion)
            {
                scopes[run] = plan.Scope;
            }
            else
            {
                await HoldAsync(destination, run, plan.Scope, cancellationToken);
            }
        }

        return
        [
            .. from batch in batches
               from run in batch.Records.GroupBy(record => record.Delivery.RunId)
               where scopes.ContainsKey(run.Key)
               from some in run.Chunk(LargestBatch(scopes[run.Key]))
               select batch with { Records = some, Backfill = scopes[run.Key] },
        ];
    }

    /// <summary>The same deliveries, owed since so long ago as the windows of their runs were open since then: what waited for a window waited on purpose, and is no lag.</summary>
    public async Task<IReadOnlyList<ClaimedDelivery>> OpenWaitsAsync(IReadOnlyList<ClaimedDelivery> claim, CancellationToken cancellationToken)
    {
        Guid[] runs = [.. claim.Select(delivery => delivery.RunId).Distinct()];
        var windows = (await transactions.ReadAsync(db => BackfillGate.FindWindowsAsync(db, runs, cancellationToken))).ToDictionary(run => run.Key, run => DeliveryWindows.Of(run.Value));
        if (windows.Count == 0)
        {
            return claim;
        }

        var now = time.GetUtcNow();
        var waited = new Dictionary<(Guid, DateTimeOffset), DateTimeOffset>();
        return [.. claim.Select(delivery => windows.GetValueOrDefault(delivery.RunId) is { } open && delivery.OwedSince is { } since && since < now ? delivery with { OwedSince = SinceOf(delivery.RunId, open, since) } : delivery)];

        // Many are owed since the same moment.
        DateTimeOffset SinceOf(Guid run, DeliveryWindows open, DateTimeOffset since) =>
            waited.TryGetValue((run, since), out var known) ? known : waited[(run, since)] = now - open.OpenBetween(since, now);
    }

    /// <summary>Waits for a batch's place in the rate of its run; false when it may not be sent now, because the window closed, the run is held or over, the place is far, or the hub stops.</summary>
    public async Task<bool> MayGoAsync(PreparedBatch batch, CancellationToken cancellationToken)
    {
        var run = batch.Records[0].Delivery.RunId;
        var takes = RecordRate.Of(batch.Backfill!.Rate)?.For(batch.Records.Count) ?? TimeSpan.Zero;
        var started = time.GetTimestamp();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, turns.Stopping);
        try
        {
            while (true)
            {
                var admission = await transactions.ReadAsync(db => BackfillGate.AdmitAsync(db, run, takes, ended.Token));
                if (admission.Wait is not { } wait || time.GetElapsedTime(started) + wait > _patience)
                {
                    return admission.MayGo;
                }

                await Task.Delay(wait > _shortestWait ? wait : _shortestWait, time, ended.Token);
            }
        }
        catch (OperationCanceledException) when (turns.Stopping.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Reads the vendor, and says what is left to be sent and what is settled by that; or what trouble the destination is in, so that nothing is to be sent.</summary>
    public async Task<(PreparedBatch Batch, IReadOnlyList<Settlement> Settled, DestinationCondition? Trouble)> PrepareAsync(Destination destination, PreparedBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            var (left, settled) = await writing.PrepareAsync(destination, batch, cancellationToken);
            return (left, settled, null);
        }
        catch (DestinationException unread)
        {
            return (batch, [], unread.Condition);
        }
    }

    private Task HoldAsync(Destination destination, Guid run, BackfillScope scope, CancellationToken cancellationToken)
    {
        LogHeld(run, destination.Name);
        var again = scope.RollsBack is { } back ? $"backfill rollback {back}" : "backfill plan";
        var word = new PauseBackfill
        {
            RunId = run, By = "hub", At = time.GetUtcNow(),
            Reason = $"the mapping or the consent policy of {destination.Name} is another one than the plan was made and agreed to under, so nothing more is written. What is written already stays. "
                + $"Cancel it and plan the rest anew: 'backfill cancel {run}', then '{again}'. Or put back what was changed, then 'backfill resume {run}'.",
        };
        return transactions.RunAsync((_, bus) => bus.Publish(word, cancellationToken), cancellationToken);
    }

    [LoggerMessage(3926, LogLevel.Warning, "Backfill {RunId}: held, for {Destination} has another mapping or consent policy than it was agreed to under")]
    private partial void LogHeld(Guid runId, string destination);

    private static int LargestBatch(BackfillScope scope) =>
        RecordRate.Of(scope.Rate) is { } rate ? (int)Math.Clamp(rate.PerSecond * _largestBatch.TotalSeconds, 1, int.MaxValue) : int.MaxValue;
}
