using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Braze;

/// <summary>
/// What became of a batch, while it is delivered. Items are known by their place in the batch; each is settled once, and what is settled
/// takes no part in further calls.
/// </summary>
internal sealed class BrazeSettlement(Batch batch)
{
    private readonly RecordOutcome?[] _outcomes = new RecordOutcome?[batch.Items.Count];

    public Batch Batch => batch;

    /// <summary>What is wrong with the destination; once it is set, nothing more is sent.</summary>
    public DestinationCondition? Condition { get; private set; }

    /// <summary>The items that are not settled; none once the destination is in trouble.</summary>
    public int[] Open => Condition is null ? [.. Enumerable.Range(0, _outcomes.Length).Where(item => _outcomes[item] is null)] : [];

    public BatchItem this[int item] => batch.Items[item];

    public void Settle(int item, Outcome outcome, string? code = null)
        => _outcomes[item] ??= new RecordOutcome { RecordId = batch.Items[item].RecordId, Outcome = outcome, Code = code };

    public void Settle(int item, BrazeVerdict verdict)
    {
        if (verdict.Unsure && !BrazeDescriptor.Instance.Operations[batch.Operation].RepeatIsHarmless)
        {
            Settle(item, Outcome.Ambiguous, ReasonCode.Ambiguous);
            return;
        }

        Settle(item, verdict.Outcome, verdict.Code);
    }

    public void Settle(IEnumerable<int> items, BrazeVerdict verdict)
    {
        foreach (var item in items)
        {
            Settle(item, verdict);
        }
    }

    /// <summary>The clearance for a call that writes the items.</summary>
    public CallClearance ClearanceFor(IEnumerable<int> items) => batch.ClearanceFor(items.Select(item => batch.Items[item].RecordId));

    /// <summary>Settles the items of a call that was not cleared for their sake.</summary>
    /// <returns>The others.</returns>
    public int[] Withhold(IEnumerable<int> items, CallClearance clearance)
    {
        var byFate = items.ToLookup(item => clearance.Withheld.Contains(batch.Items[item].RecordId));
        Settle(byFate[true], new BrazeVerdict(Outcome.Withheld, null, null));
        return [.. byFate[false]];
    }

    public void SettleDelivered(IEnumerable<int> items) => Settle(items, new BrazeVerdict(Outcome.Delivered, null, null));

    public void Stop(DestinationCondition condition) => Condition ??= condition;

    /// <summary>Ends it: what is still open was not sent, or not mentioned.</summary>
    public Receipt Close()
    {
        Settle(
            Enumerable.Range(0, _outcomes.Length),
            Condition is { } condition ? new BrazeVerdict(Outcome.NotSent, condition.Trouble, condition.Code) : BrazeOutcomes.NotMentioned);
        return new Receipt { Outcomes = [.. _outcomes.Select(outcome => outcome!.Value)], Condition = Condition };
    }
}
