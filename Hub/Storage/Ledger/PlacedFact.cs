namespace IntegrationHub.Storage.Ledger;

/// <summary>A new fact, its place in the log and whom it is about; 0 when that is nobody known.</summary>
internal readonly record struct PlacedFact(LedgerFact Fact, FactPlace Place, long ProfileId);
