using IntegrationHub.Storage.Retention;

namespace IntegrationHub.Storage.Ledger;

/// <summary>A new fact, its place in the log, how long it stays there, and whom it is about; 0 when that is nobody known.</summary>
internal readonly record struct PlacedFact(LedgerFact Fact, FactPlace Place, FactClass Class, long ProfileId)
{
    /// <summary>The class as it stands in the table.</summary>
    public string Retention => Class switch
    {
        FactClass.Short => "short",
        FactClass.Standard => "standard",
        _ => "long",
    };
}
