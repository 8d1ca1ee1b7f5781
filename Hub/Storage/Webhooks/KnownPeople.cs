using IntegrationHub.Identity;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Webhooks;

/// <summary>Whom the ledger knows; the same SQL on both dialects.</summary>
public static class KnownPeople
{
    /// <summary>Of some ids, those that a person has; with an audience, those of its members.</summary>
    /// <param name="db">The database.</param>
    /// <param name="externalIds">The company's ids as they were given.</param>
    /// <param name="audience">Key of the audience; null for everybody.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The ids as they were given.</returns>
    public static async Task<IReadOnlySet<string>> FindAsync(HubDbContext db, IReadOnlyCollection<string> externalIds, string? audience, CancellationToken cancellationToken)
    {
        var byKey = externalIds.Where(id => NormalKey.OfId(id) is not null).ToLookup(id => NormalKey.OfId(id)!, StringComparer.Ordinal);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var member = audience is null ? "" : session.Lookup("memberships", "m", "m.audience = @audience AND m.profile_id = coalesce(p.person_id, p.profile_id) AND m.is_member");
        var known = await session.ReadAsync(
            $"""
            SELECT r.external_id FROM {session.Rows(("external_id", "text"))} r
            {session.Lookup("profiles", "p", "p.tenant_id = 'default' AND p.external_id = r.external_id")}
            {member}
            """,
            row => row.GetString(0), cancellationToken,
            [("rows", JsonRows.Of(byKey.Select(ids => ids.Key), (writer, id) => writer.WriteStringValue(id))), .. audience is null ? Array.Empty<(string, object?)>() : [("audience", audience)]]);
        return known.SelectMany(key => byKey[key]).ToHashSet(StringComparer.Ordinal);
    }
}
