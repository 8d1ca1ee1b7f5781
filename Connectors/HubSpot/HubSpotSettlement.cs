using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// The books of one batch: every item is settled once, and closing accounts for all of them. Items are named by their index in the
/// batch; HubSpot names them by <see cref="BatchItem.RecordId"/>.
/// </summary>
internal sealed class HubSpotSettlement
{
    private readonly Batch _batch;
    private readonly RecordOutcome?[] _outcomes;
    private readonly string?[] _contactIds;
    private readonly Dictionary<string, int> _owners = [];
    private readonly string?[] _notes;
    private readonly bool[] _gone;
    private readonly Dictionary<long, int> _indexes;

    public HubSpotSettlement(Batch batch)
    {
        _batch = batch;
        _outcomes = new RecordOutcome?[batch.Items.Count];
        _contactIds = new string?[batch.Items.Count];
        _notes = new string?[batch.Items.Count];
        _gone = new bool[batch.Items.Count];
        _indexes = new Dictionary<long, int>(batch.Items.Count);
        for (var i = 0; i < batch.Items.Count; i++)
        {
            _indexes.Add(batch.Items[i].RecordId, i);
        }
    }

    public IReadOnlyList<BatchItem> Items => _batch.Items;

    /// <summary>Trouble of the destination; once it is set no further call is worth making.</summary>
    public DestinationCondition? Condition { get; private set; }

    /// <summary>The first trouble counts.</summary>
    public void Stop(DestinationCondition condition) => Condition ??= condition;

    /// <summary>Finds an item by the trace id of an answer.</summary>
    public bool TryFind(long recordId, out int index) => _indexes.TryGetValue(recordId, out index);

    /// <summary>The items that are not settled yet.</summary>
    public List<int> Open() => [.. Enumerable.Range(0, _outcomes.Length).Where(IsOpen)];

    /// <summary>The items that are not settled yet and of which HubSpot told the record id, or did not.</summary>
    public List<int> Open(bool known) => [.. Open().Where(index => known == ContactId(index) is not null)];

    public bool IsOpen(int index) => _outcomes[index] is null;

    /// <summary>What HubSpot told as the item's record id in this delivery, or null.</summary>
    public string? ContactId(int index) => _contactIds[index];

    public void Learn(int index, string? contactId) => _contactIds[index] = contactId;

    /// <summary>Learns an item's record id, unless another item of the batch has it: two people are never one contact.</summary>
    public bool TryLearn(int index, string contactId)
    {
        if (!_owners.TryAdd(contactId, index) && _owners[contactId] != index)
        {
            return false;
        }

        Learn(index, contactId);
        return true;
    }

    /// <summary>HubSpot says that nobody has the record id by which the item was sent or is remembered.</summary>
    public void Lose(int index) => (_contactIds[index], _gone[index]) = (null, true);

    /// <summary>What to tell beside the outcome of an item that passes, or null.</summary>
    public string? Note(int index) => _notes[index];

    /// <summary>Notes what to tell beside the outcome of an item that passes.</summary>
    public void Note(int index, string code) => _notes[index] = _notes[index] is { } before && before != code ? $"{before};{code}" : code;

    /// <summary>
    /// Settles an item that is still open; a settled one stays as it is. One that is tried again keeps the record id that the hub
    /// remembers, unless HubSpot said that nobody has it.
    /// </summary>
    public void Settle(int index, Outcome outcome, string? code = null)
        => _outcomes[index] ??= new RecordOutcome
        {
            RecordId = Items[index].RecordId,
            Outcome = outcome,
            Code = code,
            RemoteId = _contactIds[index] ?? (outcome is Outcome.RetryLater or Outcome.NotSent or Outcome.Withheld && !_gone[index] ? Items[index].RemoteId : null),
            RemoteIdIsGone = _gone[index] && _contactIds[index] is null && Items[index].RemoteId is not null,
            IsTaken = outcome == Outcome.Rejected && code == HubSpotReason.EmailOfAnother,
        };

    /// <summary>The clearance for a call that writes the items.</summary>
    public CallClearance ClearanceFor(IEnumerable<int> indexes) => _batch.ClearanceFor(indexes.Select(index => Items[index].RecordId));

    /// <summary>Settles the items of a call that was not cleared for their sake.</summary>
    /// <returns>The others.</returns>
    public int[] Withhold(IEnumerable<int> indexes, CallClearance clearance)
    {
        var byFate = indexes.ToLookup(index => clearance.Withheld.Contains(Items[index].RecordId));
        foreach (var index in byFate[true])
        {
            Settle(index, Outcome.Withheld);
        }

        return [.. byFate[false]];
    }

    /// <summary>Applies what an error means for an item.</summary>
    public void Apply(int index, Judgement judgement)
    {
        switch (judgement.Verdict)
        {
            case Verdict.Stop:
                Stop(judgement.Condition!);
                Settle(index, Outcome.NotSent, judgement.Code);
                break;
            case Verdict.Unchanged:
                Settle(index, Outcome.Unchanged);
                break;
            case Verdict.Reject:
                Settle(index, Outcome.Rejected, judgement.Code);
                break;
            default:
                Settle(index, Outcome.RetryLater, judgement.Code);
                break;
        }
    }

    /// <summary>One outcome per item: what is still open was not sent when the destination is in trouble, and else was not mentioned.</summary>
    public Receipt Close()
    {
        var outcomes = new RecordOutcome[_outcomes.Length];
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (Condition is not null)
            {
                Settle(i, Outcome.NotSent, Condition.Code);
            }
            else
            {
                Settle(i, Outcome.RetryLater, HubSpotReason.NotMentioned);
            }

            outcomes[i] = _outcomes[i]!.Value;
        }

        return new Receipt { Outcomes = outcomes, Condition = Condition };
    }
}
