namespace IntegrationHub.Storage.Backfills;

/// <summary>A person whom a run wrote, with the keys as they are now. Holds personal data.</summary>
/// <param name="ProfileId">The person.</param>
/// <param name="ExternalId">The company's id, or null.</param>
/// <param name="Email">E-mail address, or null.</param>
/// <param name="AfterHash">By vendor field: hash of what was written.</param>
public sealed record WrittenPerson(long ProfileId, string? ExternalId, string? Email, IReadOnlyDictionary<string, string> AfterHash);
