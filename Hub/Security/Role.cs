namespace IntegrationHub.Hub.Security;

/// <summary>Names of sets of scopes, for people. A viewer may less than an operator; the others stand beside them.</summary>
internal static class Role
{
    private static readonly Dictionary<string, string[]> _scopes = new(StringComparer.Ordinal)
    {
        ["viewer"] = [Scope.RunsRead, Scope.PeopleRead, Scope.PolicyCheck],
        ["operator"] = [Scope.RunsRead, Scope.PeopleRead, Scope.PolicyCheck, Scope.FactsWrite, Scope.RunsWrite, Scope.ConfigPlan],
        ["approver"] = [Scope.RunsRead, Scope.PeopleRead, Scope.RunsApprove],
        ["privacy"] = [Scope.RunsRead, Scope.PeopleRead, Scope.PeopleReveal, Scope.PolicyCheck, Scope.PrivacyWrite, Scope.AuditRead],
        ["admin"] = [Scope.RunsRead, Scope.ConfigPlan, Scope.ConfigApply, Scope.AuditRead, Scope.Admin],
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [.. _scopes.Keys];

    /// <summary>What a role may do; nothing for a name that is none.</summary>
    public static IReadOnlyList<string> ScopesOf(string role) => _scopes.GetValueOrDefault(role) ?? [];

    /// <summary>What scopes amount to, for the audit log: the widest roles that are wholly among them, and the scopes beside.</summary>
    public static string Of(IReadOnlySet<string> scopes)
    {
        var held = All.Where(role => scopes.IsSupersetOf(ScopesOf(role))).ToList();
        var widest = held.Where(role => !held.Exists(other => other != role && ScopesOf(other).ToHashSet(StringComparer.Ordinal).IsProperSupersetOf(ScopesOf(role))));
        return string.Join(", ", widest.Concat(scopes.Except(held.SelectMany(ScopesOf)).Order(StringComparer.Ordinal)));
    }

    /// <summary>What somebody may do with a key.</summary>
    /// <param name="roles">The principal's roles.</param>
    /// <param name="scopes">The key's scopes: they narrow what the roles allow; without roles they are what it may do.</param>
    public static IReadOnlySet<string> Allow(IReadOnlyCollection<string> roles, IReadOnlyCollection<string> scopes)
    {
        var allowed = roles.Count == 0 ? scopes : roles.SelectMany(ScopesOf);
        return new HashSet<string>(roles.Count == 0 || scopes.Count == 0 ? allowed : allowed.Intersect(scopes), StringComparer.Ordinal);
    }
}
