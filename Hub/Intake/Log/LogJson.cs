using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using IntegrationHub.Hub.Intake.Quarantine;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Log;

/// <summary>A part of the log as the API shows it.</summary>
/// <param name="Items">Facts in the order of their positions.</param>
/// <param name="Next">What to give as <c>after</c> to go on.</param>
/// <param name="AtEnd">True when there was nothing more at this moment.</param>
internal sealed record LogJson(
    [property: JsonPropertyName("items")] IReadOnlyList<LoggedFactJson> Items,
    [property: JsonPropertyName("next")] long Next,
    [property: JsonPropertyName("at_end")] bool AtEnd)
{
    /// <summary>Shows a part, masked unless it is to be revealed.</summary>
    public static LogJson From(LogPage page, bool reveal) => new([.. page.Facts.Select(fact => LoggedFactJson.From(fact, reveal))], page.Next, page.IsLast);
}

/// <summary>A fact of the log: whose it is only as the hub's own number, what it says masked unless it is to be revealed.</summary>
/// <param name="Position">Where it stands; rises, with gaps.</param>
/// <param name="EventId">Its id.</param>
/// <param name="EventType">Its type.</param>
/// <param name="SchemaVersion">Version of its schema.</param>
/// <param name="OccurredAt">When it was so.</param>
/// <param name="ReceivedAt">When it came in.</param>
/// <param name="Producer">Who stated it.</param>
/// <param name="ProfileId">The hub's number of the person; null when that is nobody known.</param>
/// <param name="Fact">The fact, masked unless it is to be revealed; personal data then.</param>
internal sealed record LoggedFactJson(
    [property: JsonPropertyName("position")] long Position,
    [property: JsonPropertyName("event_id")] Guid EventId,
    [property: JsonPropertyName("event_type")] string EventType,
    [property: JsonPropertyName("schema_version")] int SchemaVersion,
    [property: JsonPropertyName("occurred_at")] DateTimeOffset OccurredAt,
    [property: JsonPropertyName("received_at")] DateTimeOffset ReceivedAt,
    [property: JsonPropertyName("producer")] string Producer,
    [property: JsonPropertyName("profile_id")] long? ProfileId,
    [property: JsonPropertyName("fact")] JsonObject? Fact)
{
    public static LoggedFactJson From(LoggedFact fact, bool reveal) => new(
        fact.Place.Position, fact.EventId, fact.EventType, fact.SchemaVersion, fact.OccurredAt, fact.Place.ReceivedAt, fact.Producer, fact.ProfileId,
        reveal ? JsonNode.Parse(fact.BodyJson) as JsonObject : MaskedFact.Of(Encoding.UTF8.GetBytes(fact.BodyJson)));
}
