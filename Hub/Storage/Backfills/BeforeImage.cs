namespace IntegrationHub.Storage.Backfills;

/// <summary>What a vendor had of a person before a run wrote, and what the run wrote: only the fields that change. Holds personal data.</summary>
/// <param name="ProfileId">The person.</param>
/// <param name="Fields">By vendor field: the vendor's JSON text as it was, or an empty list when the field had no value, which is not the value null.</param>
/// <param name="AfterHash">By vendor field: hash of the value that the run writes; a rollback touches what still has it.</param>
public sealed record BeforeImage(long ProfileId, IReadOnlyDictionary<string, IReadOnlyList<string>> Fields, IReadOnlyDictionary<string, string> AfterHash)
{
    /// <summary>False when the vendor did not know the person, so that the run created them: a rollback leaves them.</summary>
    public bool Existed { get; init; } = true;

    /// <summary>By vendor field: hashes of the values that earlier attempts of the run wrote, or were about to, when the person's value has changed between them; usually empty.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> EarlierHashes { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>True when what the vendor had is sealed and does not open: it was damaged. Then no field is known.</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>Hashes of all values that the run wrote in a field, or was about to, in one of its attempts; empty for a field that it did not write.</summary>
    public IReadOnlyList<string> OwnHashes(string field) =>
        [.. AfterHash.TryGetValue(field, out var hash) ? [hash] : Array.Empty<string>(), .. EarlierHashes.GetValueOrDefault(field, [])];
}
