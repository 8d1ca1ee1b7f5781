namespace IntegrationHub.Storage.Deliveries;

/// <summary>Where a destination's urgent work stands in the queue.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="StreamId">Its <see cref="LiveStream"/> of the urgent lane.</param>
/// <param name="Partitions">Partitions that people are spread over.</param>
internal sealed record UrgentStream(string Destination, Guid StreamId, int Partitions);
