using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Map;

/// <summary>A field of a mapping: a row of the data dictionary.</summary>
internal sealed record MapFieldJson
{
    /// <summary>The canonical attribute that it is made from.</summary>
    [JsonPropertyName("from")] public required string From { get; init; }

    /// <summary>The vendor's field.</summary>
    [JsonPropertyName("to")] public required string To { get; init; }

    [JsonPropertyName("type")] public required string Type { get; init; }

    /// <summary>Steps over the text and words that stand for others, in a few words; empty for none.</summary>
    [JsonPropertyName("made_by")] public required string MadeBy { get; init; }

    /// <summary>What no value does.</summary>
    [JsonPropertyName("on_null")] public required string OnNull { get; init; }

    /// <summary>What a value does that cannot be turned.</summary>
    [JsonPropertyName("on_error")] public required string OnError { get; init; }

    /// <summary><c>hub</c> or <c>vendor</c>; what the vendor owns is never sent.</summary>
    [JsonPropertyName("owner")] public required string Owner { get; init; }

    [JsonPropertyName("mutability")] public required string Mutability { get; init; }

    /// <summary>The source whose word counts for the attribute; null where <c>ownership.yaml</c> names none.</summary>
    [JsonPropertyName("system_of_record"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? SystemOfRecord { get; init; }

    /// <summary><c>owner_wins</c>, <c>newest</c> or <c>flag</c>: what becomes of values of others; null without a system of record.</summary>
    [JsonPropertyName("conflict"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Conflict { get; init; }

    /// <summary><c>mutable</c>, <c>fill_empty</c>, <c>write_once</c>, <c>append_only</c> or <c>immutable</c>: how the attribute may change in profiles; null without a system of record.</summary>
    [JsonPropertyName("attribute_mutability"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? AttributeMutability { get; init; }

    /// <summary><c>in</c>, <c>out</c> or <c>both</c>: which way what the field is made of goes between the hub and the destination; null where <c>ownership.yaml</c> does not say it.</summary>
    [JsonPropertyName("attribute_direction"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? AttributeDirection { get; init; }

    /// <summary><c>public</c>, <c>personal</c> or <c>sensitive</c>; what nobody classified is personal.</summary>
    [JsonPropertyName("classification")] public required string Classification { get; init; }

    /// <summary>What policy makes of it: <c>send</c>, <c>hash</c>, <c>drop</c>, or <c>withheld</c> where no line decides.</summary>
    [JsonPropertyName("policy")] public required string Policy { get; init; }
}
