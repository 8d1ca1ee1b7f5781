using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Storage.Configurations;

namespace IntegrationHub.Hub.Versions;

/// <summary>What a hub begins with that takes another one's place in the same process.</summary>
/// <param name="Configuration">The version that it runs.</param>
/// <param name="Sandbox">The sandboxes of the one before, which hold what was sent to them; null when there are none.</param>
internal sealed record Successor(StoredConfiguration Configuration, SandboxServer? Sandbox);
