using System.Globalization;
using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// Notes what the statements of a batch claim and resolves whom they touch: only what a new claim reaches is resolved anew, in a fixed number of statements;
/// a batch in which nothing is new costs two looks. The caller holds the ledger's lock.
/// </summary>
internal sealed class IdentityIntake(IdentityRules rules)
{
    /// <summary>The rules in one text; the same rules are the same text.</summary>
    public string Rules { get; } = $"{string.Join(';', rules.Keys.OrderBy(key => key.Key))} {string.Join(';', rules.Blocked.Select(pattern => pattern.ToString()).Order(StringComparer.Ordinal))} {rules.SharedAfter.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The keys of a statement that tell people, by precedence.</summary>
    public PersonKey[] Telling(IEnumerable<PersonKey> keys) => KeyBook.Telling(rules, keys);

    /// <summary>True when a pattern of the rules lets a key join nobody.</summary>
    public bool Blocks(PersonKey key) => rules.Blocks(key);

    /// <summary>Takes claims in.</summary>
    /// <param name="stated">The telling keys of every statement, and when it was true.</param>
    public async Task<KeyBook> ResolveAsync(HubDbContext db, string tenantId, IReadOnlyList<(PersonKey[] Keys, DateTimeOffset At)> stated, CancellationToken cancellationToken)
    {
        var keys = stated.SelectMany(statement => statement.Keys).ToHashSet();
        if (keys.Count == 0)
        {
            return new KeyBook(rules, []);
        }

        var known = (await IdentityTables.LoadKeysAsync(db, tenantId, keys, cancellationToken)).ToDictionary(row => row.Key);
        var claims = KeyBook.Joined(stated.SelectMany(statement => KeyBook.ClaimsOf(statement.Keys, statement.At)));
        var stored = claims.Count == 0 ? [] : KeyBook.Joined(await IdentityTables.LoadClaimsAsync(db, tenantId, claims.Values, cancellationToken));
        IdentityClaim[] news = [.. claims.Where(claim => !(stored.TryGetValue(claim.Key, out var same) && same.Covers(claim.Value))).Select(claim => claim.Value)];
        var unsettled = news.SelectMany(claim => (PersonKey[])[claim.A, claim.B])
            .Concat(keys.Where(key => known.TryGetValue(key, out var row) ? !IsSettled(row) : key.Kind != KeyKind.ExternalId))
            .Concat(stated.Select(statement => statement.Keys).Where(IsNobodys).SelectMany(named => named))
            .ToHashSet();
        if (news.Length > 0)
        {
            await IdentityTables.AddClaimsAsync(db, tenantId, news, cancellationToken);
        }

        if (unsettled.Count == 0)
        {
            return new KeyBook(rules, known.Values);
        }

        var book = await ResolveAnewAsync(db, tenantId, unsettled, known.Values, cancellationToken);
        PersonKey[] unread = [.. news.SelectMany(claim => (PersonKey[])[claim.A, claim.B]).Where(book.Resting.Contains)];
        await (unread.Length == 0 ? Task.CompletedTask : RulingTables.ForgetStatesAsync(db, tenantId, unread, cancellationToken)); // whoever can read the decision finds out where they stand
        return book;

        // Who claims them is asked for then.
        bool IsNobodys(PersonKey[] named) => named is not ([] or [{ Kind: KeyKind.ExternalId }, ..]) && Array.TrueForAll(named, key => known.TryGetValue(key, out var row) && row.State is KeyState.Contested or KeyState.Blocked);
    }

    /// <summary>Resolves everybody whom the keys reach; around a decision that this version cannot read, everything stays as it stands.</summary>
    public async Task<KeyBook> ResolveAnewAsync(HubDbContext db, string tenantId, IEnumerable<PersonKey> keys, IEnumerable<KeyRow> known, CancellationToken cancellationToken)
    {
        var reached = (await IdentityTables.ReachAsync(db, tenantId, keys, cancellationToken)).ToDictionary(row => row.Key);
        var shared = reached.Values.Where(row => row.State == KeyState.Blocked).Select(row => row.Key).ToHashSet();
        var claims = await IdentityTables.LoadClaimsOfAsync(db, tenantId, reached.Keys.Where(key => !shared.Contains(key)), cancellationToken);
        claims = [.. claims.Where(claim => reached.ContainsKey(claim.B))];
        var decisions = await IdentityTables.LoadDecisionsAsync(db, tenantId, reached.Keys, cancellationToken);
        decisions = [.. decisions.Where(decision => reached.ContainsKey(decision.B))];
        var resting = await RestingAsync(db, tenantId, reached.Keys, claims, decisions, cancellationToken);
        return new KeyBook(rules, reached.Values.Concat(known).Where(row => row.State is not null || !resting.Contains(row.Key)))
        {
            People = resting.Count == 0
                ? IdentityLaw.Resolve(reached.Keys, claims, decisions, rules, shared)
                : IdentityLaw.Resolve(
                    reached.Keys.Where(key => !resting.Contains(key)), claims.Where(claim => !resting.Contains(claim.A)), decisions.Where(decision => !resting.Contains(decision.A)), rules, shared),
            Claims = claims,
            Resting = resting,
        };
    }

    /// <summary>Every key that belongs together with one that a decision names which cannot be read.</summary>
    private static async Task<IReadOnlySet<PersonKey>> RestingAsync(
        HubDbContext db, string tenantId, IReadOnlyCollection<PersonKey> reached, IEnumerable<IdentityClaim> claims, IEnumerable<IdentityDecision> decisions, CancellationToken cancellationToken)
    {
        if (!await UnreadableDecisions.AnyAsync(db, cancellationToken) || await UnreadableDecisions.FindAsync(db, tenantId, reached, cancellationToken) is not { Count: > 0 } unreadable)
        {
            return new HashSet<PersonKey>();
        }

        var together = new DisjointKeys();
        foreach (var (one, other) in claims.Select(claim => (claim.A, claim.B)).Concat(decisions.Select(decision => (decision.A, decision.B))))
        {
            together.Join(one, other);
        }

        var named = unreadable.SelectMany(decision => new[] { decision.A, decision.B }).OfType<PersonKey>().Select(together.FirstOf).ToHashSet();
        return reached.Where(key => named.Contains(together.FirstOf(key))).ToHashSet();
    }

    /// <summary>Claims of primary keys.</summary>
    public static Task<IReadOnlyList<IdentityClaim>> ClaimsOfAsync(HubDbContext db, string tenantId, IEnumerable<PersonKey> primary, CancellationToken cancellationToken) =>
        IdentityTables.LoadClaimsOfAsync(db, tenantId, primary, cancellationToken);

    /// <summary>Somebody anonymous without a profile may get one, and all keys have to know it.</summary>
    private static bool IsSettled(in KeyRow row) => row.State is not null && !(row is { State: KeyState.Held, ProfileId: null, Person.Kind: not KeyKind.ExternalId });
}
