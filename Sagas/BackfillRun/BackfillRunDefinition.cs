namespace IntegrationHub.Sagas.BackfillRun;

/// <summary>The endpoint of the backfills.</summary>
public sealed class BackfillRunDefinition() : HubSagaDefinition<BackfillRunState>("backfill-run", partitions: 8);
