namespace IntegrationHub.Storage.Access;

/// <summary>What an identity provider said of somebody who signed in; no token of his.</summary>
/// <param name="Issuer">Address of the provider, as the hub's settings had it.</param>
/// <param name="PrincipalId">Id of the principal, as <c>person:NAME</c>.</param>
/// <param name="Name">How people call him.</param>
/// <param name="Groups">His groups that gave a role then.</param>
public sealed record SignedInPerson(string Issuer, string PrincipalId, string Name, IReadOnlyList<string> Groups);
