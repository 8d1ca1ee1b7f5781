namespace IntegrationHub.Hub.Security;

/// <summary>Marks a route that needs a caller but no scope: it tells nothing that a caller does not know.</summary>
internal sealed class OpenToEveryCaller;
