using IntegrationHub.Identity;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Erasures;

/// <summary>Keys that people have whom an erasure is not about; the same SQL on both dialects.</summary>
public static class KeysOfOthers
{
    /// <summary>Those of some keys that another person's profile shows.</summary>
    /// <param name="db">The database.</param>
    /// <param name="person">Whom the erasure is about.</param>
    /// <param name="kind"><see cref="KeyKind.Email"/> or <see cref="KeyKind.ExternalId"/>.</param>
    /// <param name="keys">Keys in their normal form.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlySet<string>> FindAsync(HubDbContext db, ErasurePerson person, KeyKind kind, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(person);
        if (keys.Count == 0)
        {
            return new HashSet<string>();
        }

        var column = kind == KeyKind.Email ? "email_key" : "external_id";
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync(
            $"SELECT {column} FROM profiles WHERE tenant_id = 'default' AND {column} IN {PersonSql.Texts(session, "keys")} AND profile_id NOT IN {PersonSql.Numbers(session, "people")}",
            row => row.GetString(0), cancellationToken, ("keys", JsonRows.Texts(keys)), ("people", JsonRows.Numbers(person.ProfileIds)))).ToHashSet(StringComparer.Ordinal);
    }
}
