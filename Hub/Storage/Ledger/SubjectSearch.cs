using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Finds whom a question about consent names, by every kind of key. Reads only.</summary>
public sealed class SubjectSearch
{
    private const string DefaultTenant = "default";

    private readonly IdentityIntake _identity;
    private readonly IKeyHistory _history;
    private readonly StatedHolders _holders;

    internal SubjectSearch(IdentityIntake identity, IKeyHistory history, StatedHolders holders) => (_identity, _history, _holders) = (identity, history, holders);

    /// <summary>
    /// The person with the id; without one everybody who has the address; without either whoever holds the other keys, by what facts said or by what stands among the values of a profile. Of an
    /// address everybody is meant who is sent to it; of another key that several people have nobody can tell whose it is.
    /// </summary>
    /// <param name="db">The database.</param>
    /// <param name="keys">Keys in their normal form.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<FoundSubject> FindAsync(HubDbContext db, IReadOnlyList<PersonKey> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var (externalId, email) = (ValueOf(keys, KeyKind.ExternalId), ValueOf(keys, KeyKind.Email));
        if (externalId is not null || email is not null)
        {
            return new FoundSubject(await ConsentBook.FindPeopleAsync(db, externalId, email, cancellationToken), false);
        }

        var book = await _identity.ResolveAnewAsync(db, DefaultTenant, keys, [], cancellationToken);
        if (keys.Any(key => book.StandOf(key).State == KeyState.Contested))
        {
            return new FoundSubject([], true);
        }

        var people = new Dictionary<long, ConsentHolder>();
        foreach (var key in keys)
        {
            Add(book.StandOf(key).Person is { Kind: KeyKind.ExternalId, Value: var id }
                ? await ConsentBook.FindPeopleAsync(db, id, null, cancellationToken)
                : await ConsentBook.FindPeopleAsync(db, book.Known(key) is { ProfileId: { } profileId } ? [profileId] : [], cancellationToken));
        }

        Add(await ConsentBook.FindPeopleAsync(db, [.. (await _holders.FindAsync(db, keys, cancellationToken)).Select(holder => holder.ProfileId)], cancellationToken));
        return new FoundSubject(people.Count > 1 ? [] : [.. people.Values], people.Count > 1);

        void Add(IEnumerable<ConsentHolder> found)
        {
            foreach (var person in found)
            {
                people[person.ProfileId] = person;
            }
        }
    }

    /// <summary>Those of the keys, other than the id, that none of the people has or had: what is denied under them is asked for by itself.</summary>
    public async Task<IReadOnlyList<PersonKey>> FindStrangeAsync(HubDbContext db, IReadOnlyList<PersonKey> keys, IReadOnlyList<ConsentHolder> people, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(people);
        PersonKey[] strange = [.. keys.Where(key => key.Kind != KeyKind.ExternalId && !(key.Kind == KeyKind.Email && people.Any(person => person.EmailKey == key.Value)))];
        if (!Array.Exists(strange, key => key.Kind != KeyKind.Email))
        {
            return strange;
        }

        var had = (await _history.LoadAsync(db, [.. people.Select(person => person.ProfileId)], cancellationToken)).Select(key => key.SubjectKey).ToHashSet(StringComparer.Ordinal);
        return [.. strange.Where(key => key.Kind == KeyKind.Email || !had.Contains(ConsentState.KeyOf(key)))];
    }

    private static string? ValueOf(IEnumerable<PersonKey> keys, KeyKind kind) => keys.Where(key => key.Kind == kind).Select(key => key.Value).FirstOrDefault();
}
