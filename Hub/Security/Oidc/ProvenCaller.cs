namespace IntegrationHub.Hub.Security.Oidc;

/// <summary>Somebody for whom the identity provider vouches.</summary>
/// <param name="Id">As that of a <see cref="Principal"/>.</param>
/// <param name="Kind">A person or a program.</param>
/// <param name="Name">How people call it.</param>
/// <param name="Groups">Groups that give a role.</param>
internal sealed record ProvenCaller(string Id, PrincipalKind Kind, string Name, IReadOnlyList<string> Groups);
