using System.Text.Json.Serialization;

namespace IntegrationHub.Connectors.HubSpot.Wire;

/// <summary>A contact property. https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide</summary>
internal sealed record PropertyDefinition(
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("hasUniqueValue")] bool HasUniqueValue)
{
    /// <summary><c>string</c>, <c>number</c>, <c>date</c>, <c>datetime</c>, <c>enumeration</c>, <c>bool</c>, <c>phone_number</c>. <see cref="FieldType"/> says <c>date</c> for both times.</summary>
    [JsonPropertyName("type")]
    public string? Type { get; init; }

    /// <summary>How it is shown: <c>booleancheckbox</c> and others.</summary>
    [JsonPropertyName("fieldType")]
    public string? FieldType { get; init; }

    /// <summary>True when HubSpot computes it.</summary>
    [JsonPropertyName("calculated")]
    public bool Calculated { get; init; }

    /// <summary>True for properties that every account has, false for those that somebody made in this one; null when HubSpot does not say.</summary>
    [JsonPropertyName("hubspotDefined")]
    public bool? HubSpotDefined { get; init; }

    [JsonPropertyName("modificationMetadata")]
    public ModificationMetadata? Modification { get; init; }
}

/// <summary>What may be changed about a property.</summary>
internal sealed record ModificationMetadata([property: JsonPropertyName("readOnlyValue")] bool ReadOnlyValue);

/// <summary>All contact properties.</summary>
internal sealed record PropertyList([property: JsonPropertyName("results")] IReadOnlyList<PropertyDefinition>? Results);
