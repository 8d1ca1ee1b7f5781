using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>One batch on its way: what is known of every item, until each has its outcome.</summary>
internal sealed class MarketoDelivery(Batch batch, TimeProvider time)
{
    /// <summary>Singling out one bad record of 300 takes 18 calls; a batch with more of them is finished on its next attempts.</summary>
    private const int MaxCalls = 64;

    private readonly BatchSettlement _books = new(batch, MarketoDescriptor.Value);
    private List<DeliverySlot>? _slots;
    private int _calls;

    public Batch Batch => batch;

    /// <summary>True when a key that nobody has is an answer, and not a reason to create somebody.</summary>
    public bool CreatesNobody => batch.UpdateOnly || batch.Operation is not (Operation.UpsertProfile or Operation.AddMember);

    private List<DeliverySlot> Slots => _slots ??= [.. Enumerable.Range(0, batch.Items.Count).Select(place => new DeliverySlot(_books, place))];

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
        foreach (var chunk in units.Chunk(size).TakeWhile(_ => !IsHalted))
        {
            var left = await Halves.SendAsync(chunk, Math.Max(0, MaxCalls - _calls), SendPartAsync, () => IsHalted);
            if (!IsHalted)
            {
                SettleAll(left, slotOf, MarketoOutcomes.For(MarketoOutcomes.SplitLimit));
            }
        }

        async Task<Part> SendPartAsync(IReadOnlyList<T> part)
        {
            _calls++;
            var clearance = batch.ClearanceFor(part.Select(unit => slotOf(unit).Item.RecordId));
            var answer = await call(part, clearance);
            if (clearance.Withheld.Count > 0)
            {
                _calls--;
                var byFate = part.ToLookup(unit => clearance.Withheld.Contains(slotOf(unit).Item.RecordId));
                foreach (var unit in byFate[true])
                {
                    slotOf(unit).Settle(Outcome.Withheld);
                }

                return byFate.Contains(false) ? await SendPartAsync([.. byFate[false]]) : Part.Sent;
            }

            if (answer.Failure is not { } code)
            {
                settle(part, answer);
            }
            else if (answer.Refusal is { } refusal)
            {
                Refuse(part, slotOf, refusal);
            }
            else
            {
                var row = Judge(code);
                if (row.Split && part.Count > 1)
                {
                    return Part.Refused;
                }

                SettleAll(part, slotOf, row, answer.RetryAfter, isAmbiguous: appends && row.IsLost && !answer.WasNeverSent);
                IsHalted = row.Trouble is not null;
            }

            return Part.Sent;
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

    public Receipt ToReceipt()
    {
        foreach (var slot in Condition is null ? Open(_ => true) : [])
        {
            slot.Settle(Outcome.RetryLater, MarketoOutcomes.Unmentioned);
        }

        if (Condition is not null)
        {
            _books.Stop(Condition);
        }

        return _books.Close();
    }

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
