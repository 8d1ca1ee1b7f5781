using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using Microsoft.Extensions.Options;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// Holds an audience's guardrail up where changes go out one by one. A producer that states "left" for everybody gets as far as the share that a run may remove by itself; the rest is left to
/// a run that a person looks at (<see cref="HeldMembershipsWatch"/>). Who may not be sent any more is taken out whatever the guardrail says.
/// </summary>
internal sealed partial class LiveGuardrail(HubConfiguration configuration, OutboxTransaction transactions, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<LiveGuardrail> logger)
{
    /// <summary>Reason code of a removal that is left to a run.</summary>
    public const string RemovalsHeld = "removals_held";

    /// <summary>Reason code of an addition that is left to a run.</summary>
    public const string AdditionsHeld = "additions_held";

    private static readonly Dictionary<long, Settlement> _nothing = [];

    /// <summary>Divides prepared batches into what may be sent and what is held; counts what may be sent.</summary>
    public async Task<GuardedBatches> PassAsync(Destination destination, Lease lease, IReadOnlyList<PreparedBatch> batches, CancellationToken cancellationToken)
    {
        if (lease.Lane != Lane.Live || batches.All(batch => LimitOf(batch) is null))
        {
            return GuardedBatches.Unguarded(batches);
        }

        var (passing, held, counted) = (new List<PreparedBatch>(batches.Count), new List<Settlement>(), new Dictionary<long, GuardedMembership>());
        foreach (var batch in batches)
        {
            var over = LimitOf(batch) is { } limit ? await PassAsync(destination, batch, limit, counted, cancellationToken) : _nothing;
            held.AddRange(over.Values);
            if (over.Count < batch.Records.Count)
            {
                passing.Add(over.Count == 0 ? batch : batch with { Records = [.. batch.Records.Where(record => !over.ContainsKey(record.Delivery.DeliveryId))] });
            }
        }

        return new GuardedBatches(passing, held, counted);
    }

    /// <summary>Counts back what was to pass and did not come about.</summary>
    public async Task SentAsync(GuardedBatches guarded, IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken)
    {
        var done = settlements.Where(settlement => settlement.Outcome is LedgerOutcome.Delivered or LedgerOutcome.Unchanged).Select(settlement => settlement.Delivery.DeliveryId).ToHashSet();
        foreach (var (membership, count) in guarded.Counted.Where(counted => !done.Contains(counted.Key)).CountBy(counted => counted.Value))
        {
            await transactions.RunAsync((db, _) => LiveGuards.GiveBackAsync(db, membership, count, cancellationToken), cancellationToken);
        }
    }

    /// <returns>What is held, by delivery.</returns>
    private async Task<Dictionary<long, Settlement>> PassAsync(
        Destination destination, PreparedBatch batch, Func<long, decimal> limit, Dictionary<long, GuardedMembership> counted, CancellationToken cancellationToken)
    {
        List<PreparedRecord> guarded = [.. batch.Records.Where(record => IsGuarded(destination, batch.Operation, record.Delivery))];
        if (guarded.Count == 0)
        {
            return _nothing;
        }

        var (membership, now) = (new GuardedMembership(destination.Name, batch.Audience, batch.Operation), time.GetUtcNow());
        var granted = await transactions.RunAsync(
            async (db, _) =>
            {
                var taken = await LiveGuards.TakeAsync(db, membership, guarded.Count, limit, options.Value.LiveGuardrailWindow, now, cancellationToken);
                if (taken < guarded.Count)
                {
                    await LiveGuards.HoldAsync(db, membership, guarded.Count - taken, now, cancellationToken);
                }

                return taken;
            },
            cancellationToken);
        foreach (var record in guarded.Take(granted))
        {
            counted.Add(record.Delivery.DeliveryId, membership);
        }

        if (granted < guarded.Count)
        {
            LogHeld(destination.Name, batch.Audience, guarded.Count - granted, batch.Operation);
        }

        var code = batch.Operation == Operation.RemoveMember ? RemovalsHeld : AdditionsHeld;
        return guarded.Skip(granted).ToDictionary(record => record.Delivery.DeliveryId, record => new Settlement { Delivery = record.Delivery, Outcome = LedgerOutcome.Suppressed, Code = code });
    }

    /// <summary>
    /// What a producer states about a membership. What may have been sent already is put right at once, as is whom another profile shows; and who may not be sent any more leaves, however
    /// many they are.
    /// </summary>
    private static bool IsGuarded(Destination destination, Operation operation, ClaimedDelivery delivery) =>
        delivery is { MaybeSent: false, State: { IsJoined: false, InDoubt: false } } && (operation == Operation.AddMember || destination.Decide(delivery.ConsentJson).Allowed);

    /// <summary>How many of a batch's kind may pass within a window, by the number of members; null where nothing limits them.</summary>
    private Func<long, decimal>? LimitOf(PreparedBatch batch)
    {
        var guardrail = configuration.Audiences.TryGetValue(batch.Audience, out var audience) ? audience.Guardrail : null;
        var few = options.Value.LiveGuardrailFrom;
        return (batch.Operation, guardrail) switch
        {
            (Operation.RemoveMember, { MaxRemovalShare: < 1 and var share }) => members => Math.Max(few, Written(share) * members),
            (Operation.AddMember, { MaxAdditionMultiple: { } multiple }) => members => members == 0 ? int.MaxValue : Math.Max(few, Written(multiple) * members),
            _ => null,
        };
    }

    /// <summary>The number as somebody wrote it: 0.3 of ten is three, though the nearest binary fraction is less.</summary>
    private static decimal Written(double number) => decimal.Parse(number.ToString(CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture);

    [LoggerMessage(3001, LogLevel.Warning, "{Destination}: {Count} times {Operation} of audience {Audience} held by its guardrail; a run that waits for a person takes them over")]
    private partial void LogHeld(string destination, string audience, int count, Operation operation);
}
