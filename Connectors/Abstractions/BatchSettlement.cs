using IntegrationHub.Connectors.Abstractions.Calls;

namespace IntegrationHub.Connectors.Abstractions;

/// <summary>
/// What became of a batch, while it is delivered: one outcome per record. Records are known by their place in the batch; each is settled
/// once, by the first word on it, and what is settled takes no part in further calls. Not thread-safe.
/// </summary>
/// <param name="batch">The batch.</param>
/// <param name="descriptor">The connector: which of its operations may be repeated, and the name before its codes.</param>
public sealed class BatchSettlement(Batch batch, ConnectorDescriptor descriptor)
{
    private readonly RecordOutcome?[] _outcomes = new RecordOutcome?[batch.Items.Count];
    private readonly string?[] _remoteIds = new string?[batch.Items.Count];
    private readonly bool[] _lost = new bool[batch.Items.Count];
    private readonly bool _repeatIsHarmless = descriptor.Operations.TryGetValue(batch.Operation, out var limits)
        ? limits.RepeatIsHarmless
        : throw new ArgumentException($"{descriptor.DisplayName} has no {batch.Operation}; the descriptor does not list it.", nameof(batch));

    /// <summary>The batch.</summary>
    public Batch Batch => batch;

    /// <summary>What is wrong with the destination, or null; once it is set, nothing more is sent.</summary>
    public DestinationCondition? Condition { get; private set; }

    /// <summary>The places of the records that are not settled; none once the destination is in trouble.</summary>
    public int[] Open => Condition is null ? [.. Enumerable.Range(0, _outcomes.Length).Where(item => _outcomes[item] is null)] : [];

    /// <summary>The record at a place.</summary>
    public BatchItem this[int item] => batch.Items[item];

    /// <summary>True when it is said what became of a record.</summary>
    public bool IsSettled(int item) => _outcomes[item] is not null;

    /// <summary>True when a record is not settled and may still be sent.</summary>
    public bool IsOpen(int item) => Condition is null && _outcomes[item] is null;

    /// <summary>Notes the vendor's id of a person; the record's outcome will tell it.</summary>
    public void Learn(int item, string? remoteId) => _remoteIds[item] = remoteId;

    /// <summary>The vendor says that nobody has the id by which the person was sent or is remembered.</summary>
    public void Lose(int item) => (_remoteIds[item], _lost[item]) = (null, true);

    /// <summary>The vendor's id of the person that this delivery learned, or null.</summary>
    public string? RemoteId(int item) => _remoteIds[item];

    /// <summary>
    /// Settles a record, unless it is settled already. One that is tried again keeps the vendor's id that the hub remembers, unless the vendor said that
    /// nobody has it.
    /// </summary>
    /// <param name="item">Its place.</param>
    /// <param name="outcome">What became of it.</param>
    /// <param name="code">Why; null for what was done.</param>
    /// <param name="sent">
    /// Whether the call that this follows from reached the vendor. What may have been done and must not be repeated is ambiguous instead.
    /// </param>
    public void Settle(int item, Outcome outcome, string? code = null, Sent sent = Sent.Yes)
    {
        var isAmbiguous = sent == Sent.Maybe && !_repeatIsHarmless && outcome is Outcome.RetryLater or Outcome.NotSent;
        _outcomes[item] ??= new RecordOutcome
        {
            RecordId = batch.Items[item].RecordId,
            Outcome = isAmbiguous ? Outcome.Ambiguous : outcome,
            Code = isAmbiguous ? ReasonCode.Ambiguous : code,
            RemoteId = _remoteIds[item] ?? (IsTriedAgain(outcome) && !isAmbiguous && !_lost[item] ? batch.Items[item].RemoteId : null),
            RemoteIdIsGone = _lost[item] && _remoteIds[item] is null && batch.Items[item].RemoteId is not null,
        };
    }

    /// <summary>
    /// Settles a record of which several words may come, as when one person stands in the vendor's database twice: the worst counts, and what was done least.
    /// </summary>
    public void Worsen(int item, Outcome outcome, string? code = null)
    {
        if (_outcomes[item] is { } told && Severity(outcome) <= Severity(told.Outcome))
        {
            return;
        }

        _outcomes[item] = null;
        Settle(item, outcome, code);
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

    private static bool IsTriedAgain(Outcome outcome) => outcome is Outcome.RetryLater or Outcome.NotSent or Outcome.Withheld;

    /// <summary>Settles records alike.</summary>
    public void Settle(IEnumerable<int> items, Outcome outcome, string? code = null, Sent sent = Sent.Yes)
    {
        foreach (var item in items)
        {
            Settle(item, outcome, code, sent);
        }
    }

    /// <summary>The clearance for a call that writes the records.</summary>
    public CallClearance ClearanceFor(IEnumerable<int> items) => batch.ClearanceFor(items.Select(item => batch.Items[item].RecordId));

    /// <summary>Settles those records of a call that were withheld from it.</summary>
    public void Withhold(IEnumerable<int> items, CallClearance clearance) =>
        Settle(items.Where(item => clearance.Withheld.Contains(batch.Items[item].RecordId)), Outcome.Withheld);

    /// <summary>Notes what is wrong with the destination; the first trouble counts.</summary>
    public void Stop(DestinationCondition condition) => Condition ??= condition;

    /// <summary>Ends it: what is still open was not sent when the destination is in trouble, and else was not mentioned by any answer.</summary>
    public Receipt Close()
    {
        Settle(
            Enumerable.Range(0, _outcomes.Length), Condition is null ? Outcome.RetryLater : Outcome.NotSent,
            Condition?.Code ?? $"{descriptor.Name}_not_mentioned");
        return new Receipt { Outcomes = [.. _outcomes.Select(outcome => outcome!.Value)], Condition = Condition };
    }
}
