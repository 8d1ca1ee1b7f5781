namespace IntegrationHub.Hub.Tests.Security.Oidc;

/// <summary>Somebody whom the identity provider knows.</summary>
/// <param name="Subject">What he is called there for ever.</param>
/// <param name="Name">His name.</param>
/// <param name="Groups">Where he belongs.</param>
internal sealed record Member(string Subject, string Name, params string[] Groups);
