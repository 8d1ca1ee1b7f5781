namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>What a saga is about.</summary>
internal enum KindOfRun
{
    Sync,
    Backfill,
    Erasure,
}
