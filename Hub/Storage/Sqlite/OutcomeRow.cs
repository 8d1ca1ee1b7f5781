using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>A delivery that left the queue, with its outcome and what its row held.</summary>
internal readonly record struct OutcomeRow(
    Guid RunId, long ProfileId, string Destination, string Audience, short Operation, string Outcome, string? Code, int Attempts, Guid? EventId)
{
    public bool MaybeSent { get; init; }

    /// <summary>Where the event stands in the log; null when it is none.</summary>
    public FactPlace? Place { get; init; }

    /// <summary>With a change of identity: the key that it names; else null. Personal data.</summary>
    public string? NamedKey { get; init; }

    /// <summary>With two people who are to be joined: the profile that ends; else null.</summary>
    public long? OtherProfileId { get; init; }

    /// <summary>The dead letter that was sent again, or null.</summary>
    public long? LetterId { get; init; }

    /// <summary>What was decided by, or null.</summary>
    public DecisionPoint? Decided { get; init; }

    /// <summary>When the call was made that must not be repeated, in ticks; null for none.</summary>
    public long? SendingSince { get; init; }
}
