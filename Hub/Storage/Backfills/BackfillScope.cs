using System.Text.Json.Serialization;

namespace IntegrationHub.Storage.Backfills;

/// <summary>What a backfill is about, as it was asked for. Names nobody: a list of people stands with the run as profile ids.</summary>
/// <param name="Kind">One of <see cref="Contracts.Backfills.BackfillKind"/>.</param>
/// <param name="Audience">Key of the audience whose members it is about; null for none.</param>
/// <param name="People">People of a list who are known; null when no list was given. With an audience: those of them who are its members.</param>
/// <param name="Fields">Vendor fields that are written; null for all that the mapping writes.</param>
/// <param name="RollsBack">With a rollback: the run whose writes are taken back; else null.</param>
public sealed record BackfillScope(
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("audience")] string? Audience = null,
    [property: JsonPropertyName("people")] int? People = null,
    [property: JsonPropertyName("fields")] IReadOnlyList<string>? Fields = null,
    [property: JsonPropertyName("rolls_back")] Guid? RollsBack = null)
{
    /// <summary>True when a field is within the scope.</summary>
    public bool Covers(string field) => Fields is null || Fields.Contains(field);
}
