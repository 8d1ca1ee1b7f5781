using System.Diagnostics;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Storage.Deliveries;
using Microsoft.Extensions.Options;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>Sends prepared batches and reads their receipts into settlements: one per record that has an outcome; what was not sent keeps its row as it is.</summary>
internal sealed partial class BatchSender(
    OutboxTransaction transactions,
    IDeliveryStore deliveries,
    AudienceTargets targets,
    SendingMarks marks,
    QuietWriting quietly,
    DestinationHealth health,
    OpenTurns turns,
    HubTelemetry telemetry,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<BatchSender> logger)
{
    /// <summary>What waits for somebody else's write.</summary>
    internal PeopleUnderWay UnderWay { get; } = new(transactions, deliveries, options.Value, time);

    /// <summary>When to try again for somebody whom another call wrote all the while.</summary>
    private static readonly TimeSpan _afterAnotherCall = TimeSpan.FromSeconds(1);

    /// <summary>Sends the batches side by side, as many as the connector admits, and stops starting new ones once the destination is in trouble.</summary>
    internal async Task<IReadOnlyList<Settlement>> SendAsync(Destination destination, Lease lease, IReadOnlyList<PreparedBatch> batches, CancellationToken cancellationToken)
    {
        using var trouble = new CancellationTokenSource();
        var sent = await Task.WhenAll(batches.Select(batch => SendWhenFreeAsync(destination, lease, batch, trouble, cancellationToken)));
        return [.. sent.SelectMany(settlements => settlements)];
    }

    private async Task<IReadOnlyList<Settlement>> SendWhenFreeAsync(
        Destination destination, Lease lease, PreparedBatch batch, CancellationTokenSource trouble, CancellationToken cancellationToken)
    {
        var slots = destination.Slots(lease.Lane);
        try
        {
            await slots.WaitAsync(cancellationToken);
            try
            {
                return trouble.IsCancellationRequested ? [] : await SendOneAsync(destination, lease, batch, trouble, cancellationToken);
            }
            finally
            {
                slots.Release();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Before a call of its own: the other batches keep what theirs brought.
            return [];
        }
    }

    private async Task<IReadOnlyList<Settlement>> SendOneAsync(Destination destination, Lease lease, PreparedBatch batch, CancellationTokenSource trouble, CancellationToken cancellationToken)
    {
        await using var pass = await EnterAsync(destination, lease, batch, cancellationToken);
        if (pass is null)
        {
            return await StopAsync(trouble);
        }

        if (pass.Block is { } block)
        {
            return pass.ConcernsAudienceOnly ? Postpone(batch, block.Code, block.Until) : await StopAsync(trouble);
        }

        AudienceTarget? target = null;
        if (batch.Audience.Length > 0)
        {
            (target, var condition) = await targets.FindAsync(destination, batch.Audience, lease.Lane, cancellationToken);
            if (target is null)
            {
                return await ReportAsync(destination, lease.Lane, batch, null, condition!, pass, cancellationToken) is { } later
                    ? Postpone(batch, condition!.Code, later)
                    : await StopAsync(trouble);
            }
        }

        IReadOnlyList<Settlement> known = [];
        if (lease.Lane == Lane.Backfill)
        {
            try
            {
                (batch, known) = await quietly.PrepareAsync(destination, batch, cancellationToken);
            }
            catch (DestinationException unread)
            {
                return await ReportAsync(destination, lease.Lane, batch, null, unread.Condition, pass, cancellationToken) is { } later
                    ? Postpone(batch, unread.Condition.Code, later)
                    : await StopAsync(trouble);
            }

            if (batch.Records.Count == 0)
            {
                await health.RecoverAsync(pass, cancellationToken);
                return known;
            }
        }

        batch = await MarkAsync(destination, lease, batch, cancellationToken);
        if (batch.Records.Count == 0)
        {
            return await StopAsync(trouble);
        }

        var started = Stopwatch.GetTimestamp();
        var recheck = Recheck(destination, lease, batch);
        var receipt = await DeliverAsync(destination, lease.Lane, batch.For(target, recheck), recheck, cancellationToken);
        await recheck.LeaveAllAsync();
        telemetry.BatchSent(destination.Name, batch.Operation, batch.Records.Count, Stopwatch.GetElapsedTime(started));
        var settlements = await ReadAsync(destination, lease.Lane, batch, target, receipt, pass, recheck, CancellationToken.None);
        if (receipt.Condition is { } reported && ConcernsMore(reported, batch))
        {
            await trouble.CancelAsync();
        }

        return [.. known, .. settlements];
    }

    /// <summary>What decides a batch's consent again before each of its calls.</summary>
    internal ConsentRecheck Recheck(Destination destination, Lease lease, PreparedBatch batch) => new(destination, lease, batch, transactions, deliveries, turns.Stopping);

    /// <summary>Reads a receipt: one settlement per record that has an outcome, and what it tells about the destination.</summary>
    internal async Task<IReadOnlyList<Settlement>> ReadAsync(
        Destination destination, string lane, PreparedBatch batch, AudienceTarget? target, Receipt receipt, HealthPass pass, ConsentRecheck? recheck,
        CancellationToken cancellationToken)
    {
        DateTimeOffset? later = null;
        try
        {
            if (receipt.Condition is { } reported)
            {
                later = await ReportAsync(destination, lane, batch, target, reported, pass, cancellationToken);
            }
            else if (receipt.Outcomes.Any(outcome => outcome.Outcome != Outcome.Withheld))
            {
                await health.RecoverAsync(pass, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The next answer says it again; what became of the records, nobody does.
            LogNotNoted(destination.Name, exception.GetType().Name);
        }

        var settlements = Read(destination, batch, receipt, later, recheck);
        return batch.Operation == Operation.SetConsent
            ? await UnderWay.AwaitArrivalAsync(destination, settlements, cancellationToken)
            : await UnderWay.AwaitGivenUpAsync(settlements, cancellationToken);
    }

    /// <summary>Leave to send a batch; null when nobody can tell how the destination stands. Other batches keep what their vendor calls brought.</summary>
    private async Task<HealthPass?> EnterAsync(Destination destination, Lease lease, PreparedBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            return await health.EnterAsync(destination.Name, lease.Lane, batch.Audience, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogNotKnown(destination.Name, batch.Records.Count, exception.GetType().Name);
            return null;
        }
    }

    /// <summary>True when other work for the destination meets the same trouble.</summary>
    private bool ConcernsMore(DestinationCondition condition, PreparedBatch batch) => health.WaitOfWorkAlone(condition) is null && !IsOfAudience(condition, batch);

    private static bool IsOfAudience(DestinationCondition condition, PreparedBatch batch) => batch.Audience.Length > 0 && condition.Code == ReasonCode.AudienceGone;

    private static async Task<IReadOnlyList<Settlement>> StopAsync(CancellationTokenSource trouble)
    {
        await trouble.CancelAsync();
        return [];
    }

    /// <summary>The records wait, without an attempt; other work goes on.</summary>
    private static IReadOnlyList<Settlement> Postpone(PreparedBatch batch, string code, DateTimeOffset until) =>
        [.. batch.Records.Select(record => new Settlement { Delivery = record.Delivery, Code = code, DueAt = until })];

    /// <summary>Notes trouble where it belongs: with the batch, its audience, its lane or the destination.</summary>
    /// <returns>When the batch's own records may be tried again while everything else goes on; null when the trouble concerns more than them.</returns>
    internal async Task<DateTimeOffset?> ReportAsync(
        Destination destination, string lane, PreparedBatch batch, AudienceTarget? target, DestinationCondition condition, HealthPass pass, CancellationToken cancellationToken)
    {
        if (IsOfAudience(condition, batch) || (batch.Audience.Length > 0 && target is null && condition.Trouble == DestinationTrouble.Misconfigured))
        {
            condition = target is null
                ? await health.ReportAudienceAsync(destination.Name, batch.Audience, condition, pass, cancellationToken)
                : await targets.ForgetAsync(destination, target, pass, cancellationToken);
        }

        if (health.WaitOfWorkAlone(condition) is { } wait)
        {
            LogWorkWaits(destination.Name, batch.Operation, condition.Code, wait.TotalSeconds);
            return time.GetUtcNow() + wait;
        }

        await health.ReportAsync(destination.Name, lane, condition, pass, cancellationToken);
        return null;
    }

    /// <summary>What may be sent of a batch; nothing when that cannot be written down. Other batches keep what their vendor calls brought.</summary>
    private async Task<PreparedBatch> MarkAsync(Destination destination, Lease lease, PreparedBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            return await marks.MarkAsync(destination, lease, batch, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogNotMarked(destination.Name, batch.Records.Count, exception.GetType().Name);
            return batch with { Records = [] };
        }
    }

    private async Task<Receipt> DeliverAsync(Destination destination, string lane, Batch batch, ConsentRecheck recheck, CancellationToken cancellationToken)
    {
        try
        {
            return await destination.ConnectorFor(lane).DeliverAsync(batch, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new Receipt { Outcomes = [.. batch.Items.Select(item => recheck.WasCleared(item.RecordId) ? Untold(destination, batch.Operation, item.RecordId, "stopped") : NotSent(item.RecordId))] };
        }
        catch (Exception exception)
        {
            LogConnectorFault(destination.Name, batch.Operation, batch.Items.Count, exception.GetType().Name, exception.StackTrace);
            return new Receipt { Outcomes = [.. batch.Items.Select(item => Untold(destination, batch.Operation, item.RecordId, "connector_fault"))] };
        }
    }

    private static RecordOutcome NotSent(long recordId) => new() { RecordId = recordId, Outcome = Outcome.NotSent };

    /// <summary>What it means when nobody says what became of a record: it is sent again only where that does no harm.</summary>
    private static RecordOutcome Untold(Destination destination, Operation operation, long recordId, string code) => destination.RepeatIsHarmless(operation)
        ? new RecordOutcome { RecordId = recordId, Outcome = Outcome.RetryLater, Code = code }
        : new RecordOutcome { RecordId = recordId, Outcome = Outcome.Ambiguous, Code = ReasonCode.Ambiguous };

    private List<Settlement> Read(Destination destination, PreparedBatch batch, Receipt receipt, DateTimeOffset? later, ConsentRecheck? recheck)
    {
        var outcomes = new Dictionary<long, RecordOutcome>(receipt.Outcomes.Count);
        foreach (var outcome in receipt.Outcomes)
        {
            outcomes.TryAdd(outcome.RecordId, outcome);
        }

        var settlements = new List<Settlement>(batch.Records.Count);
        foreach (var record in batch.Records)
        {
            var outcome = outcomes.TryGetValue(record.Delivery.DeliveryId, out var told)
                ? told
                : Untold(destination, batch.Operation, record.Delivery.DeliveryId, "not_mentioned");
            if (Settle(destination, record, outcome, receipt.Condition, later, recheck) is { } settlement)
            {
                settlements.Add(settlement);
            }
        }

        return settlements;
    }

    private Settlement? Settle(
        Destination destination, PreparedRecord record, RecordOutcome outcome, DestinationCondition? condition, DateTimeOffset? later, ConsentRecheck? recheck)
    {
        var delivery = record.Delivery;
        var maybeSent = delivery.MaybeSent || (delivery.Operation is Operation.UpsertProfile or Operation.AddMember && MayHaveArrived(outcome, condition, recheck));
        var settled = new Settlement
        {
            Delivery = delivery,
            Code = outcome.Code,
            RemoteId = outcome.RemoteId,
            MaybeSent = maybeSent,
            SentKey = record.Item.Key,
            ForgetRemoteId = outcome is { RemoteIdIsGone: true, RemoteId: null } && delivery.RemoteId is not null,
        };
        switch (outcome.Outcome)
        {
            case Outcome.Delivered or Outcome.Unchanged when record.WhyUndone is { } why:
                return settled with { Outcome = LedgerOutcome.Suppressed, Code = why, Undone = true, MaybeSent = false };
            case Outcome.Delivered or Outcome.Unchanged:
                return settled with
                {
                    Outcome = outcome.Outcome == Outcome.Delivered ? LedgerOutcome.Delivered : LedgerOutcome.Unchanged,
                    Code = outcome.Code is null || record.Note is null ? outcome.Code ?? record.Note : $"{outcome.Code};{record.Note}",
                    ConfirmedHash = record.ContentHash,
                    PlanVersion = record.ContentHash is null ? null : destination.PlanVersion,
                    KeyHash = record.ContentHash is null && record.Item.Identity?.NewKey is null ? null : destination.KeyHashOf(record.Item.Identity?.NewKey ?? record.Item.Key),
                    MaybeSent = false,
                };
            case Outcome.Rejected:
                return settled with { Outcome = LedgerOutcome.Rejected, IsTaken = outcome.IsTaken };
            case Outcome.Ambiguous:
                return settled with { Outcome = LedgerOutcome.DeadLettered, Code = outcome.Code ?? ReasonCode.Ambiguous };
            case Outcome.Withheld when recheck?.WhyWithheld(delivery.DeliveryId) is { } why && !delivery.MaybeSent:
                return settled with { Outcome = LedgerOutcome.Suppressed, Code = why };
            case Outcome.Withheld when recheck?.IsBusy(delivery.DeliveryId) == true:
                return settled with { DueAt = time.GetUtcNow() + _afterAnotherCall };
            case Outcome.Withheld when recheck?.IsWithheld(delivery.DeliveryId) == true:
                return settled with { DueAt = time.GetUtcNow() };
            case Outcome.RetryLater when delivery.Operation is Operation.IdentifyProfile or Operation.AddAlias && outcome.Code == ReasonCode.NotFound && delivery.Attempt > 0:
                return settled with { Outcome = LedgerOutcome.Unchanged };
            case Outcome.RetryLater when delivery.Attempt + 1 >= options.Value.MaxAttempts:
                return settled with { Outcome = LedgerOutcome.DeadLettered };
            case Outcome.RetryLater:
                var delay = RetrySchedule.Delay(options.Value.FirstRetryDelay, options.Value.LongestRetryDelay, delivery.Attempt + 1, Random.Shared.NextDouble());
                return settled with { DueAt = time.GetUtcNow() + delay, CostsAttempt = true };
            case Outcome.Accepted when !destination.RepeatIsHarmless(delivery.Operation):
                return settled with { Outcome = LedgerOutcome.DeadLettered, Code = ReasonCode.Ambiguous };
            case Outcome.Accepted:
                return settled with { DueAt = time.GetUtcNow() + options.Value.LongestRetryDelay / 10 };
            case var _ when later is not null:
                return settled with { DueAt = later };
            default:
                // What was marked, or is to be remembered, is settled; the rest stays as it is.
                return destination.RepeatIsHarmless(delivery.Operation) && maybeSent == delivery.MaybeSent && outcome.RemoteId is null
                    ? null
                    : settled with { DueAt = time.GetUtcNow() };
        }
    }

    /// <summary>True when the vendor may have the record though nobody says so: its call went out, and what came back does not exclude it.</summary>
    private static bool MayHaveArrived(RecordOutcome outcome, DestinationCondition? condition, ConsentRecheck? recheck) =>
        recheck?.WasCleared(outcome.RecordId) == true
        && (outcome.Outcome is Outcome.RetryLater or Outcome.Accepted or Outcome.Withheld || (outcome.Outcome == Outcome.NotSent && condition is { Trouble: DestinationTrouble.Unavailable }));

    [LoggerMessage(1132, LogLevel.Warning, "Could not write down that {Records} records are about to be sent to {Destination} ({Error}): they are not sent now")]
    private partial void LogNotMarked(string destination, int records, string error);

    [LoggerMessage(1134, LogLevel.Information, "{Destination} holds {Operation} back ({Code}): it waits {Seconds:0.0} s, other work goes on")]
    private partial void LogWorkWaits(string destination, Operation operation, string code, double seconds);

    [LoggerMessage(1135, LogLevel.Warning, "Could not read how {Destination} stands ({Error}): {Records} records are not sent now")]
    private partial void LogNotKnown(string destination, int records, string error);

    [LoggerMessage(1133, LogLevel.Warning, "Could not note how {Destination} stands ({Error})")]
    private partial void LogNotNoted(string destination, string error);

    [LoggerMessage(1131, LogLevel.Error, "The connector of {Destination} failed on {Operation} of {Records} records ({Error}); they are tried again, or dead-lettered as ambiguous where a repeat would double\n{Stack}")]
    private partial void LogConnectorFault(string destination, Operation operation, int records, string error, string? stack);
}
