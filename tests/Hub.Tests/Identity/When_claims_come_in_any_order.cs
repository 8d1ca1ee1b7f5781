using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Tests.Identity;

/// <summary>Who is who depends on what was stated and decided, never on its order. A failure shows the fewest statements that differ.</summary>
public sealed class When_claims_come_in_any_order
{
    private static readonly DateTimeOffset _noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly IdentityRules _rules = IdentityRules.Default with
    {
        Keys = new Dictionary<KeyKind, KeyRule> { [KeyKind.CrmId] = new(2, 1), [KeyKind.Email] = new(3, 2, 20), [KeyKind.DeviceId] = new(8, 2), [KeyKind.AnonymousId] = new(9, 3) },
        Blocked = [KeyPattern.Parse("email:3*")!],
        SharedAfter = 2,
    };

    [FsCheck.NUnit.Property(MaxTest = 1_000, EndSize = 30)]
    public bool Should_tell_the_same_people(Stated[] stated, Decided[] decided, int order)
    {
        var claims = Claims(stated).ToArray();
        var repeated = claims.Concat(claims.Where((_, i) => (i ^ order) % 2 == 0)).ToArray();
        new Random(order).Shuffle(repeated);
        var decisions = Decisions(decided).ToArray();
        var overtaken = decisions.ToArray();
        new Random(order).Shuffle(overtaken);
        return Told(Resolve(repeated, overtaken)) == Told(Resolve(claims, decisions));
    }

    [FsCheck.NUnit.Property(MaxTest = 1_000, EndSize = 30)]
    public bool Should_be_undone_by_the_opposite(Stated[] stated, Decided[] decided, byte one, byte other)
    {
        var claims = Claims(stated).ToArray();
        PersonKey[] pair = [Key(KeyKind.ExternalId, one), Key(KeyKind.ExternalId, other)];
        IdentityDecision[] before = [.. Decisions(decided).Where(decision => !(pair.Contains(decision.A) && pair.Contains(decision.B)))];
        if (pair[0] == pair[1])
        {
            return true;
        }

        var merge = IdentityDecision.Of(IdentityVerdict.Merge, pair[0], pair[1], _noon.AddDays(10));
        var unmerge = merge with { Verdict = IdentityVerdict.Unmerge, At = _noon.AddDays(11) };
        return Told(Resolve(claims, [.. before, merge, unmerge], pair)) == Told(Resolve(claims, before, pair));
    }

    [FsCheck.NUnit.Property(MaxTest = 1_000, EndSize = 30)]
    public bool Should_let_nobody_join_by_blocked_keys(Stated[] stated, Decided[] decided)
    {
        var (claims, decisions) = (Claims(stated).ToArray(), Decisions(decided).ToArray());
        var people = Resolve(claims, decisions);
        var blocked = people.Keys.Where(key => key.Value.State == KeyState.Blocked).Select(key => key.Key).ToHashSet();
        IdentityClaim[] others = [.. claims.Where(claim => !blocked.Contains(claim.A) && !blocked.Contains(claim.B))];
        IdentityDecision[] about = [.. decisions.Where(decision => !blocked.Contains(decision.A) && !blocked.Contains(decision.B))];
        // Whether a key is shared is a matter of all its claims.
        var without = IdentityLaw.Resolve(people.Keys.Keys.Except(blocked), others, about, _rules);
        return Told(new People(people.Keys.Where(key => !blocked.Contains(key.Key)).ToDictionary())) == Told(without);
    }

    [FsCheck.NUnit.Property(MaxTest = 1_000, EndSize = 30)]
    public bool Should_come_to_the_same_step_by_step(Stated[] stated, Decided[] decided)
    {
        var decisions = Decisions(decided).ToArray();
        var claims = new HashSet<IdentityClaim>();
        var known = Resolve([], decisions).Keys.ToDictionary();
        foreach (var statement in stated)
        {
            IdentityClaim[] news = [.. Claims([statement])];
            claims.UnionWith(news);
            var shared = known.Where(key => key.Value.State == KeyState.Blocked && !_rules.Blocks(key.Key)).Select(key => key.Key).ToHashSet();
            var touched = Component([.. news.SelectMany(claim => (PersonKey[])[claim.A, claim.B]), .. statement.Keys], claims, decisions, known);
            var part = IdentityLaw.Resolve(
                touched, claims.Where(claim => touched.Contains(claim.A) && touched.Contains(claim.B)), decisions.Where(decision => touched.Contains(decision.A) && touched.Contains(decision.B)), _rules, shared);
            foreach (var (key, stand) in part.Keys)
            {
                known[key] = stand;
            }
        }

        return Told(new People(known)) == Told(Resolve(claims, decisions, [.. stated.SelectMany(statement => statement.Keys)]));
    }

    /// <summary>What is reached from some keys, not through keys that are blocked.</summary>
    private static HashSet<PersonKey> Component(IEnumerable<PersonKey> from, IReadOnlyCollection<IdentityClaim> claims, IdentityDecision[] decisions, IReadOnlyDictionary<PersonKey, ResolvedKey> known)
    {
        var reached = new HashSet<PersonKey>();
        var next = new Queue<PersonKey>(from);
        while (next.TryDequeue(out var key))
        {
            if (!reached.Add(key) || known.GetValueOrDefault(key)?.State == KeyState.Blocked)
            {
                continue;
            }

            foreach (var (a, b) in claims.Select(claim => (claim.A, claim.B)).Concat(decisions.Select(decision => (decision.A, decision.B))).Where(pair => pair.A == key || pair.B == key))
            {
                next.Enqueue(a == key ? b : a);
            }
        }

        return reached;
    }

    private static People Resolve(IEnumerable<IdentityClaim> claims, IEnumerable<IdentityDecision> decisions, params PersonKey[] keys) => IdentityLaw.Resolve(keys, claims, decisions, _rules);

    private static string Told(People people) => string.Join('\n', people.Keys.OrderBy(key => key.Key).Select(key => $"{key.Key} {key.Value.State} {key.Value.Person} {string.Join('+', key.Value.Candidates)}"));

    private static IEnumerable<IdentityClaim> Claims(IEnumerable<Stated> stated) =>
        from statement in stated
        let keys = statement.Keys
        from one in keys
        from other in keys
        where one.CompareTo(other) < 0
        select IdentityClaim.Of(one, other, statement.Day % 50);

    private static IEnumerable<IdentityDecision> Decisions(IEnumerable<Decided> decided) => decided.Select((decision, minute) => decision.At(_noon.AddMinutes(minute)));

    private static PersonKey Key(KeyKind kind, byte value) => new(kind, (value % 6).ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>A fact's keys; few values, so that they meet. 255 stands for none.</summary>
    public sealed record Stated(byte? ExternalId, byte? CrmId, byte? Email, byte? DeviceId, byte? AnonymousId, byte Day)
    {
        internal PersonKey[] Keys =>
        [
            .. ((KeyKind Kind, byte? Value)[])[(KeyKind.ExternalId, ExternalId), (KeyKind.CrmId, CrmId), (KeyKind.Email, Email), (KeyKind.DeviceId, DeviceId), (KeyKind.AnonymousId, AnonymousId)]
                is var all ? all.Where(key => key.Value is not null).Select(key => Key(key.Kind, key.Value!.Value)) : [],
        ];
    }

    public sealed record Decided(IdentityVerdict Verdict, byte One, byte Other)
    {
        internal IdentityDecision At(DateTimeOffset at)
        {
            var (person, email) = (Key(KeyKind.ExternalId, One), Key(KeyKind.Email, Other));
            return Verdict switch
            {
                IdentityVerdict.Merge => IdentityDecision.Of(Verdict, person, Key(KeyKind.ExternalId, Other), at),
                IdentityVerdict.Unmerge when Other % 2 == 0 => IdentityDecision.Of(Verdict, person, Key(KeyKind.ExternalId, Other), at),
                IdentityVerdict.Block or IdentityVerdict.Unblock => IdentityDecision.Of(Verdict, email, email, at),
                _ => IdentityDecision.Of(Verdict, person, email, at),
            };
        }
    }
}
