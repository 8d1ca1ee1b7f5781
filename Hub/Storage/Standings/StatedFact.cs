namespace IntegrationHub.Storage.Standings;

/// <summary>A fact about a person, without what it says.</summary>
/// <param name="Position">Its position in the log.</param>
/// <param name="EventId">Its id.</param>
/// <param name="EventType">Its type.</param>
/// <param name="Producer">Who stated it.</param>
/// <param name="OccurredAt">When it was so.</param>
/// <param name="ReceivedAt">When the hub took it in.</param>
public sealed record StatedFact(long Position, Guid EventId, string EventType, string Producer, DateTimeOffset OccurredAt, DateTimeOffset ReceivedAt);
