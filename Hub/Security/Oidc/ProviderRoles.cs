namespace IntegrationHub.Hub.Security.Oidc;

/// <summary>Which roles the provider's groups give. A group that is not named gives none.</summary>
internal sealed class ProviderRoles(OidcOptions options)
{
    private readonly (string Role, HashSet<string> Groups)[] _map =
    [
        ("viewer", Split(options.Viewers)), ("operator", Split(options.Operators)), ("approver", Split(options.Approvers)), ("privacy", Split(options.PrivacyOfficers)), ("admin", Split(options.Admins)),
    ];

    /// <summary>True when no group gives a role.</summary>
    public bool IsEmpty => _map.All(entry => entry.Groups.Count == 0);

    /// <summary>Those of the groups that give a role; what else the provider says of somebody is nothing that the hub keeps.</summary>
    public IReadOnlyList<string> Known(IEnumerable<string> groups) => [.. groups.Where(group => _map.Any(entry => entry.Groups.Contains(group))).Distinct(StringComparer.Ordinal)];

    /// <summary>The roles of members of these groups.</summary>
    public IReadOnlyList<string> Of(IReadOnlyList<string> groups) => [.. _map.Where(entry => entry.Groups.Overlaps(groups)).Select(entry => entry.Role)];

    /// <summary>Who calls, with what the groups allow now.</summary>
    public Principal Principal(ProvenCaller caller) => new(caller.Id, caller.Kind, caller.Name) { Scopes = Role.Allow(Of(caller.Groups), []), IsOfProvider = true };

    private static HashSet<string> Split(string? groups) => [.. (groups ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}
