namespace IntegrationHub.Storage.Ledger;

/// <summary>Whom a question about consent is about. Holds personal data.</summary>
/// <param name="People">Everybody who may be meant; nobody when the keys are not known.</param>
/// <param name="IsContested">True when nobody can tell whose a key is.</param>
public sealed record FoundSubject(IReadOnlyList<ConsentHolder> People, bool IsContested);
