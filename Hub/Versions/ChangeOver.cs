using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Versions;

/// <summary>A hub's making way for another version.</summary>
/// <param name="Next">What is in force.</param>
/// <param name="Turn">To be given back when the hub that runs it answers.</param>
internal sealed record ChangeOver(StoredConfiguration Next, Lease Turn);
