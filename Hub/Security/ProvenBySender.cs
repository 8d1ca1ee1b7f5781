namespace IntegrationHub.Hub.Security;

/// <summary>Marks a route whose callers have no key of the hub and prove every call by a signature or a secret of their own, which the route checks.</summary>
internal sealed class ProvenBySender;
