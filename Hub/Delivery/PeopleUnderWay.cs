using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>Settlements that would be final, or cost an attempt, had not somebody else's write to come first: they wait for it.</summary>
internal sealed class PeopleUnderWay(OutboxTransaction transactions, IDeliveryStore deliveries, DeliveryOptions options, TimeProvider time)
{
    /// <summary>
    /// A consent, or an event, of somebody whom the vendor does not know waits while a run may make the person known there: a person would be mailed without the
    /// consent, and a first sync may take hours, longer than an event's attempts. Where nobody is about to come there is nobody to tell of a consent; should the
    /// person come later, it is owed again. An event goes the way of every other one then.
    /// </summary>
    public async Task<IReadOnlyList<Settlement>> AwaitArrivalAsync(Destination destination, IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken)
    {
        var unknown = settlements.Where(IsOfNobody).ToList();
        if (unknown.Count == 0)
        {
            return settlements;
        }

        var now = time.GetUtcNow();
        IReadOnlyDictionary<long, bool> expected;
        try
        {
            expected = await transactions.ReadAsync(db => deliveries.FindExpectedAsync(db, destination.Name, [.. unknown.Select(settlement => settlement.Delivery.ProfileId)], cancellationToken));
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            expected = unknown.DistinctBy(settlement => settlement.Delivery.ProfileId).ToDictionary(settlement => settlement.Delivery.ProfileId, _ => false);
        }

        return [.. settlements.Select(settlement => !IsOfNobody(settlement) ? settlement
            : expected.TryGetValue(settlement.Delivery.ProfileId, out var isKnown) && !isKnown ? Wait(settlement, now)
            : settlement.Delivery.Operation == Operation.TrackEvent ? settlement
            : isKnown ? Retry(settlement) ?? settlement with { Outcome = LedgerOutcome.DeadLettered }
            : settlement with { Outcome = LedgerOutcome.Unchanged })];
    }

    /// <summary>
    /// Who is refused for what another person has at the vendor waits while that one gives it up in the same run: an address that moves from one person to
    /// another may come to the second one first. Where nobody is about to give it up, or not in time, the refusal stands.
    /// </summary>
    public async Task<IReadOnlyList<Settlement>> AwaitGivenUpAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken)
    {
        var refused = settlements.Where(IsTaken).ToList();
        if (refused.Count == 0)
        {
            return settlements;
        }

        IReadOnlySet<long> givenUp;
        try
        {
            givenUp = await transactions.ReadAsync(db => deliveries.FindGivenUpAsync(db, [.. refused.Select(settlement => settlement.Delivery)], cancellationToken));
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            givenUp = refused.Select(settlement => settlement.Delivery.ProfileId).ToHashSet();
        }

        return [.. settlements.Select(settlement => IsTaken(settlement) && givenUp.Contains(settlement.Delivery.ProfileId) ? Retry(settlement) ?? settlement : settlement)];
    }

    private static bool IsOfNobody(Settlement settlement) =>
        settlement is { Code: ReasonCode.NotFound, Delivery.Operation: Operation.TrackEvent } or { Outcome: LedgerOutcome.Rejected, Code: ReasonCode.NotFound, Delivery.Operation: Operation.SetConsent };

    private static bool IsTaken(Settlement settlement) => settlement is { Outcome: LedgerOutcome.Rejected, IsTaken: true };

    /// <summary>Consents are urgent; what many events wait for is asked less often, since each look costs a call.</summary>
    private Settlement Wait(Settlement settlement, DateTimeOffset now) => settlement with
    {
        Outcome = null, DueAt = now + (settlement.Delivery.Operation == Operation.TrackEvent ? options.AwaitPersonOfEvent : options.AwaitPerson), CostsAttempt = false,
    };

    /// <summary>The next attempt; null when there is none.</summary>
    private Settlement? Retry(Settlement settlement) => settlement.Delivery.Attempt + 1 >= options.MaxAttempts ? null : settlement with
    {
        Outcome = null,
        DueAt = time.GetUtcNow() + RetrySchedule.Delay(options.FirstRetryDelay, options.LongestRetryDelay, settlement.Delivery.Attempt + 1, Random.Shared.NextDouble()),
        CostsAttempt = true,
    };
}
