namespace IntegrationHub.Storage.Backfills;

/// <summary>What a vendor had of a person before a run wrote, and what the run wrote: only the fields that change. Holds personal data.</summary>
/// <param name="ProfileId">The person.</param>
/// <param name="Fields">By vendor field: the vendor's JSON text as it was, or an empty list when the field had no value, which is not the value null.</param>
/// <param name="AfterHash">By vendor field: hash of the value that the run writes; a rollback touches what still has it.</param>
public sealed record BeforeImage(long ProfileId, IReadOnlyDictionary<string, IReadOnlyList<string>> Fields, IReadOnlyDictionary<string, string> AfterHash);
