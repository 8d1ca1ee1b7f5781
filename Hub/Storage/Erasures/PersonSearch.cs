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
    private readonly IKeyHistory _history;
    private readonly StatedHolders _holders;

    internal PersonSearch(IdentityIntake identity, ILedgerTables tables, IKeyHistory history, StatedHolders holders) => (_identity, _tables, _history, _holders) = (identity, tables, history, holders);

    /// <summary>The person who holds a key, by what facts said of it or else because one profile alone states it among its values; of a key that nobody stated yet, the key alone.</summary>
    /// <returns>Null when several people claim or state the key, it is blocked, or a number that is written without its country may be it.</returns>
    public async Task<ErasurePerson?> FindAsync(HubDbContext db, PersonKey key, CancellationToken cancellationToken)
    {
        var told = await FindToldAsync(db, key, cancellationToken);
        if (told is not { ProfileIds.Count: 0 })
        {
            return told is null ? null : await WithStatedAsync(db, told, cancellationToken);
        }

        var holders = await _holders.FindAsync(db, [key], cancellationToken);
        return holders.DistinctBy(holder => holder.ProfileId).ToList() switch
        {
            [] => told,
            [{ IsSure: true, Owner: { } owner }] => await FindToldAsync(db, owner, cancellationToken) is { ProfileIds.Count: > 0 } person ? await WithStatedAsync(db, person, cancellationToken) : null,
            _ => null,
        };
    }

    /// <summary>
    /// With the keys among the values of the person's profiles, those that they had too. One that somebody else claims or states is nobody's alone.
    /// </summary>
    private async Task<ErasurePerson> WithStatedAsync(HubDbContext db, ErasurePerson person, CancellationToken cancellationToken)
    {
        var mine = person.Keys.ToHashSet();
        HashSet<PersonKey> stated = [.. (await _history.LoadAsync(db, [.. person.ProfileIds], cancellationToken)).Select(key => ConsentState.Named(key.SubjectKey)).OfType<PersonKey>().Where(StatedHolders.MayStand), .. mine.Where(StatedHolders.MayStand)];
        if (stated.Count == 0)
        {
            return person;
        }

        var kept = (await IdentityTables.LoadKeysAsync(db, DefaultTenant, stated, cancellationToken)).ToDictionary(row => row.Key);
        var others = (await _holders.FindAsync(db, stated, cancellationToken)).Where(holder => !person.ProfileIds.Contains(holder.ProfileId)).Select(holder => holder.Key).ToHashSet();
        PersonKey[] blocked = [.. stated.Where(key => !mine.Contains(key) && IsBlocked(key))];
        PersonKey[] undecided = [.. stated.Where(key => !blocked.Contains(key) && (others.Contains(key) || IsClaimed(key)))];
        return person with
        {
            Keys = [.. mine.Union(stated).Except(blocked).Except(undecided).Order()],
            Shared = [.. person.Shared.Union(blocked).Union(undecided).Order()],
            Contested = [.. person.Contested.Union(undecided).Order()],
        };

        bool IsBlocked(PersonKey key) => _identity.Blocks(key) || (kept.TryGetValue(key, out var row) && row.State == KeyState.Blocked);
        bool IsClaimed(PersonKey key) => !mine.Contains(key) && kept.TryGetValue(key, out var row) && (row.State == KeyState.Contested || (row.State == KeyState.Held && row.Person is { } holder && holder != key && !mine.Contains(holder)));
    }

    private async Task<ErasurePerson?> FindToldAsync(HubDbContext db, PersonKey key, CancellationToken cancellationToken)
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
        var told = await session.ReadAsync(
            $"""
            SELECT d.destination, d.remote_id FROM destination_profiles d WHERE d.profile_id IN {PersonSql.Numbers(session, "people")}
            UNION SELECT m.destination, NULL FROM destination_members m WHERE m.profile_id IN {PersonSql.Numbers(session, "people")}
            """,
            row => (Destination: row.GetString(0), Id: row.TextOrNull(1)), cancellationToken, ("people", JsonRows.Numbers(ids)));
        PersonKey[] shared = [.. book.Claims.Where(claim => keys.Contains(claim.A) != keys.Contains(claim.B)).Select(claim => keys.Contains(claim.A) ? claim.B : claim.A).Where(other => book.StandOf(other).Person is null).Distinct().Order()];
        return new ErasurePerson
        {
            Keys = [.. keys.Order()],
            Shared = shared,
            Contested = [.. shared.Where(other => book.StandOf(other).State == KeyState.Contested)],
            ProfileIds = [.. ids.Order()],
            RemoteIds = told.Where(row => row.Id is not null).GroupBy(row => row.Destination, row => row.Id!, StringComparer.Ordinal).ToDictionary(row => row.Key, row => (IReadOnlyList<string>)[.. row.Distinct()], StringComparer.Ordinal),
            Destinations = [.. told.Select(row => row.Destination).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
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
