namespace IntegrationHub.Sagas.Erasure;

/// <summary>The endpoint of the erasures.</summary>
public sealed class ErasureDefinition() : HubSagaDefinition<ErasureState>("erasure", partitions: 4);
