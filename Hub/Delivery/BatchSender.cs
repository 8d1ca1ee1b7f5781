using System.Diagnostics;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Storage.Deliveries;
using Microsoft.Extensions.Options;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>Sends prepared batches and reads their receipts into settlements: one per record that has an outcome; what was not sent keeps its row as it is.</summary>
internal sealed partial class BatchSender(
    AudienceTargets targets,
    SendingMarks marks,
    DestinationHealth health,
    HubTelemetry telemetry,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<BatchSender> logger)
{
    /// <summary>Sends the batches side by side, as many as the connector admits, and stops starting new ones once the destination is in trouble.</summary>
    internal async Task<IReadOnlyList<Settlement>> SendAsync(Destination destination, Lease lease, IReadOnlyList<PreparedBatch> batches, CancellationToken cancellationToken)
    {
        CallLane.Current = lease.Lane;
        using var trouble = new CancellationTokenSource();
        var sent = await Task.WhenAll(batches.Select(batch => SendWhenFreeAsync(destination, lease, batch, trouble, cancellationToken)));
        return [.. sent.SelectMany(settlements => settlements)];
    }

    private async Task<IReadOnlyList<Settlement>> SendWhenFreeAsync(
        Destination destination, Lease lease, PreparedBatch batch, CancellationTokenSource trouble, CancellationToken cancellationToken)
    {
        var slots = destination.Slots(lease.Lane);
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

    private async Task<IReadOnlyList<Settlement>> SendOneAsync(Destination destination, Lease lease, PreparedBatch batch, CancellationTokenSource trouble, CancellationToken cancellationToken)
    {
        AudienceTarget? target = null;
        if (batch.Audience.Length > 0)
        {
            (target, var condition) = await targets.FindAsync(destination, batch.Audience, cancellationToken);
            if (target is null)
            {
                await trouble.CancelAsync();
                await health.ReportAsync(destination.Name, CallLane.Current, condition!, cancellationToken);
                return [];
            }
        }

        batch = await MarkAsync(destination, lease, batch, cancellationToken);
        if (batch.Records.Count == 0)
        {
            await trouble.CancelAsync();
            return [];
        }

        var started = Stopwatch.GetTimestamp();
        var receipt = await DeliverAsync(destination, new Batch { Operation = batch.Operation, Audience = target, Items = [.. batch.Records.Select(record => record.Item)] }, cancellationToken);
        telemetry.BatchSent(destination.Name, batch.Operation, batch.Records.Count, Stopwatch.GetElapsedTime(started));
        if (receipt.Condition is not null)
        {
            await trouble.CancelAsync();
        }

        return await ReadAsync(destination, CallLane.Current, batch, receipt, cancellationToken);
    }

    /// <summary>Reads a receipt: one settlement per record that has an outcome, and what it tells about the destination.</summary>
    internal async Task<IReadOnlyList<Settlement>> ReadAsync(Destination destination, string lane, PreparedBatch batch, Receipt receipt, CancellationToken cancellationToken)
    {
        try
        {
            await (receipt.Condition is { } reported
                ? health.ReportAsync(destination.Name, lane, reported, cancellationToken)
                : health.RecoverAsync(destination.Name, cancellationToken));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The next answer says it again; what became of the records, nobody does.
            LogNotNoted(destination.Name, exception.GetType().Name);
        }

        return Read(destination, batch, receipt);
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

    private async Task<Receipt> DeliverAsync(Destination destination, Batch batch, CancellationToken cancellationToken)
    {
        try
        {
            return await destination.Connector.DeliverAsync(batch, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogConnectorFault(destination.Name, batch.Operation, batch.Items.Count, exception.GetType().Name, exception.StackTrace);
            return new Receipt { Outcomes = [.. batch.Items.Select(item => Untold(destination, batch.Operation, item.RecordId, "connector_fault"))] };
        }
    }

    /// <summary>What it means when nobody says what became of a record: it is sent again only where that does no harm.</summary>
    private static RecordOutcome Untold(Destination destination, Operation operation, long recordId, string code) => destination.RepeatIsHarmless(operation)
        ? new RecordOutcome { RecordId = recordId, Outcome = Outcome.RetryLater, Code = code }
        : new RecordOutcome { RecordId = recordId, Outcome = Outcome.Ambiguous, Code = ReasonCode.Ambiguous };

    private List<Settlement> Read(Destination destination, PreparedBatch batch, Receipt receipt)
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
            if (Settle(destination, record, outcome) is { } settlement)
            {
                settlements.Add(settlement);
            }
        }

        return settlements;
    }

    private Settlement? Settle(Destination destination, PreparedRecord record, RecordOutcome outcome)
    {
        var settled = new Settlement { Delivery = record.Delivery, Code = outcome.Code, RemoteId = outcome.RemoteId };
        switch (outcome.Outcome)
        {
            case Outcome.Delivered or Outcome.Unchanged:
                return settled with
                {
                    Outcome = outcome.Outcome == Outcome.Delivered ? LedgerOutcome.Delivered : LedgerOutcome.Unchanged,
                    Code = outcome.Code ?? record.Note,
                    ConfirmedHash = record.ContentHash,
                    PlanVersion = record.ContentHash is null ? null : destination.PlanVersion,
                };
            case Outcome.Rejected:
                return settled with { Outcome = LedgerOutcome.Rejected };
            case Outcome.Ambiguous:
                return settled with { Outcome = LedgerOutcome.DeadLettered, Code = outcome.Code ?? ReasonCode.Ambiguous };
            case Outcome.RetryLater when record.Delivery.Attempt + 1 >= options.Value.MaxAttempts:
                return settled with { Outcome = LedgerOutcome.DeadLettered };
            case Outcome.RetryLater:
                var delay = RetrySchedule.Delay(options.Value.FirstRetryDelay, options.Value.LongestRetryDelay, record.Delivery.Attempt + 1, Random.Shared.NextDouble());
                return settled with { DueAt = time.GetUtcNow() + delay, CostsAttempt = true, ForgetRemoteId = record.Delivery.RemoteId is not null && outcome.RemoteId is null };
            case Outcome.Accepted when !destination.RepeatIsHarmless(record.Delivery.Operation):
                return settled with { Outcome = LedgerOutcome.DeadLettered, Code = ReasonCode.Ambiguous };
            case Outcome.Accepted:
                return settled with { DueAt = time.GetUtcNow() + options.Value.LongestRetryDelay / 10 };
            default:
                // What was marked is settled, so that the mark goes.
                return destination.RepeatIsHarmless(record.Delivery.Operation) ? null : settled with { DueAt = time.GetUtcNow() };
        }
    }

    [LoggerMessage(1132, LogLevel.Warning, "Could not write down that {Records} records are about to be sent to {Destination} ({Error}): they are not sent now")]
    private partial void LogNotMarked(string destination, int records, string error);

    [LoggerMessage(1133, LogLevel.Warning, "Could not note how {Destination} stands ({Error})")]
    private partial void LogNotNoted(string destination, string error);

    [LoggerMessage(1131, LogLevel.Error, "The connector of {Destination} failed on {Operation} of {Records} records ({Error}); they are tried again, or dead-lettered as ambiguous where a repeat would double\n{Stack}")]
    private partial void LogConnectorFault(string destination, Operation operation, int records, string error, string? stack);
}
