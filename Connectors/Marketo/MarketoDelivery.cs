using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>One batch on its way: what is known of every item, until each has its outcome.</summary>
internal sealed class MarketoDelivery(Batch batch, TimeProvider time)
{
    /// <summary>Singling out one bad record of 300 takes 18 calls; a batch with more of them is finished on its next attempts.</summary>
    private const int MaxCalls = 64;

    private int _calls;

    public Batch Batch => batch;

    /// <summary>True when a key that nobody has is an answer, and not a reason to create somebody.</summary>
    public bool CreatesNobody => batch.UpdateOnly || batch.Operation is not (Operation.UpsertProfile or Operation.AddMember);

    public IReadOnlyList<DeliverySlot> Slots { get; } = [.. batch.Items.Select(item => new DeliverySlot(item))];

    /// <summary>Trouble of the destination, or null.</summary>
    public DestinationCondition? Condition { get; private set; }

    /// <summary>True once the vendor refused a whole call for a trouble of the destination; what is open then was not sent.</summary>
    public bool IsHalted { get; private set; }

    public List<DeliverySlot> Open(Predicate<DeliverySlot> where) => [.. Slots.Where(slot => !slot.IsSettled && where(slot))];

    /// <summary>
    /// Calls the vendor for the units, and for halves of them when it refuses the call for the sake of one of them. Once it
    /// refuses a call for a trouble of the destination, no further call is made; trouble told for single records does not stop the others.
    /// </summary>
    /// <param name="units">What to send, any number.</param>
    /// <param name="slotOf">The slot that a unit belongs to.</param>
    /// <param name="call">The call for some units, with its clearance where it writes.</param>
    /// <param name="settle">Reads a successful answer.</param>
    /// <param name="size">Most units per call.</param>
    /// <param name="appends">True when a repeat would do the work twice: a lost answer is then ambiguous.</param>
    public async Task SendAsync<T>(
        IReadOnlyList<T> units, Func<T, DeliverySlot> slotOf, Func<IReadOnlyList<T>, CallClearance, Task<MarketoAnswer>> call,
        Action<IReadOnlyList<T>, MarketoAnswer> settle, int size = MarketoDescriptor.MaxRecords, bool appends = false)
    {
        var parts = new Stack<IReadOnlyList<T>>(units.Chunk(size).Reverse());
        while (!IsHalted && parts.TryPop(out var part))
        {
            if (++_calls > MaxCalls)
            {
                SettleAll(part, slotOf, MarketoOutcomes.For(MarketoOutcomes.SplitLimit));
                continue;
            }

            var clearance = batch.ClearanceFor(part.Select(unit => slotOf(unit).Item.RecordId));
            var answer = await call(part, clearance);
            if (clearance.Withheld.Count > 0)
            {
                _calls--;
                var goOn = new List<T>(part.Count);
                foreach (var unit in part)
                {
                    if (clearance.Withheld.Contains(slotOf(unit).Item.RecordId))
                    {
                        slotOf(unit).Settle(Outcome.Withheld);
                    }
                    else
                    {
                        goOn.Add(unit);
                    }
                }

                if (goOn.Count > 0)
                {
                    parts.Push(goOn);
                }

                continue;
            }

            if (answer.Failure is not { } code)
            {
                settle(part, answer);
                continue;
            }

            if (answer.Refusal is { } refusal)
            {
                Refuse(part, slotOf, refusal);
                continue;
            }

            var row = Judge(code);
            if (row.Split && part.Count > 1)
            {
                parts.Push([.. part.Skip(part.Count / 2)]);
                parts.Push([.. part.Take(part.Count / 2)]);
                continue;
            }

            SettleAll(part, slotOf, row, answer.RetryAfter, isAmbiguous: appends && row.IsLost && !answer.WasNeverSent);
            IsHalted = row.Trouble is not null;
        }
    }

    /// <summary>Settles one slot by a row of the table, and notes the trouble of the destination that the row stands for.</summary>
    public void Settle(DeliverySlot slot, OutcomeRow row, TimeSpan? retryAfter = null)
    {
        slot.Settle(row.Outcome, row.ReasonCode);
        Note(MarketoOutcomes.Condition(row, retryAfter, time.GetUtcNow()));
    }

    /// <summary>Settles a slot of which an answer says nothing.</summary>
    public void SettleUnmentioned(DeliverySlot slot) => Settle(slot, MarketoOutcomes.For(MarketoOutcomes.Unmentioned));

    /// <summary>Settles a slot for which a call that comes before its own failed.</summary>
    public void SettleUnsent(DeliverySlot slot, MarketoAnswer answer)
    {
        if (answer.Refusal is { } refusal)
        {
            Refuse([slot], slot => slot, refusal);
            return;
        }

        var row = Judge(answer.Failure ?? MarketoAnswer.Malformed);
        Settle(slot, row, answer.RetryAfter);
        IsHalted |= row is { Trouble: not (null or DestinationTrouble.Misconfigured), ConcernsThisWorkOnly: false };
    }

    /// <summary>What a code means in this batch.</summary>
    public OutcomeRow Judge(string code) =>
        MarketoOutcomes.For(code == MarketoOutcomes.LeadNotFound && CreatesNobody ? ReasonCode.NotFound : code);

    public Receipt ToReceipt() => new() { Outcomes = [.. Slots.Select(slot => slot.ToOutcome(Condition))], Condition = Condition };

    /// <summary>Keeps the first trouble of the destination; one that concerns this work alone only until then.</summary>
    private void Note(DestinationCondition? trouble)
    {
        if (trouble is not null && (Condition is null || (Condition.ConcernsThisWorkOnly && !trouble.ConcernsThisWorkOnly)))
        {
            Condition = trouble;
        }
    }

    private void SettleAll<T>(
        IReadOnlyList<T> part, Func<T, DeliverySlot> slotOf, OutcomeRow row, TimeSpan? retryAfter = null, bool isAmbiguous = false)
    {
        foreach (var slot in part.Select(slotOf))
        {
            if (isAmbiguous)
            {
                slot.Settle(Outcome.Ambiguous, ReasonCode.Ambiguous);
            }

            Settle(slot, row, retryAfter);
        }
    }

    private void Refuse<T>(IReadOnlyList<T> part, Func<T, DeliverySlot> slotOf, DestinationCondition refusal)
    {
        Note(refusal);
        IsHalted = true;
        foreach (var unit in part)
        {
            slotOf(unit).Settle(Outcome.NotSent, refusal.Code);
        }
    }
}

/// <summary>One item of a batch and what is known of it.</summary>
internal sealed class DeliverySlot(BatchItem item)
{
    private Outcome? _outcome;
    private string? _code;

    public BatchItem Item => item;

    /// <summary>The lead id, or 0 while it is unknown.</summary>
    public long LeadId { get; set; } = long.TryParse(item.RemoteId, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;

    /// <summary>True once the lead id was looked up by the key; the vendor not knowing it is then no reason to look again.</summary>
    public bool WasResolvedAgain { get; set; }

    /// <summary>True when the vendor does not know the id that we had.</summary>
    public bool IsStale { get; private set; }

    public bool IsSettled => _outcome is not null;

    public void MarkStale() => (IsStale, LeadId) = (true, 0);

    /// <summary>Sets the outcome. A person who stands in the vendor's database twice gets two; the worse stays.</summary>
    public void Settle(Outcome outcome, string? code = null)
    {
        if (_outcome is null || Severity(outcome) > Severity(_outcome.Value))
        {
            (_outcome, _code) = (outcome, outcome is Outcome.Delivered or Outcome.Unchanged ? null : code);
        }
    }

    public RecordOutcome ToOutcome(DestinationCondition? condition)
    {
        if (_outcome is null)
        {
            Settle(condition is null ? Outcome.RetryLater : Outcome.NotSent, condition?.Code ?? MarketoOutcomes.Unmentioned);
        }

        return new()
        {
            RecordId = item.RecordId,
            Outcome = _outcome!.Value,
            Code = _code,
            RemoteId = LeadId == 0 ? null : LeadId.ToString(CultureInfo.InvariantCulture),
            RemoteIdIsGone = LeadId == 0 && item.RemoteId is not null,
        };
    }

    private static int Severity(Outcome outcome) => outcome switch
    {
        Outcome.Unchanged => 0,
        Outcome.Delivered => 1,
        Outcome.Rejected => 2,
        Outcome.RetryLater => 3,
        Outcome.NotSent => 4,
        _ => 5,
    };
}
