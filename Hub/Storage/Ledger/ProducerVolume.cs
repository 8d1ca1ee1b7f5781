namespace IntegrationHub.Storage.Ledger;

/// <summary>What a producer stated of a type.</summary>
/// <param name="EventType">The type.</param>
/// <param name="Producer">The producer.</param>
/// <param name="LastDay">Facts taken in within the last 24 hours, by whole hours.</param>
/// <param name="Total">Facts taken in as far back as is counted.</param>
/// <param name="Quarantined">Facts set aside, likewise.</param>
/// <param name="LastAt">When the last came in.</param>
public sealed record ProducerVolume(string EventType, string Producer, long LastDay, long Total, long Quarantined, DateTimeOffset LastAt);
