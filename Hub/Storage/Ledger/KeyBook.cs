using System.Runtime.InteropServices;
using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Where the keys of a batch stand: as the law says of what the batch touched, and as it was kept of the rest. Holds personal data.</summary>
internal sealed class KeyBook(IdentityRules rules, IEnumerable<KeyRow> known)
{
    private readonly Dictionary<PersonKey, KeyRow> _known = known.DistinctBy(row => row.Key).ToDictionary(row => row.Key);

    /// <summary>What was resolved anew; nobody when everything was known.</summary>
    public People People { get; init; } = new(new Dictionary<PersonKey, ResolvedKey>());

    /// <summary>Claims of all that was resolved anew.</summary>
    public IReadOnlyCollection<IdentityClaim> Claims { get; init; } = [];

    /// <summary>Keys of people of whom a decision cannot be read: they stand as they stood, and are not among <see cref="People"/>.</summary>
    public IReadOnlySet<PersonKey> Resting { get; init; } = new HashSet<PersonKey>();

    public KeyRow? Known(PersonKey key) => _known.TryGetValue(key, out var row) ? row : null;

    /// <summary>Every profile that keys were kept with.</summary>
    public IEnumerable<long> ProfileIds => _known.Values.Select(row => row.ProfileId).OfType<long>();

    /// <summary>Every primary key of somebody who holds a key.</summary>
    public IEnumerable<string> ExternalIds => _known.Values.Select(row => row.Person)
        .Concat(People.Keys.Select(key => key.Value.Person)).Concat(People.Keys.Keys.Select(key => (PersonKey?)key))
        .OfType<PersonKey>().Where(key => key.Kind == KeyKind.ExternalId).Select(key => key.Value);

    /// <summary>Where a key stands; a primary one of which nothing is known is a person.</summary>
    public ResolvedKey StandOf(PersonKey key)
    {
        if (People.Keys.TryGetValue(key, out var resolved))
        {
            return resolved;
        }

        return Known(key) switch
        {
            { State: KeyState.Held, Person: { } person } => ResolvedKey.HeldBy(person),
            { State: KeyState.Contested } => ResolvedKey.ContestedBy([]),
            null when key.Kind == KeyKind.ExternalId => ResolvedKey.HeldBy(key),
            _ => ResolvedKey.Blocked,
        };
    }

    /// <summary>The key that a statement is filed under and whose it is: the first that somebody holds; null when all are contested or blocked.</summary>
    public (PersonKey Filed, PersonKey Person)? PersonOf(IEnumerable<PersonKey> keys)
    {
        foreach (var key in keys)
        {
            if (StandOf(key).Person is { } person)
            {
                return (key, person);
            }
        }

        return null;
    }

    /// <summary>The keys that tell people, by precedence; a primary one that is blocked is none.</summary>
    public static PersonKey[] Telling(IdentityRules rules, IEnumerable<PersonKey> keys)
    {
        PersonKey[] telling = [.. keys.Where(key => rules.TellsPeople(key.Kind) && !(key.Kind == KeyKind.ExternalId && rules.Blocks(key))).Distinct()];
        Array.Sort(telling, rules.Compare);
        return telling;
    }

    /// <summary>What the keys of one statement claim: a primary one all others, else each every other.</summary>
    public static IEnumerable<IdentityClaim> ClaimsOf(PersonKey[] keys, DateTimeOffset at)
    {
        var day = IdentityClaim.DayOf(at);
        for (var i = 0; i < keys.Length; i++)
        {
            for (var j = i + 1; j < keys.Length; j++)
            {
                yield return IdentityClaim.Of(keys[i], keys[j], day);
            }

            if (keys[i].Kind == KeyKind.ExternalId)
            {
                yield break;
            }
        }
    }

    /// <summary>Claims with those about the same keys joined.</summary>
    public static Dictionary<(PersonKey A, PersonKey B), IdentityClaim> Joined(IEnumerable<IdentityClaim> claims)
    {
        var joined = new Dictionary<(PersonKey, PersonKey), IdentityClaim>();
        foreach (var claim in claims)
        {
            ref var same = ref CollectionsMarshal.GetValueRefOrAddDefault(joined, (claim.A, claim.B), out var exists);
            same = exists ? same.Join(claim) : claim;
        }

        return joined;
    }

    /// <summary>What is to be written of keys that stand elsewhere than before.</summary>
    /// <param name="profileOf">The profile of somebody anonymous, by the person's first key; null when there is none.</param>
    public IEnumerable<KeyRow> Changes(Func<PersonKey, long?> profileOf)
    {
        foreach (var (key, stand) in People.Keys)
        {
            var before = Known(key);
            var profileId = stand.Person is { } person ? (person.Kind == KeyKind.ExternalId ? null : profileOf(person)) : before?.ProfileId;
            var after = new KeyRow(key, stand.State, stand.Person, profileId);
            var isTold = key.Kind != KeyKind.ExternalId || stand.State == KeyState.Blocked || before is { State: not null };
            if (isTold && before != after)
            {
                yield return after;
            }
        }
    }

    /// <summary>Sorts keys as they tell people.</summary>
    public int Compare(PersonKey one, PersonKey other) => rules.Compare(one, other);
}
