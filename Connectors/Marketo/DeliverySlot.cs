using System.Globalization;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>One item of a batch and the lead that it is; what became of it stands in the books of the batch.</summary>
internal sealed class DeliverySlot
{
    private readonly BatchSettlement _books;
    private readonly int _place;

    public DeliverySlot(BatchSettlement books, int place)
    {
        (_books, _place) = (books, place);
        if (Item.RemoteId is { } told)
        {
            LeadId = long.TryParse(told, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;
        }
    }

    public BatchItem Item => _books[_place];

    /// <summary>The lead id, or 0 while it is unknown.</summary>
    public long LeadId
    {
        get;
        set
        {
            field = value;
            if (value == 0)
            {
                _books.Lose(_place);
            }
            else
            {
                _books.Learn(_place, value.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>True once the lead id was looked up by the key; the vendor not knowing it is then no reason to look again.</summary>
    public bool WasResolvedAgain { get; set; }

    /// <summary>True when the vendor does not know the id that we had.</summary>
    public bool IsStale { get; private set; }

    public bool IsSettled => _books.IsSettled(_place);

    public void MarkStale() => (IsStale, LeadId) = (true, 0);

    /// <summary>Settles the record. A person who stands in the vendor's database twice is told of twice; the worse word stays.</summary>
    public void Settle(Outcome outcome, string? code = null) => _books.Worsen(_place, outcome, outcome is Outcome.Delivered or Outcome.Unchanged ? null : code);
}
