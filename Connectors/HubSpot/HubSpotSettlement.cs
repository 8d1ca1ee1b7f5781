using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// What HubSpot asks of the books of a batch beyond <see cref="BatchSettlement"/>. Items are named by their index in the batch; HubSpot names them by
/// <see cref="BatchItem.RecordId"/>.
/// </summary>
internal sealed class HubSpotSettlement
{
    private readonly BatchSettlement _books;
    private readonly Dictionary<string, int> _owners = [];
    private readonly string?[] _notes;
    private readonly Dictionary<long, int> _indexes;

    public HubSpotSettlement(Batch batch)
    {
        _books = new BatchSettlement(batch, HubSpotDescriptor.Instance);
        _notes = new string?[batch.Items.Count];
        _indexes = new Dictionary<long, int>(batch.Items.Count);
        for (var i = 0; i < batch.Items.Count; i++)
        {
            _indexes.Add(batch.Items[i].RecordId, i);
        }
    }

    public IReadOnlyList<BatchItem> Items => _books.Batch.Items;

    /// <summary>Trouble of the destination; once it is set no further call is worth making.</summary>
    public DestinationCondition? Condition => _books.Condition;

    /// <inheritdoc cref="BatchSettlement.Stop" />
    public void Stop(DestinationCondition condition) => _books.Stop(condition);

    /// <summary>Finds an item by the trace id of an answer.</summary>
    public bool TryFind(long recordId, out int index) => _indexes.TryGetValue(recordId, out index);

    /// <summary>The items that are not settled yet.</summary>
    public List<int> Open() => [.. Enumerable.Range(0, Items.Count).Where(IsOpen)];

    /// <summary>The items that are not settled yet and of which HubSpot told the record id, or did not.</summary>
    public List<int> Open(bool known) => [.. Open().Where(index => known == ContactId(index) is not null)];

    public bool IsOpen(int index) => !_books.IsSettled(index);

    /// <summary>What HubSpot told as the item's record id in this delivery, or null.</summary>
    public string? ContactId(int index) => _books.RemoteId(index);

    public void Learn(int index, string? contactId) => _books.Learn(index, contactId);

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

    /// <inheritdoc cref="BatchSettlement.Lose" />
    public void Lose(int index) => _books.Lose(index);

    /// <summary>What to tell beside the outcome of an item that passes, or null.</summary>
    public string? Note(int index) => _notes[index];

    /// <summary>Notes what to tell beside the outcome of an item that passes.</summary>
    public void Note(int index, string code) => _notes[index] = _notes[index] is { } before && before != code ? $"{before};{code}" : code;

    /// <inheritdoc cref="BatchSettlement.Settle(int, Outcome, string?, Abstractions.Calls.Sent)" />
    public void Settle(int index, Outcome outcome, string? code = null) => _books.Settle(index, outcome, code);

    /// <inheritdoc cref="BatchSettlement.Settle(IEnumerable{int}, Outcome, string?, Abstractions.Calls.Sent)" />
    public void Settle(IEnumerable<int> indexes, Outcome outcome, string? code = null) => _books.Settle(indexes, outcome, code);

    /// <inheritdoc cref="BatchSettlement.ClearanceFor" />
    public CallClearance ClearanceFor(IEnumerable<int> indexes) => _books.ClearanceFor(indexes);

    /// <summary>Settles the items of a call that was not cleared for their sake.</summary>
    /// <returns>The others.</returns>
    public int[] Withhold(IReadOnlyCollection<int> indexes, CallClearance clearance)
    {
        _books.Withhold(indexes, clearance);
        return [.. indexes.Where(index => !clearance.Withheld.Contains(Items[index].RecordId))];
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

    /// <inheritdoc cref="BatchSettlement.Close" />
    public Receipt Close()
    {
        var receipt = _books.Close();
        return receipt with
        {
            Outcomes = [.. receipt.Outcomes.Select(static told => told with { IsTaken = told is { Outcome: Outcome.Rejected, Code: HubSpotReason.EmailOfAnother } })],
        };
    }
}
