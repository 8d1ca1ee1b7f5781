using System.Globalization;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Marketo;

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
