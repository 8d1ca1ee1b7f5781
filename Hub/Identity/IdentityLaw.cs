namespace IntegrationHub.Identity;

/// <summary>
/// Who is who, as a function of sets: of what was stated together and of what was decided. No step asks what came first. Pure. See decision 0029.
/// </summary>
public static class IdentityLaw
{
    /// <summary>Resolves keys.</summary>
    /// <param name="keys">Keys that were stated; those of claims and decisions are among them whether they are named or not.</param>
    /// <param name="claims">What was stated together, in any order, repeated or not.</param>
    /// <param name="decisions">What was decided, in any order.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="shared">Keys that are known to be shared, of which not every claim is given.</param>
    public static People Resolve(
        IEnumerable<PersonKey> keys, IEnumerable<IdentityClaim> claims, IEnumerable<IdentityDecision> decisions, IdentityRules rules, IReadOnlySet<PersonKey>? shared = null)
    {
        var graph = new IdentityGraph(keys, claims, decisions, rules, shared);
        var persons = new PrimaryKeys(graph);
        var resolved = new Dictionary<PersonKey, ResolvedKey>();
        foreach (var key in graph.Keys)
        {
            if (graph.IsBlocked(key))
            {
                resolved[key] = ResolvedKey.Blocked;
            }
            else if (key.Kind == KeyKind.ExternalId)
            {
                resolved[key] = ResolvedKey.HeldBy(persons.PersonOf(key));
            }
        }

        foreach (var kind in rules.Keys.OrderBy(kind => kind.Value.Precedence).ThenBy(kind => kind.Key).Select(kind => kind.Key))
        {
            ResolveKind(graph, persons, rules.Keys[kind], kind, resolved);
        }

        ResolveGroups(graph, resolved);
        return new People(resolved);
    }

    private static void ResolveKind(IdentityGraph graph, PrimaryKeys persons, KeyRule rule, KeyKind kind, Dictionary<PersonKey, ResolvedKey> resolved)
    {
        var held = new List<(PersonKey Key, PersonKey Person, int LastDay)>();
        foreach (var key in graph.Keys.Where(key => key.Kind == kind && !resolved.ContainsKey(key)))
        {
            if (graph.AssignedTo(key) is { } assigned)
            {
                held.Add((key, persons.PersonOf(assigned), int.MaxValue));
                continue;
            }

            switch (Claimants(graph, key, resolved, rule.ReuseAfterDays))
            {
                case []:
                    break;
                case [var (person, lastDay)]:
                    held.Add((key, person, lastDay));
                    break;
                case var several:
                    resolved[key] = ResolvedKey.ContestedBy(several.Select(claimant => claimant.Person));
                    break;
            }
        }

        foreach (var person in held.GroupBy(key => key.Person))
        {
            Hold(person.Key, [.. person.Select(key => (key.Key, key.LastDay))], 0, rule.PerPerson, resolved);
        }
    }

    /// <summary>The people who claim a key in its time, by keys that are held before it.</summary>
    private static List<(PersonKey Person, int LastDay)> Claimants(
        IdentityGraph graph, PersonKey key, Dictionary<PersonKey, ResolvedKey> resolved, int? reuseAfterDays)
    {
        var days = new Dictionary<PersonKey, (int First, int Last)>();
        foreach (var (other, firstDay, lastDay) in graph.ClaimsOf(key))
        {
            if (other.Kind != key.Kind && resolved.TryGetValue(other, out var holder) && holder.Person is { } person)
            {
                days[person] = days.TryGetValue(person, out var known) ? (Math.Min(known.First, firstDay), Math.Max(known.Last, lastDay)) : (firstDay, lastDay);
            }
        }

        return
        [
            .. days.Where(mine => reuseAfterDays is not { } reuse || days.Count == 1 || days.All(theirs => theirs.Key == mine.Key || theirs.Value.First - mine.Value.Last < reuse))
                .Select(mine => (mine.Key, mine.Value.Last)),
        ];
    }

    /// <summary>Of the keys of a kind that a person would have, the most recently stated are held, as many as a person has; who stand alike fare alike.</summary>
    private static void Hold(PersonKey person, List<(PersonKey Key, int LastDay)> keys, int before, int perPerson, Dictionary<PersonKey, ResolvedKey> resolved)
    {
        var days = keys.ConvertAll(key => key.LastDay);
        days.Sort();
        foreach (var (key, lastDay) in keys)
        {
            var earlier = days.BinarySearch(lastDay);
            while (earlier > 0 && days[earlier - 1] == lastDay)
            {
                earlier--;
            }

            var fits = lastDay == int.MaxValue || before + days.Count - earlier <= perPerson;
            resolved[key] = fits ? ResolvedKey.HeldBy(person) : ResolvedKey.ContestedBy([person]);
        }
    }

    /// <summary>Keys that nobody with a primary key claims: those stated together are one person, who is somebody known when exactly one was stated with them.</summary>
    private static void ResolveGroups(IdentityGraph graph, Dictionary<PersonKey, ResolvedKey> resolved)
    {
        var groups = new DisjointKeys();
        List<PersonKey> free = [.. graph.Keys.Where(key => !resolved.ContainsKey(key))];
        foreach (var key in free)
        {
            foreach (var (other, _, _) in graph.ClaimsOf(key))
            {
                if (!resolved.ContainsKey(other))
                {
                    groups.Join(key, other);
                }
            }
        }

        var joining = new List<(PersonKey Person, PersonKey Key, int LastDay)>();
        foreach (var group in free.GroupBy(groups.FirstOf))
        {
            var known = group.SelectMany(graph.ClaimsOf).Select(claim => resolved.GetValueOrDefault(claim.Other)?.Person).OfType<PersonKey>().Distinct().Take(2).ToList();
            var person = known is [var only] ? only : group.Min(Comparer<PersonKey>.Create(graph.Rules.Compare));
            joining.AddRange(group.Select(key => (person, key, graph.LastDayOf(key))));
        }

        var held = resolved.Where(key => key.Value.Person is not null).CountBy(key => (key.Value.Person!.Value, key.Key.Kind)).ToDictionary();
        foreach (var kind in joining.GroupBy(key => (key.Person, key.Key.Kind)))
        {
            Hold(kind.Key.Person, [.. kind.Select(key => (key.Key, key.LastDay))], held.GetValueOrDefault(kind.Key), graph.Rules.Keys[kind.Key.Kind].PerPerson, resolved);
        }
    }
}
