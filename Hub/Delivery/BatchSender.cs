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

/// <summary>Sends prepared batches and says what became of their records: one settlement per record that has an outcome; what was not sent keeps its row as it is.</summary>
internal sealed partial class BatchSender(
    OutboxTransaction transactions,
    IDeliveryStore deliveries,
    AudienceTargets targets,
    SendingMarks marks,
    BackfillSending backfills,
    DestinationHealth health,
    OpenTurns turns,
    HubTelemetry telemetry,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<BatchSender> logger)
{
    /// <summary>What waits for somebody else's write.</summary>
    internal PeopleUnderWay UnderWay { get; } = new(transactions, deliveries, options.Value, time);

    private readonly ReceiptReading _receipts = new(options.Value, time);
    private readonly DenialNotes _denials = new(transactions, time, logger);
    private readonly OnceFields _once = new(transactions);

    /// <summary>Sends the batches side by side, as many as the connector admits, and stops starting new ones once the destination is in trouble.</summary>
    internal async Task<IReadOnlyList<Settlement>> SendAsync(Destination destination, Lease lease, IReadOnlyList<PreparedBatch> batches, CancellationToken cancellationToken)
    {
        if (lease.Lane == Lane.Backfill)
        {
            batches = await backfills.ByRunAsync(destination, batches, cancellationToken);
        }

        using var trouble = new CancellationTokenSource();
        var sent = await Task.WhenAll(batches.Select(batch => SendWhenFreeAsync(destination, lease, batch, trouble, cancellationToken)));
        return [.. sent.SelectMany(settlements => settlements)];
    }

    /// <summary>What backfills owe, as if owed only while their windows were open.</summary>
    internal Task<IReadOnlyList<ClaimedDelivery>> OpenWaitsAsync(IReadOnlyList<ClaimedDelivery> claim, CancellationToken cancellationToken) => backfills.OpenWaitsAsync(claim, cancellationToken);

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
        if (batch.Backfill is not null && !await backfills.MayGoAsync(batch, cancellationToken))
        {
            return [];
        }

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

        (batch, var known) = ProfileReader.Askable(destination, batch);
        if (batch.Records.Count == 0)
        {
            return known;
        }

        if (batch is { Backfill: not null, Operation: Operation.UpsertProfile } || ExistingPeople.Concerns(destination, batch))
        {
            (batch, var looked, var unread) = batch.Backfill is not null
                ? await backfills.PrepareAsync(destination, batch, cancellationToken)
                : await ExistingPeople.OnlyAsync(destination, batch, lease.Lane, cancellationToken);
            known = [.. known, .. looked];
            if (unread is not null)
            {
                return await ReportAsync(destination, lease.Lane, batch, null, unread, pass, cancellationToken) is { } later
                    ? [.. known, .. Postpone(batch, unread.Code, later)]
                    : await StopAsync(trouble);
            }

            if (batch.Records.Count == 0)
            {
                await health.RecoverAsync(pass, cancellationToken);
                return known;
            }
        }

        if (EmptyFields.Concerns(destination, batch))
        {
            (batch, var filled, var unread) = await EmptyFields.OnlyAsync(destination, batch, lease.Lane, cancellationToken);
            known = [.. known, .. filled];
            if (unread is not null)
            {
                return await ReportAsync(destination, lease.Lane, batch, null, unread, pass, cancellationToken) is { } later
                    ? [.. known, .. Postpone(batch, unread.Code, later)]
                    : await StopAsync(trouble);
            }

            if (batch.Records.Count == 0)
            {
                await health.RecoverAsync(pass, cancellationToken);
                return known;
            }
        }

        (batch, var written) = await MarkAsync(destination, lease, batch, cancellationToken);
        known = [.. known, .. written];
        if (batch.Records.Count == 0)
        {
            return written.Count > 0 ? known : await StopAsync(trouble);
        }

        var started = Stopwatch.GetTimestamp();
        var recheck = Recheck(destination, lease, batch);
        using var activity = HubTraces.Sending(destination.Name, lease.Lane, batch.Operation, batch.Records.Count);
        var receipt = await DeliverAsync(destination, lease.Lane, batch.For(target, recheck), recheck, cancellationToken);
        activity?.SetStatus(receipt.Condition is null ? ActivityStatusCode.Unset : ActivityStatusCode.Error, receipt.Condition?.Code).Stop();
        await recheck.LeaveAllAsync();
        await _denials.NoteAsync(destination, batch, receipt, recheck);
        telemetry.BatchSent(destination.Name, batch.Operation, batch.Records.Count, Stopwatch.GetElapsedTime(started));
        var settlements = await ReadAsync(destination, lease.Lane, batch, target, receipt, pass, recheck, CancellationToken.None);
        if (receipt.Condition is { } reported && ConcernsMore(reported, batch))
        {
            await trouble.CancelAsync();
        }

        return [.. known, .. settlements];
    }

    /// <summary>What decides a batch's consent again before each of its calls.</summary>
    internal ConsentRecheck Recheck(Destination destination, Lease lease, PreparedBatch batch) => new(destination, lease, batch, transactions, deliveries, time, turns.Stopping);

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
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The next answer says it again; what became of the records, nobody does.
            LogNotNoted(destination.Name, exception.GetType().Name);
        }

        var settlements = _receipts.Read(destination, batch, receipt, later, recheck);
        return batch.Operation is Operation.SetConsent or Operation.TrackEvent
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
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
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

    /// <summary>What may be sent of a batch, and what is settled because nothing of it may; nothing when that cannot be written down. Other batches keep what their vendor calls brought.</summary>
    private async Task<(PreparedBatch Batch, IReadOnlyList<Settlement> Settled)> MarkAsync(Destination destination, Lease lease, PreparedBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            var (left, settled) = await _once.OfferAsync(destination, batch, cancellationToken);
            return (left.Records.Count == 0 ? left : await marks.MarkAsync(destination, lease, left, cancellationToken), settled);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogNotMarked(destination.Name, batch.Records.Count, exception.GetType().Name);
            return (batch with { Records = [] }, []);
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
            return new Receipt { Outcomes = [.. batch.Items.Select(item => recheck.WasCleared(item.RecordId) ? ReceiptReading.Untold(destination, batch.Operation, item.RecordId, "stopped") : ReceiptReading.NotSent(item.RecordId))] };
        }
        catch (Exception exception)
        {
            LogConnectorFault(destination.Name, batch.Operation, batch.Items.Count, exception.GetType().Name, exception.StackTrace);
            return new Receipt { Outcomes = [.. batch.Items.Select(item => ReceiptReading.Untold(destination, batch.Operation, item.RecordId, "connector_fault"))] };
        }
    }

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
