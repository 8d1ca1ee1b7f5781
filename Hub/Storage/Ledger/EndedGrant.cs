namespace IntegrationHub.Storage.Ledger;

/// <summary>A grant that a rule may have ended. Holds personal data.</summary>
/// <param name="SubjectKey">The key that it stands under.</param>
/// <param name="DecidedAt">When it was given.</param>
internal readonly record struct EndedGrant(string SubjectKey, DateTimeOffset DecidedAt);
