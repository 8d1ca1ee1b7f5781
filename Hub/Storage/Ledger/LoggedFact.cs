namespace IntegrationHub.Storage.Ledger;

/// <summary>A fact as it stands in the log. Holds personal data.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="EventId">Its id.</param>
/// <param name="EventType">Its type.</param>
/// <param name="SchemaVersion">Version of its schema.</param>
/// <param name="OccurredAt">When it was so.</param>
/// <param name="Producer">Who stated it.</param>
/// <param name="ProfileId">Whom it is about; null when that is nobody known.</param>
/// <param name="BodyJson">The fact as it came in.</param>
public sealed record LoggedFact(
    FactPlace Place, Guid EventId, string EventType, int SchemaVersion, DateTimeOffset OccurredAt, string Producer, long? ProfileId, string BodyJson)
{
    /// <summary>The producer's name for what it belongs to, or null.</summary>
    public string? CorrelationId { get; init; }
}
