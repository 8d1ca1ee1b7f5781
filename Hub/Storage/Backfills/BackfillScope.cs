using System.Text.Json;
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
    /// <summary>When it may be delivered, as in <c>Mon-Fri 20:00-06:00 Europe/Berlin</c>; null or empty for at any time.</summary>
    [JsonPropertyName("windows")]
    public IReadOnlyList<string>? Windows { get; init; }

    /// <summary>People per time that it may write, as <c>50/s</c>; null when only the destination's quota limits it.</summary>
    [JsonPropertyName("rate")]
    public string? Rate { get; init; }

    /// <summary>True when it creates people whom the vendor does not know and writes all its fields, as a sync does, or tells of events under their own names; false when it changes quietly what is there.</summary>
    [JsonPropertyName("loud")]
    public bool Loud { get; init; }

    /// <summary>With a replay: which facts of the log; else null.</summary>
    [JsonPropertyName("facts"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FactSelection? Facts { get; init; }

    /// <summary>True when it is about some people alone, who stand with the run.</summary>
    [JsonIgnore]
    public bool NamesPeople => Audience is not null || People is not null;

    /// <summary>What a row holds, for people and for lists; null when it cannot be read: another version wrote it, or it is damaged. Whoever is to act on it fails by itself.</summary>
    public static BackfillScope? TryRead(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<BackfillScope>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>True when a field is within the scope.</summary>
    public bool Covers(string field) => Fields is null || Fields.Contains(field);
}
