using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage.Deliveries;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>Reads receipts into settlements: one per record that has an outcome; what was not sent, and nothing is to be noted of, has none and keeps its row as it is.</summary>
internal sealed class ReceiptReading(DeliveryOptions options, TimeProvider time)
{
    /// <summary>When to try again for somebody whom another call wrote all the while.</summary>
    private static readonly TimeSpan _afterAnotherCall = TimeSpan.FromSeconds(1);

    /// <summary>When to look again at somebody of whom a decision cannot be read: it can when another version of the hub runs.</summary>
    private static readonly TimeSpan _untilReadable = TimeSpan.FromMinutes(1);

    /// <summary>The code of what waits for that.</summary>
    internal const string WhoIsUnreadable = "identity_unreadable";

    /// <summary>The outcome of a record that was not sent.</summary>
    public static RecordOutcome NotSent(long recordId) => new() { RecordId = recordId, Outcome = Outcome.NotSent };

    /// <summary>What it means when nobody says what became of a record: it is sent again only where that does no harm.</summary>
    public static RecordOutcome Untold(Destination destination, Operation operation, long recordId, string code) => destination.RepeatIsHarmless(operation)
        ? new RecordOutcome { RecordId = recordId, Outcome = Outcome.RetryLater, Code = code }
        : new RecordOutcome { RecordId = recordId, Outcome = Outcome.Ambiguous, Code = ReasonCode.Ambiguous };

    /// <summary>Reads a receipt.</summary>
    /// <param name="destination">Where the batch went.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="receipt">What its connector says.</param>
    /// <param name="later">When the records may be tried again because of trouble that concerns them alone, else null.</param>
    /// <param name="recheck">What decided its consent before its calls; null with a vendor's job.</param>
    public List<Settlement> Read(Destination destination, PreparedBatch batch, Receipt receipt, DateTimeOffset? later, ConsentRecheck? recheck)
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
        var maybeSent = delivery.MaybeSent || (delivery.Operation is Operation.UpsertProfile or Operation.AddMember or Operation.RemoveMember && MayHaveArrived(outcome, condition, recheck));
        var settled = new Settlement
        {
            Delivery = delivery,
            Code = outcome.Code,
            RemoteId = outcome.RemoteId,
            MaybeSent = maybeSent,
            SentKey = record.Item.Key,
            Offered = record.Offered,
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
            case Outcome.Withheld when recheck?.IsUnreadable(delivery.DeliveryId) == true:
                return settled with { Code = WhoIsUnreadable, DueAt = time.GetUtcNow() + _untilReadable };
            case Outcome.Withheld when recheck?.IsWithheld(delivery.DeliveryId) == true:
                return settled with { DueAt = time.GetUtcNow() };
            case Outcome.RetryLater when delivery.Operation is Operation.IdentifyProfile or Operation.AddAlias && outcome.Code == ReasonCode.NotFound && delivery.Attempt > 0:
                return settled with { Outcome = LedgerOutcome.Unchanged };
            case Outcome.RetryLater when delivery.Attempt + 1 >= options.MaxAttempts:
                return settled with { Outcome = LedgerOutcome.DeadLettered };
            case Outcome.RetryLater:
                var delay = RetrySchedule.Delay(options.FirstRetryDelay, options.LongestRetryDelay, delivery.Attempt + 1, Random.Shared.NextDouble());
                return settled with { DueAt = time.GetUtcNow() + delay, CostsAttempt = true };
            case Outcome.Accepted when !destination.RepeatIsHarmless(delivery.Operation):
                return settled with { Outcome = LedgerOutcome.DeadLettered, Code = ReasonCode.Ambiguous };
            case Outcome.Accepted:
                return settled with { DueAt = time.GetUtcNow() + options.LongestRetryDelay / 10 };
            case var _ when later is not null:
                return settled with { DueAt = later };
            default:
                // What was marked, or is to be remembered, is settled; the rest stays as it is.
                return destination.RepeatIsHarmless(delivery.Operation) && maybeSent == delivery.MaybeSent && outcome.RemoteId is null && record.Offered.Count == 0
                    ? null
                    : settled with { DueAt = time.GetUtcNow() };
        }
    }

    /// <summary>True when the vendor may have the record though nobody says so: its call went out, and what came back does not exclude it.</summary>
    private static bool MayHaveArrived(RecordOutcome outcome, DestinationCondition? condition, ConsentRecheck? recheck) =>
        recheck?.WasCleared(outcome.RecordId) == true
        && (outcome.Outcome is Outcome.RetryLater or Outcome.Accepted or Outcome.Withheld || (outcome.Outcome == Outcome.NotSent && condition is { Trouble: DestinationTrouble.Unavailable }));
}
