namespace IntegrationHub.Sagas.AudienceSync;

/// <summary>The endpoint of the runs of audiences.</summary>
public sealed class AudienceSyncDefinition() : HubSagaDefinition<AudienceSyncState>("audience-sync", partitions: 8);
