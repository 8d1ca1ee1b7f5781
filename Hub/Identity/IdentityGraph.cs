using System.Runtime.InteropServices;

namespace IntegrationHub.Identity;

/// <summary>Keys with what was stated of them together and what was decided, as far as it counts.</summary>
internal sealed class IdentityGraph
{
    private readonly SortedSet<PersonKey> _keys = [];
    private readonly Dictionary<PersonKey, List<(PersonKey Other, int FirstDay, int LastDay)>> _claims = [];
    private readonly Dictionary<PersonKey, IdentityDecision> _assigned = [];
    private readonly HashSet<PersonKey> _blocked = [];
    private readonly Dictionary<PersonKey, (int Keys, int Primary)> _neighbours = [];

    public IdentityGraph(
        IEnumerable<PersonKey> keys, IEnumerable<IdentityClaim> claims, IEnumerable<IdentityDecision> decisions, IdentityRules rules, IReadOnlySet<PersonKey>? shared)
    {
        Rules = rules;
        _keys.UnionWith(keys.Where(key => rules.TellsPeople(key.Kind)));
        var decided = Newest(decisions);
        foreach (var claim in Joined(claims))
        {
            _keys.Add(claim.A);
            _keys.Add(claim.B);
            Count(claim.A, claim.B);
            Count(claim.B, claim.A);
            if (decided.GetValueOrDefault((claim.A, claim.B)).Verdict != IdentityVerdict.Unmerge)
            {
                ClaimsAt(claim.A).Add((claim.B, claim.FirstDay, claim.LastDay));
                ClaimsAt(claim.B).Add((claim.A, claim.FirstDay, claim.LastDay));
            }
        }

        foreach (var decision in decided.Values)
        {
            Decide(decision);
        }

        foreach (var key in _keys)
        {
            if (decided.GetValueOrDefault((key, key)).Verdict != IdentityVerdict.Unblock && (shared?.Contains(key) is true || rules.Blocks(key) || IsShared(key)))
            {
                _blocked.Add(key);
            }
        }

        Merged = [.. decided.Values.Where(decision => decision.Verdict == IdentityVerdict.Merge && !_blocked.Contains(decision.A) && !_blocked.Contains(decision.B)).Select(decision => (decision.A, decision.B))];
    }

    public IdentityRules Rules { get; }

    /// <summary>All keys that tell people, sorted.</summary>
    public IReadOnlyCollection<PersonKey> Keys => _keys;

    /// <summary>Primary keys that are one person.</summary>
    public IReadOnlyList<(PersonKey, PersonKey)> Merged { get; }

    public bool IsBlocked(PersonKey key) => _blocked.Contains(key);

    /// <summary>The primary key to which somebody assigned the key; null when nobody did, or that one is blocked.</summary>
    public PersonKey? AssignedTo(PersonKey key) => _assigned.TryGetValue(key, out var decision) && !_blocked.Contains(decision.A) ? decision.A : null;

    public IReadOnlyList<(PersonKey Other, int FirstDay, int LastDay)> ClaimsOf(PersonKey key) => _claims.TryGetValue(key, out var claims) ? claims : [];

    /// <summary>The day on which a key was stated last with any other; the first of all days when it never was.</summary>
    public int LastDayOf(PersonKey key) => ClaimsOf(key) is { Count: > 0 } claims ? claims.Max(claim => claim.LastDay) : int.MinValue;

    /// <summary>A decision about keys of a kind that the rules do not know any more decides nothing.</summary>
    private void Decide(in IdentityDecision decision)
    {
        if (!Rules.TellsPeople(decision.A.Kind) || !Rules.TellsPeople(decision.B.Kind))
        {
            return;
        }

        _keys.Add(decision.A);
        _keys.Add(decision.B);
        if (decision.Verdict == IdentityVerdict.Block)
        {
            _blocked.Add(decision.A);
        }
        else if (decision.Verdict == IdentityVerdict.Assign && (!_assigned.TryGetValue(decision.B, out var other) || Precedes(decision, other)))
        {
            _assigned[decision.B] = decision;
        }
    }

    private static bool Precedes(in IdentityDecision decision, in IdentityDecision other) =>
        decision.At > other.At || (decision.At == other.At && decision.A < other.A);

    /// <summary>More people than the rules allow ever had the key. Claims are only ever added, so it never ends by itself.</summary>
    private bool IsShared(PersonKey key) =>
        key.Kind != KeyKind.ExternalId && _neighbours.TryGetValue(key, out var neighbours)
        && (neighbours.Keys > IdentityRules.MaxNeighbours || neighbours.Primary > Rules.SharedAfter);

    private void Count(PersonKey key, PersonKey other)
    {
        ref var neighbours = ref CollectionsMarshal.GetValueRefOrAddDefault(_neighbours, key, out _);
        neighbours = (neighbours.Keys + 1, neighbours.Primary + (other.Kind == KeyKind.ExternalId ? 1 : 0));
    }

    private List<(PersonKey Other, int FirstDay, int LastDay)> ClaimsAt(PersonKey key)
    {
        ref var claims = ref CollectionsMarshal.GetValueRefOrAddDefault(_claims, key, out _);
        return claims ??= [];
    }

    private Dictionary<(PersonKey, PersonKey), IdentityClaim>.ValueCollection Joined(IEnumerable<IdentityClaim> claims)
    {
        var joined = new Dictionary<(PersonKey, PersonKey), IdentityClaim>();
        foreach (var claim in claims.Where(claim => claim.A != claim.B && Rules.TellsPeople(claim.A.Kind) && Rules.TellsPeople(claim.B.Kind)))
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(joined, (claim.A, claim.B), out var exists);
            known = exists ? known.Join(claim) : claim;
        }

        return joined.Values;
    }

    private static Dictionary<(PersonKey, PersonKey), IdentityDecision> Newest(IEnumerable<IdentityDecision> decisions)
    {
        var newest = new Dictionary<(PersonKey, PersonKey), IdentityDecision>();
        foreach (var decision in decisions)
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(newest, (decision.A, decision.B), out var exists);
            known = exists && !decision.Beats(known) ? known : decision;
        }

        return newest;
    }
}
