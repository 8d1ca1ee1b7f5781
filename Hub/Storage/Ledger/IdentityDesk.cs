using System.Text.Json;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Ledger;

/// <summary>What people see of identity and decide about it. A decision is appended, never changed, and everybody whom it reaches is told anew in the same transaction.</summary>
public sealed class IdentityDesk
{
    private const string DefaultTenant = "default";

    private readonly ILedgerTables _tables;
    private readonly IdentityIntake _identity;
    private readonly SubjectIntake _intake;
    private readonly IKeyHistory _history;
    private readonly UndecidedKeys _undecided;
    private readonly Tombstones _tombstones;

    internal IdentityDesk(ILedgerTables tables, IdentityIntake identity, SubjectIntake intake, IKeyHistory history, UndecidedKeys undecided, Tombstones tombstones) =>
        (_tables, _identity, _intake, _history, _undecided, _tombstones) = (tables, identity, intake, history, undecided, tombstones);

    /// <summary>What is known of the person who has a key; null when nobody ever stated the key.</summary>
    /// <param name="db">The database.</param>
    /// <param name="key">The key.</param>
    /// <param name="destinations">Destinations to look at.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<PersonFile?> FindAsync(HubDbContext db, PersonKey key, IReadOnlyCollection<string> destinations, CancellationToken cancellationToken)
    {
        var book = await _identity.ResolveAnewAsync(db, DefaultTenant, [key], [], cancellationToken);
        var decisions = await RulingTables.LoadAsync(db, DefaultTenant, book.People.Keys.Keys.Concat(book.Resting).Append(key), cancellationToken);
        var stand = book.StandOf(key);
        var keys = KeysAround(book, key, stand);
        var profiles = await LoadProfilesAsync(db, book, keys.Select(around => around.Key), cancellationToken);
        if (profiles.Count == 0 && decisions.Count == 0 && !await IsStatedAsync(db, book, key, cancellationToken))
        {
            return null;
        }

        var named = keys.Select(around => around.Key).ToHashSet();
        long[] ids = [.. profiles.Select(profile => profile.ProfileId)];
        var parts = await IdentityTables.LoadPartsAsync(db, DefaultTenant, ids, [], cancellationToken);
        return new PersonFile(key, stand)
        {
            Keys = keys,
            Claims = [.. book.Claims.Where(claim => named.Contains(claim.A) || named.Contains(claim.B)).OrderBy(claim => claim.A).ThenBy(claim => claim.B)],
            Unreadable = await UnreadableAsync(db, book, cancellationToken),
            Decisions = [.. decisions.Where(ruling => named.Contains(ruling.Decision.A) || named.Contains(ruling.Decision.B))],
            Profiles = [.. profiles.OrderBy(profile => profile.ProfileId).Select(row => new PersonProfile(row.ProfileId, row.PersonId, row.ConsentJson, CountOf(row.Content)))],
            Held = await HeldProfiles.LoadAsync(db, destinations, ids, cancellationToken),
            Parts = [.. parts.Select(part => ((IReadOnlyList<PersonKey>)[.. part.Key.Keys], part.ProfileId, part.Content.OccurredAt))],
        };
    }

    /// <summary>Writes a decision down and tells everybody anew whom it reaches, in the caller's transaction; said again it changes nothing.</summary>
    /// <param name="db">The context with its open transaction. It is to be given up when the ruling does not hold.</param>
    /// <param name="ruling">What is decided: of a merge or a parting with the primary keys, of an assignment with the primary key as the other one.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<RulingResult> DecideAsync(HubDbContext db, IdentityRuling ruling, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ruling);
        await _tables.LockAsync(db, cancellationToken);
        PersonKey[] keys = [ruling.Key, .. ruling.Other is { } other ? [other] : Array.Empty<PersonKey>()];
        var book = await _identity.ResolveAnewAsync(db, DefaultTenant, keys, [], cancellationToken);
        var isUndecided = ruling.Verdict is IdentityVerdict.Assign or IdentityVerdict.Block && await _undecided.IsHeldAsync(db, ruling.Key, cancellationToken);
        if (keys.Any(key => key.Kind != KeyKind.ExternalId && _identity.Telling([key]).Length == 0))
        {
            await (isUndecided ? _undecided.ReleaseAsync(db, ruling.Key, now, cancellationToken) : Task.CompletedTask); // it tells nobody, and holds back nobody any more
            return Result(isUndecided ? RulingOutcome.Decided : RulingOutcome.TellsNobody, book);
        }

        if (keys.Any(book.Resting.Contains))
        {
            return Result(RulingOutcome.Unreadable, book) with { Unreadable = await UnreadableAsync(db, book, cancellationToken) };
        }

        if ((await _tombstones.FindAsync(db, keys, cancellationToken)).Count > 0)
        {
            return Result(RulingOutcome.Erased, book);
        }

        var decisions = await IdentityTables.LoadDecisionsAsync(db, DefaultTenant, keys, cancellationToken);
        var decision = IdentityDecision.Of(ruling.Verdict, ruling.Key, ruling.Other ?? ruling.Key, now);
        var before = decisions.Where(earlier => (earlier.A, earlier.B) == (decision.A, decision.B)).OrderBy(earlier => earlier.At).Select(earlier => (IdentityDecision?)earlier).LastOrDefault();
        if (before is { } same && same.Verdict == ruling.Verdict)
        {
            return Result(RulingOutcome.Unchanged, book);
        }

        if (await RefuseAsync(db, ruling, book, before, isUndecided, cancellationToken) is { } refused)
        {
            return Result(refused, book);
        }

        if (before is { } earlier && earlier.At >= decision.At)
        {
            decision = decision with { At = earlier.At.AddMicroseconds(1) }; // another hub's clock is ahead
        }

        var (profiles, former) = ruling.Verdict == IdentityVerdict.Merge ? await ProfilesOfAsync(db, book, keys, cancellationToken) : ([], []);
        var image = profiles.Count == 0 ? null : FormerKeyImage.Write(profiles.Select(row => row.ProfileId), former);
        await RulingTables.AddAsync(db, DefaultTenant, new DecidedRuling(decision, ruling.By, ruling.Reason), image, cancellationToken);
        if (ruling.Verdict == IdentityVerdict.Unblock)
        {
            await RulingTables.ForgetStatesAsync(db, DefaultTenant, keys, cancellationToken);
        }

        var told = await _intake.TellAgainAsync(db, DefaultTenant, keys, now, cancellationToken);
        if (ruling.Verdict is IdentityVerdict.Assign or IdentityVerdict.Block)
        {
            await _undecided.ReleaseAsync(db, ruling.Key, now, cancellationToken);
        }

        if (ruling is { Verdict: IdentityVerdict.Unmerge, Key.Kind: KeyKind.ExternalId, Other: { Kind: KeyKind.ExternalId } with })
        {
            if (told.StandOf(ruling.Key).Person == told.StandOf(with).Person)
            {
                return Result(RulingOutcome.JoinedByOthers, told) with { Others = await MergesAsync(db, told, told.StandOf(with).Person!.Value, cancellationToken) };
            }

            await PartKeysAsync(db, decision, told, now, cancellationToken);
        }

        return Result(RulingOutcome.Decided, told);

        RulingResult Result(RulingOutcome outcome, KeyBook stands) => new(outcome, [.. keys.Select(key => (key, stands.StandOf(key)))]);
    }

    /// <summary>What a merge of two people would be about as they are now; null when one of them is not known.</summary>
    public async Task<MergePlan?> PlanMergeAsync(HubDbContext db, PersonKey one, PersonKey other, CancellationToken cancellationToken)
    {
        var book = await _identity.ResolveAnewAsync(db, DefaultTenant, [one, other], [], cancellationToken);
        var people = new[] { one, other }.Select(key => book.StandOf(key).Person).OfType<PersonKey>();
        PersonKey[] keys = [.. people.SelectMany(person => book.People.ByFirstKey[person]).Append(one).Append(other).Distinct()];
        var profiles = await LoadProfilesAsync(db, book, keys, cancellationToken);
        return profiles.FirstOrDefault(row => row.ExternalId == one.Value) is { } first && profiles.FirstOrDefault(row => row.ExternalId == other.Value) is { } second
            ? MergePlan.Of(first, second, keys.Select(key => (key, book.StandOf(key).Person)), profiles)
            : null;
    }

    /// <summary>Merges two people as it was planned, in the caller's transaction, which is to be given up when that does not hold.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="plan">What was looked at.</param>
    /// <param name="by">Who decides.</param>
    /// <param name="reason">Why.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What became of it; null when the two are not what was looked at any more.</returns>
    public async Task<RulingResult?> MergeAsync(HubDbContext db, MergePlan plan, string by, string reason, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        await _tables.LockAsync(db, cancellationToken); // what is compared stays so
        var profiles = await _tables.LoadProfilesAsync(db, DefaultTenant, new ProfileQuery { ProfileIds = [plan.One, plan.Other] }, cancellationToken);
        return profiles.Select(row => row.ExternalId).OfType<string>().Select(id => new PersonKey(KeyKind.ExternalId, id)).ToList() is [var one, var other] && await PlanMergeAsync(db, one, other, cancellationToken) == plan
            ? await DecideAsync(db, new IdentityRuling(IdentityVerdict.Merge, one, other, by, reason), now, cancellationToken)
            : null;
    }

    /// <summary>Finds out where keys stand that facts wait for. Some cannot be told for as long as a decision cannot be read, so each call goes on behind the one before.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="after">The key that the call before ended with; null to begin.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The last of the keys; null when there are none behind, and the next call is to begin anew.</returns>
    public async Task<WaitingKey?> SettleKeysAsync(HubDbContext db, WaitingKey? after, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var unsettled = await WaitingFacts.LoadUnsettledKeysAsync(db, after, limit, cancellationToken);
        foreach (var tenant in unsettled.GroupBy(key => key.TenantId, key => key.Key, StringComparer.Ordinal))
        {
            await _tables.LockAsync(db, cancellationToken);
            await _intake.TellAgainAsync(db, tenant.Key, tenant, now, cancellationToken);
        }

        return unsettled.Count < limit ? null : unsettled[^1];
    }

    /// <summary>Facts that were set aside because nobody could be told by their keys, and whose keys somebody holds now.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static Task<IReadOnlyList<Guid>> FindToldAsync(HubDbContext db, int limit, CancellationToken cancellationToken) => WaitingFacts.LoadToldAsync(db, limit, cancellationToken);

    /// <summary>A fact that was tried waits no more, unless its keys are contested again.</summary>
    public static Task EndWaitAsync(HubDbContext db, Guid quarantineId, CancellationToken cancellationToken) => WaitingFacts.EndAsync(db, quarantineId, cancellationToken);

    private async Task<RulingOutcome?> RefuseAsync(HubDbContext db, IdentityRuling ruling, KeyBook book, IdentityDecision? before, bool isUndecided, CancellationToken cancellationToken)
    {
        var primary = new[] { ruling.Key, ruling.Other ?? ruling.Key }.Where(key => key.Kind == KeyKind.ExternalId).Distinct().ToList();
        if (primary.Count > 0)
        {
            var known = (await _tables.LoadProfilesAsync(db, DefaultTenant, new ProfileQuery { ExternalIds = [.. primary.Select(key => key.Value)] }, cancellationToken)).Select(row => row.ExternalId).ToHashSet();
            if (primary.Exists(key => !known.Contains(key.Value) && (ruling.Verdict == IdentityVerdict.Merge || !book.Claims.Any(claim => claim.A == key))))
            {
                return RulingOutcome.PersonUnknown;
            }
        }

        return ruling.Verdict switch
        {
            IdentityVerdict.Assign when !isUndecided && !await IsStatedAsync(db, book, ruling.Key, cancellationToken) => RulingOutcome.KeyUnknown,
            IdentityVerdict.Assign or IdentityVerdict.Merge when primary.Append(ruling.Key).Any(key => book.StandOf(key).State == KeyState.Blocked) => RulingOutcome.KeyBlocked,
            IdentityVerdict.Unmerge when ruling.Key.Kind == KeyKind.ExternalId && book.StandOf(ruling.Key).Person != book.StandOf(ruling.Other!.Value).Person => RulingOutcome.NotJoined,
            IdentityVerdict.Unmerge when ruling.Key.Kind != KeyKind.ExternalId && before is not { Verdict: IdentityVerdict.Assign }
                && !book.Claims.Any(claim => claim.A == ruling.Other && claim.B == ruling.Key) => RulingOutcome.NotJoined,
            _ => null,
        };
    }

    /// <summary>What the merge brought of the other's keys goes with it, and consent is decided without them.</summary>
    private async Task PartKeysAsync(HubDbContext db, IdentityDecision parting, KeyBook told, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (profiles, former) = await ProfilesOfAsync(db, told, [parting.A, parting.B], cancellationToken);
        var (one, other) = (told.StandOf(parting.A).Person!.Value, told.StandOf(parting.B).Person!.Value);
        var owners = profiles.Where(row => row.ExternalId is not null).ToDictionary(row => row.ProfileId, row => told.StandOf(new PersonKey(KeyKind.ExternalId, row.ExternalId!)).Person);
        var shown = profiles.SelectMany(row => ConsentState.KeysOf(row.ExternalId, NormalKey.OfEmail(row.Content.Email)).Select(key => (row.ProfileId, Key: key))).ToLookup(key => key.ProfileId, key => key.Key);
        var before = await RulingTables.LoadBeforeAsync(db, DefaultTenant, parting.A, parting.B, cancellationToken);
        List<FormerKey> brought = [.. FormerKeyImage.Brought(before, former, shown, told, owners.GetValueOrDefault, owner => owner == one ? other : one)];
        if (brought.Count > 0)
        {
            await FormerKeyImage.RemoveAsync(db, brought, cancellationToken);
            await _intake.DecideAgainAsync(
                db, DefaultTenant, [.. profiles.Select(row => row.ExternalId).OfType<string>().Select(id => new ConsentRow(ConsentState.KeysOf(id, null).First(), "", ConsentWord.Denied, "identity", now, Collected: false))], now, cancellationToken);
        }
    }

    /// <summary>The profiles of the people who have the keys, and the keys that they had.</summary>
    private async Task<(IReadOnlyList<ProfileRow> Profiles, IReadOnlyList<FormerKey> Former)> ProfilesOfAsync(HubDbContext db, KeyBook book, IEnumerable<PersonKey> keys, CancellationToken cancellationToken)
    {
        var profiles = await LoadProfilesAsync(db, book, keys.Select(key => book.StandOf(key).Person).OfType<PersonKey>().Distinct().SelectMany(person => book.People.ByFirstKey[person]), cancellationToken);
        return (profiles, await _history.LoadAsync(db, [.. profiles.Select(row => row.ProfileId)], cancellationToken));
    }

    private static async Task<IReadOnlyList<long>> UnreadableAsync(HubDbContext db, KeyBook book, CancellationToken cancellationToken) =>
        book.Resting.Count == 0 ? [] : [.. (await UnreadableDecisions.FindAsync(db, DefaultTenant, book.Resting, cancellationToken)).Select(decision => decision.Id)];

    private static async Task<bool> IsStatedAsync(HubDbContext db, KeyBook book, PersonKey key, CancellationToken cancellationToken) =>
        book.Claims.Any(claim => claim.A == key || claim.B == key) || (await IdentityTables.LoadKeysAsync(db, DefaultTenant, [key], cancellationToken)).Count > 0;

    private static async Task<IReadOnlyList<(PersonKey, PersonKey)>> MergesAsync(HubDbContext db, KeyBook book, PersonKey person, CancellationToken cancellationToken) =>
    [
        .. (await IdentityTables.LoadDecisionsAsync(db, DefaultTenant, book.People.ByFirstKey[person].Where(key => key.Kind == KeyKind.ExternalId), cancellationToken))
            .GroupBy(decision => (decision.A, decision.B)).Where(pair => pair.MaxBy(decision => decision.At).Verdict == IdentityVerdict.Merge).Select(pair => pair.Key),
    ];

    /// <summary>The keys of the person, or of those who claim the key, with keys that one of them was stated with.</summary>
    private static List<(PersonKey Key, ResolvedKey Stand)> KeysAround(KeyBook book, PersonKey asked, ResolvedKey stand)
    {
        var people = (stand.Person is { } person ? [person] : stand.Candidates).ToHashSet();
        var own = book.People.Keys.Where(key => key.Value.Person is { } holder && people.Contains(holder)).Select(key => key.Key).Append(asked).ToHashSet();
        var beside = book.Claims.SelectMany(claim => own.Contains(claim.A) || own.Contains(claim.B) ? [claim.A, claim.B] : Array.Empty<PersonKey>()).Where(key => book.StandOf(key).State != KeyState.Held);
        return [.. own.Union(beside).Select(key => (key, book.StandOf(key))).OrderBy(around => around.Item1)];
    }

    private async Task<IReadOnlyList<ProfileRow>> LoadProfilesAsync(HubDbContext db, KeyBook book, IEnumerable<PersonKey> keys, CancellationToken cancellationToken)
    {
        PersonKey[] held = [.. keys.Where(key => book.StandOf(key).State == KeyState.Held)];
        return await _tables.LoadProfilesAsync(
            db,
            DefaultTenant,
            new ProfileQuery
            {
                ExternalIds = [.. held.Where(key => key.Kind == KeyKind.ExternalId).Select(key => key.Value)],
                ProfileIds = [.. held.Select(key => book.Known(key)?.ProfileId).OfType<long>().Distinct()],
            },
            cancellationToken);
    }

    private static int CountOf(ProfileContent content)
    {
        if (!content.IsReadable)
        {
            throw SealingKeys.Broken(SealedColumn.ProfileAttributes);
        }

        using var attributes = JsonDocument.Parse(content.AttributesJson);
        return attributes.RootElement.EnumerateObject().Count();
    }
}
