using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Erasures;

/// <summary>Finds everything by which one person is known: keys, profiles that became one, what destinations call the person.</summary>
public sealed class PersonSearch
{
    private const string DefaultTenant = "default";

    private readonly IdentityIntake _identity;
    private readonly ILedgerTables _tables;

    internal PersonSearch(IdentityIntake identity, ILedgerTables tables) => (_identity, _tables) = (identity, tables);

    /// <summary>The person who holds a key; of a key that nobody stated yet, the key alone.</summary>
    /// <returns>Null when several people claim the key, or it is blocked.</returns>
    public async Task<ErasurePerson?> FindAsync(HubDbContext db, PersonKey key, CancellationToken cancellationToken)
    {
        var book = await _identity.ResolveAnewAsync(db, DefaultTenant, [key], [], cancellationToken);
        var stand = book.StandOf(key);
        if (stand.Person is not { } person)
        {
            return book.Known(key)?.State is null && book.Claims.Count == 0 && stand.State != KeyState.Contested && _identity.Telling([key]).Length == 0 ? new ErasurePerson { Keys = [key], ProfileIds = [], RemoteIds = new Dictionary<string, IReadOnlyList<string>>() } : null;
        }

        HashSet<PersonKey> keys = [key, .. book.People.ByFirstKey[person]];
        var rows = await _tables.LoadProfilesAsync(
            db, DefaultTenant,
            new ProfileQuery
            {
                ExternalIds = [.. Values(keys, KeyKind.ExternalId)],
                OrphanEmailKeys = [.. Values(keys, KeyKind.Email)],
                ProfileIds = [.. keys.Select(one => book.Known(one)?.ProfileId).OfType<long>().Distinct()],
            },
            cancellationToken);
        keys.UnionWith(rows.Select(row => PersonKey.Of(KeyKind.ExternalId, row.ExternalId)).OfType<PersonKey>());
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var ids = await FollowersAsync(session, rows.Select(row => row.ProfileId), cancellationToken);
        var remote = await session.ReadAsync(
            $"SELECT d.destination, d.remote_id FROM destination_profiles d WHERE d.profile_id IN {PersonSql.Numbers(session, "people")} AND d.remote_id IS NOT NULL",
            row => (Destination: row.GetString(0), Id: row.GetString(1)), cancellationToken, ("people", JsonRows.Numbers(ids)));
        return new ErasurePerson
        {
            Keys = [.. keys.Order()],
            ProfileIds = [.. ids.Order()],
            RemoteIds = remote.GroupBy(row => row.Destination, row => row.Id, StringComparer.Ordinal).ToDictionary(row => row.Key, row => (IReadOnlyList<string>)[.. row.Distinct()], StringComparer.Ordinal),
        };
    }

    /// <summary>Profiles that the given ones show, or are shown by, however long the chain is.</summary>
    private static async Task<HashSet<long>> FollowersAsync(DbSession session, IEnumerable<long> profileIds, CancellationToken cancellationToken)
    {
        var all = profileIds.ToHashSet();
        for (var before = -1; before != all.Count;)
        {
            before = all.Count;
            all.UnionWith(await session.ReadAsync(
                $"SELECT profile_id FROM profiles WHERE person_id IN {PersonSql.Numbers(session, "people")}", row => row.GetInt64(0), cancellationToken, ("people", JsonRows.Numbers(all))));
        }

        return all;
    }

    private static IEnumerable<string> Values(IEnumerable<PersonKey> keys, KeyKind kind) => keys.Where(key => key.Kind == kind).Select(key => key.Value);
}
