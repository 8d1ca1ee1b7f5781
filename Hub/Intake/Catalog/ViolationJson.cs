using System.Text.Json.Serialization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Catalog;

/// <summary>How facts depart from their contract, counted. Never holds a value.</summary>
/// <param name="Type">One of <c>unplanned_event</c>, <c>unplanned_property</c>, <c>required_missing</c>, <c>type_mismatch</c>, <c>not_owner</c>, <c>direction</c>, <c>not_mutable</c>, <c>conflict</c>.</param>
/// <param name="EventType">The event type, <c>list</c> where a list states it, or <c>?</c> for those that are counted together because there are too many.</param>
/// <param name="Name">Of what people did, its name; else empty.</param>
/// <param name="Path">The field, of a list the attribute; empty for the fact as a whole.</param>
/// <param name="Expected">The JSON type that the schema asks for, or null.</param>
/// <param name="Found">The JSON type that was there, or null.</param>
/// <param name="Producer">Who stated them.</param>
/// <param name="Schema">The schema, or null when the type is not known.</param>
/// <param name="Count">How many facts.</param>
/// <param name="FirstAt">When the first came in.</param>
/// <param name="LastAt">When the last came in.</param>
/// <param name="SampleEventId">Id of the newest, or null.</param>
/// <param name="Action"><c>omit</c>: the property was left out, or the attribute not taken; <c>quarantine</c>: the fact was set aside.</param>
/// <param name="Owner">Who answers for the type, or null.</param>
/// <param name="Severity"><c>high</c> when facts are not in force, else <c>low</c>.</param>
internal sealed record ViolationJson(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("event_type")] string EventType,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("path")] string Path,
    [property: JsonPropertyName("expected")] string? Expected,
    [property: JsonPropertyName("found")] string? Found,
    [property: JsonPropertyName("producer")] string Producer,
    [property: JsonPropertyName("schema")] string? Schema,
    [property: JsonPropertyName("count")] long Count,
    [property: JsonPropertyName("first_at")] DateTimeOffset FirstAt,
    [property: JsonPropertyName("last_at")] DateTimeOffset LastAt,
    [property: JsonPropertyName("sample_event_id")] string? SampleEventId,
    [property: JsonPropertyName("action")] string Action,
    [property: JsonPropertyName("owner")] string? Owner,
    [property: JsonPropertyName("severity")] string Severity)
{
    /// <summary>Shows a tally.</summary>
    public static ViolationJson From(ViolationTally tally, HubConfiguration configuration)
    {
        var violation = tally.Violation;
        var isKnown = PayloadReading.IsKnown(violation.EventType);
        return new ViolationJson(
            violation.Type, violation.EventType, violation.Name, violation.Path, violation.Expected, violation.Found, violation.Producer,
            isKnown ? CatalogEntryJson.SchemaOf(violation.EventType) : null,
            tally.Count, tally.FirstAt, tally.LastAt, violation.SampleEventId, violation.Action,
            isKnown ? CatalogEntryJson.OwnerOf(violation.EventType, configuration) : null,
            violation.Action == Violation.Quarantine ? "high" : "low");
    }
}
