namespace IntegrationHub.Storage.Access;

/// <summary>A person or program that was given a key.</summary>
/// <param name="Id"><c>person:NAME</c> or <c>service:NAME</c>.</param>
/// <param name="Kind"><c>person</c> or <c>service</c>.</param>
/// <param name="Name">How people call it.</param>
/// <param name="Roles">Names of roles: sets of scopes.</param>
/// <param name="DisabledAt">Since when it may do nothing, by whatever it proves who it is: key, token of the identity provider, session. Null while it may.</param>
public sealed record AccessPrincipal(string Id, string Kind, string Name, IReadOnlyList<string> Roles, DateTimeOffset? DisabledAt = null)
{
    /// <summary>Whether its roles are written in a way that this version cannot read; they are none then.</summary>
    public bool HasUnreadableRoles { get; init; }
}
