namespace IntegrationHub.Hub.Security;

/// <summary>Marks a route that tells nothing of what the hub holds: the console's sign-in, its style sheet.</summary>
internal sealed class OpenToStrangers;
