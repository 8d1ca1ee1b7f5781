namespace IntegrationHub.Storage.Ledger;

/// <summary>Every policy that anything was decided by, word for word, so that a decision can be taken again. The same SQL on both dialects.</summary>
public static class PolicyVersions
{
    /// <summary>Keeps a policy, once.</summary>
    /// <param name="db">The database.</param>
    /// <param name="version">Hash of the content.</param>
    /// <param name="content">The policy.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Its number.</returns>
    public static async Task<int> KeepAsync(HubDbContext db, string version, string content, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        if (await FindAsync(session, version, cancellationToken) is { } known)
        {
            return known;
        }

        await session.ExecuteAsync(
            "INSERT INTO policy_versions (version, content, first_seen) VALUES (@version, @content, @now) ON CONFLICT (version) DO NOTHING", cancellationToken,
            ("version", version), ("content", content), ("now", now));
        return (await FindAsync(session, version, cancellationToken))!.Value;
    }

    /// <summary>The contents of some policies by their numbers; what is not known is left out.</summary>
    public static async Task<IReadOnlyDictionary<int, StoredPolicy>> ReadAsync(HubDbContext db, IReadOnlyCollection<int> policies, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(policies);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var found = new Dictionary<int, StoredPolicy>();
        foreach (var id in policies)
        {
            foreach (var policy in await session.ReadAsync(
                "SELECT version, content FROM policy_versions WHERE policy_id = @id", row => new StoredPolicy(row.GetString(0), row.GetString(1)), cancellationToken, ("id", id)))
            {
                found[id] = policy;
            }
        }

        return found;
    }

    private static async Task<int?> FindAsync(DbSession session, string version, CancellationToken cancellationToken) =>
        await session.ScalarAsync("SELECT policy_id FROM policy_versions WHERE version = @version", cancellationToken, ("version", version)) is { } id
            ? Convert.ToInt32(id, System.Globalization.CultureInfo.InvariantCulture)
            : null;
}
