namespace IntegrationHub.Hub.Security;

/// <summary>Says what a route's caller must be allowed to do.</summary>
/// <param name="Scope">One of <see cref="Security.Scope"/>.</param>
internal sealed record ScopeNeed(string Scope);
