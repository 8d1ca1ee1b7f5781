using System.Text.Json.Serialization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;

namespace IntegrationHub.Hub.Intake.Catalog;

/// <summary>An event type: its contract, who answers for it, and what came in of it.</summary>
/// <param name="EventType">The type; also the routing key of raw JSON.</param>
/// <param name="Versions">Versions of the schema that are taken in.</param>
/// <param name="Schema">The newest.</param>
/// <param name="Owner">Who answers for it, by <c>facts.yaml</c>, else who decides on its contract.</param>
/// <param name="Retention">Class of its retention.</param>
/// <param name="RetentionDays">How long its facts are kept, in days.</param>
/// <param name="Slo">Class of its service level, or null.</param>
/// <param name="LastDay">Facts taken in within the last 24 hours, by whole hours.</param>
/// <param name="Total">Facts taken in as far back as is counted.</param>
/// <param name="Quarantined">Facts set aside, likewise.</param>
/// <param name="LastSeen">When the last came in, or null when none did.</param>
/// <param name="Producers">Who states such facts.</param>
/// <param name="Violations">How they depart from the contract; in a list of types without them, null.</param>
/// <param name="Findings">What is not as it used to be; in a list of types without them, null.</param>
internal sealed record CatalogEntryJson(
    [property: JsonPropertyName("event_type")] string EventType,
    [property: JsonPropertyName("versions")] IReadOnlyList<int> Versions,
    [property: JsonPropertyName("schema")] string Schema,
    [property: JsonPropertyName("owner")] string? Owner,
    [property: JsonPropertyName("retention")] string Retention,
    [property: JsonPropertyName("retention_days")] int RetentionDays,
    [property: JsonPropertyName("slo")] string? Slo,
    [property: JsonPropertyName("last_day")] long LastDay,
    [property: JsonPropertyName("total")] long Total,
    [property: JsonPropertyName("quarantined")] long Quarantined,
    [property: JsonPropertyName("last_seen")] DateTimeOffset? LastSeen,
    [property: JsonPropertyName("producers")] IReadOnlyList<CatalogProducerJson> Producers,
    [property: JsonPropertyName("violations"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ViolationJson>? Violations,
    [property: JsonPropertyName("findings"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<FindingJson>? Findings = null)
{
    /// <summary>Shows a type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="configuration">What the installation says of it.</param>
    /// <param name="retention">How long facts are kept.</param>
    /// <param name="volumes">What came in, of all types.</param>
    /// <param name="violations">How its facts depart from the contract, or null.</param>
    public static CatalogEntryJson From(string type, HubConfiguration configuration, FactRetention retention, IReadOnlyList<ProducerVolume> volumes, IReadOnlyList<ViolationTally>? violations)
    {
        CatalogProducerJson[] producers = [.. volumes.Where(volume => volume.EventType == type).Select(volume => new CatalogProducerJson(volume.Producer, volume.LastDay, volume.Total, volume.Quarantined, volume.LastAt))];
        return new CatalogEntryJson(
            type, [1], SchemaOf(type), OwnerOf(type, configuration), retention.ClassOf(type).ToString().ToLowerInvariant(), (int)retention.AgeOf(type).TotalDays, configuration.Facts.GetValueOrDefault(type)?.Slo,
            producers.Sum(producer => producer.LastDay), producers.Sum(producer => producer.Total), producers.Sum(producer => producer.Quarantined),
            producers.Length == 0 ? null : producers.Max(producer => producer.LastSeen),
            producers, violations?.Select(tally => ViolationJson.From(tally, configuration)).ToList());
    }

    /// <summary>The schema of a type.</summary>
    public static string SchemaOf(string type) => $"urn:integrationhub:schema:{type}:v1";

    /// <summary>Who answers for a type.</summary>
    public static string? OwnerOf(string type, HubConfiguration configuration) => configuration.Facts.GetValueOrDefault(type)?.Owner ?? FactPlan.Of(type).Owner;
}

/// <summary>What one producer stated of a type.</summary>
/// <param name="Producer">Its name, or <c>?</c> for those that are counted together because there are too many, or that gave none.</param>
/// <param name="LastDay">Facts taken in within the last 24 hours, by whole hours.</param>
/// <param name="Total">Facts taken in as far back as is counted.</param>
/// <param name="Quarantined">Facts set aside, likewise.</param>
/// <param name="LastSeen">When the last came in.</param>
internal sealed record CatalogProducerJson(
    [property: JsonPropertyName("producer")] string Producer,
    [property: JsonPropertyName("last_day")] long LastDay,
    [property: JsonPropertyName("total")] long Total,
    [property: JsonPropertyName("quarantined")] long Quarantined,
    [property: JsonPropertyName("last_seen")] DateTimeOffset LastSeen);
