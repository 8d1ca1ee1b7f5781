using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Renames;
using IntegrationHub.Storage.Retention;
using IntegrationHub.Storage.Shadows;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Appends facts and applies them. The same on every dialect; the tables differ.</summary>
internal sealed class FactLedger(ILedgerTables tables, IConsentTables consents, IEventTables events, SubjectIntake intake, FactRetention retention, FactBook book, Tombstones tombstones, TimeProvider time) : ILedger
{
    private const string DefaultTenant = "default";
    private static readonly string _deleted = Suppression.PurposeOf(Suppression.Deleted);

    private static readonly IReadOnlySet<Guid> _nobody = new HashSet<Guid>();

    public async Task<IntakeResult> AppendAsync(HubDbContext db, IReadOnlyList<LedgerFact> facts, CancellationToken cancellationToken, long? config = null)
    {
        if (db.Database.CurrentTransaction is null)
        {
            throw new InvalidOperationException("Begin a transaction on the HubDbContext before facts are appended; they are applied in several statements.");
        }

        if (facts.Count == 0)
        {
            return new IntakeResult(new Dictionary<Guid, FactPlace>(), 0);
        }

        var now = time.GetUtcNow();
        await tables.LockAsync(db, cancellationToken, config);
        facts = await AudienceAliases.ApplyAsync(db, facts, cancellationToken);
        var erased = await FindErasedAsync(db, facts, now, cancellationToken);
        if (erased.Count > 0)
        {
            facts = [.. facts.Where(fact => !erased.Contains(fact.EventId))];
        }

        var stated = facts.DistinctBy(fact => fact.EventId).ToList();
        var places = await tables.AddIdsAsync(db, stated.ConvertAll(fact => fact.EventId), now, cancellationToken);
        var placed = new List<PlacedFact>(places.Count);
        var contested = new Dictionary<Guid, IReadOnlyList<PersonKey>>();
        var refused = new Dictionary<Guid, IReadOnlyList<RefusedAttribute>>();
        foreach (var tenant in stated.Where(fact => places.ContainsKey(fact.EventId)).GroupBy(fact => fact.TenantId, StringComparer.Ordinal))
        {
            List<LedgerFact> news = [.. tenant];
            var subjects = await ApplyAsync(db, tenant.Key, news, places, now, cancellationToken);
            for (var i = 0; i < news.Count; i++)
            {
                if (subjects[i].Contested is { } candidates)
                {
                    contested.Add(news[i].EventId, candidates);
                }
                else
                {
                    if (subjects[i].Refused is { Count: > 0 } kept)
                    {
                        refused.Add(news[i].EventId, kept);
                    }

                    placed.Add(new PlacedFact(news[i], places[news[i].EventId], retention.ClassOf(news[i].EventType), subjects[i].ProfileId));
                }
            }
        }

        if (placed.Count > 0)
        {
            await tables.AddFactsAsync(db, placed, cancellationToken);
        }

        if (contested.Count > 0)
        {
            await tables.TakeBackIdsAsync(db, [.. contested.Keys], cancellationToken);
        }

        return new IntakeResult(contested.Count == 0 ? places : placed.ToDictionary(fact => fact.Fact.EventId, fact => fact.Place), facts.Count - places.Count) { Contested = contested, Erased = erased, Refused = refused };
    }

    /// <summary>Facts that name somebody who was erased. Whoever may come back, and grants again, is erased no more.</summary>
    private async Task<IReadOnlySet<Guid>> FindErasedAsync(HubDbContext db, IReadOnlyList<LedgerFact> facts, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var keys = await FindAsync();
        if (keys.Count == 0)
        {
            return _nobody;
        }

        if (await tombstones.EndAsync(db, facts.Where(fact => fact.Consents.Any(consent => consent.Status == ConsentWord.Granted)).SelectMany(fact => fact.Keys.Where(keys.Contains).Select(key => (key, fact.OccurredAt))), now, cancellationToken))
        {
            keys = await FindAsync();
        }

        List<LedgerFact> hits = [.. facts.Where(fact => Named(fact).Any(keys.Contains))];
        if (hits.Count > 0)
        {
            await Tombstones.CountAsync(db, hits.Select(fact => fact.EventType), now, cancellationToken);
        }

        return hits.Select(fact => fact.EventId).ToHashSet();

        Task<IReadOnlySet<PersonKey>> FindAsync() => tombstones.FindAsync(db, facts.SelectMany(Named), cancellationToken);

        IEnumerable<PersonKey> Named(LedgerFact fact) => fact.Keys.Concat(fact.MergedKeys).Concat(intake.KeysAmong(fact.Phone, fact.AttributesJson));
    }

    public async Task<ShadowedFacts> ShadowAsync(HubDbContext db, IReadOnlyList<LedgerFact> facts, Guid? listId, CancellationToken cancellationToken, long? config = null)
    {
        var now = time.GetUtcNow();
        await tables.LockAsync(db, cancellationToken, config);
        LedgerFact[] stated = [.. (await AudienceAliases.ApplyAsync(db, facts, cancellationToken)).Select(fact => fact with { Consents = [] })]; // a grant of a shadow brings nobody back
        var erased = await FindErasedAsync(db, stated, now, cancellationToken);
        LedgerFact[] kept = [.. stated.Where(fact => !erased.Contains(fact.EventId))];
        await ShadowBook.KeepAsync(db, kept.SelectMany(fact => ShadowStatement.Of(fact, intake.Telling(fact.Keys))), listId, cancellationToken);
        return new ShadowedFacts(erased, listId is null ? await ShadowBook.AddIdsAsync(db, kept.Select(fact => fact.EventId), now, cancellationToken) : new HashSet<Guid>());
    }

    public async Task<IReadOnlyList<RestatedPerson>> PreviewAsync(HubDbContext db, IReadOnlyList<LedgerFact> facts, CancellationToken cancellationToken)
    {
        facts = await AudienceAliases.ApplyAsync(db, facts, cancellationToken);
        var (changed, subjects) = await intake.PreviewAsync(db, DefaultTenant, Restatements(facts), cancellationToken);
        var moved = await FindMovedAsync(db, facts, subjects, cancellationToken);
        var differing = changed.Where(entry => entry.Person is null).Select(entry => new RestatedPerson(entry.ProfileId, entry.ChangedNames, [])).Where(person => person.Attributes.Count > 0).Concat(moved).ToList();
        var known = differing.Where(person => person.ProfileId != 0).GroupBy(person => person.ProfileId)
            .Select(person => new RestatedPerson(person.Key, [.. person.SelectMany(one => one.Attributes)], [.. person.SelectMany(one => one.Audiences)]));
        return [.. differing.Where(person => person.ProfileId == 0), .. known];
    }

    public async Task<IReadOnlyList<RestatedPerson>> RestateAsync(HubDbContext db, IReadOnlyList<LedgerFact> facts, CancellationToken cancellationToken)
    {
        await tables.LockAsync(db, cancellationToken);
        var now = time.GetUtcNow();
        facts = await AudienceAliases.ApplyAsync(db, facts, cancellationToken);
        var differing = await PreviewAsync(db, facts, cancellationToken);
        if (differing.Count > 0)
        {
            var subjects = await intake.ApplyAsync(db, DefaultTenant, Restatements(facts), [], now, cancellationToken);
            await WriteMembershipsAsync(db, [.. facts], subjects[^facts.Count..], now, cancellationToken);
        }

        return differing;
    }

    /// <summary>What the facts say together, and then each for itself, to find whom it is about.</summary>
    private List<SubjectStatement> Restatements(IReadOnlyList<LedgerFact> facts) =>
        [.. LogStatements.Of(facts, intake.Telling, intake.Rules), .. facts.Select(fact => new SubjectStatement(fact.Keys, new ProfileStatement(null, null, null, fact.OccurredAt), MayCreate: false, NeedsPerson: false))];

    private static async Task<IEnumerable<RestatedPerson>> FindMovedAsync(HubDbContext db, IReadOnlyList<LedgerFact> facts, StatedSubject[] subjects, CancellationToken cancellationToken)
    {
        var about = subjects[^facts.Count..];
        var grouped = await GroupedMemberships.FindShownAsync(db, about.Select(subject => subject.ProfileId).Where(id => id != 0).Distinct(), cancellationToken);
        long Kept(StatedSubject subject) => grouped.Contains(subject.ProfileId) && subject.NamedProfileId != 0 ? subject.NamedProfileId : subject.ProfileId;
        var moved = await MembershipDrift.FindAsync(db, Memberships([.. facts], [.. about.Select(Kept)]), cancellationToken);
        var shown = about.Where(subject => subject.ProfileId != 0).ToLookup(Kept, subject => subject.ProfileId);
        return moved.GroupBy(membership => shown[membership.ProfileId].First()).Select(person => new RestatedPerson(person.Key, [], [.. person.Select(membership => membership.Audience).Distinct().Order(StringComparer.Ordinal)]));
    }

    public Task LockAsync(HubDbContext db, CancellationToken cancellationToken) => tables.LockAsync(db, cancellationToken);

    public Task CountAsync(HubDbContext db, IEnumerable<FactVolume> volumes, IEnumerable<Violation> violations, CancellationToken cancellationToken) =>
        book.CountAsync(db, volumes, violations, time.GetUtcNow(), cancellationToken);

    public async Task<bool[]> AreKnownAsync(HubDbContext db, IReadOnlyList<ConsentQuestion> statements, CancellationToken cancellationToken)
    {
        string[][] keys = [.. statements.Select(statement => ConsentState.KeysOf(NormalKey.OfId(statement.ExternalId), NormalKey.OfEmail(statement.Email)).ToArray())];
        var rows = await consents.LoadAsync(db, DefaultTenant, [.. keys.SelectMany(key => key).Distinct()], cancellationToken);
        var decided = rows.ToDictionary(row => (row.SubjectKey, row.Purpose), row => row.Status);
        return [.. statements.Select((statement, i) => statement.Status == ConsentWord.Denied
            ? Array.TrueForAll(keys[i], key => decided.GetValueOrDefault((key, statement.Purpose)) == ConsentWord.Denied)
            : Array.Exists(keys[i], key => decided.ContainsKey((key, statement.Purpose))))];
    }

    public async Task UseIdentityRulesAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await tables.LockAsync(db, cancellationToken); // a hub that starts at the same time waits, and finds what this one wrote
        await intake.UseRulesAsync(db, cancellationToken);
    }

    public async Task<int> ExpireConsentsAsync(HubDbContext db, int limit, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await tables.LockAsync(db, cancellationToken);
        var ended = await consents.LoadEndedAsync(db, now, limit, cancellationToken);
        foreach (var tenant in ended.GroupBy(row => row.TenantId, StringComparer.Ordinal))
        {
            List<ConsentRow> rows = [.. tenant.Select(row => row.Decision with { Status = ConsentWord.Expired })];
            await consents.AddHistoryAsync(db, tenant.Key, rows.ConvertAll(row => (Guid.CreateVersion7(now), (long?)null, row)), now, cancellationToken);
            await consents.EndAsync(db, tenant.Key, rows, cancellationToken);
            await intake.DecideAgainAsync(db, tenant.Key, rows, now, cancellationToken);
        }

        return ended.Count;
    }

    public async Task<int> TellEndedGrantsAsync(HubDbContext db, string purpose, string life, Func<DateTimeOffset, bool> hasEnded, int limit, CancellationToken cancellationToken)
    {
        if ((await ReadAsync()).Count == 0)
        {
            return 0;
        }

        await tables.LockAsync(db, cancellationToken);
        var ended = await ReadAsync();
        if (ended.Count > 0)
        {
            await intake.RemindAsync(db, DefaultTenant, ended.Select(grant => grant.SubjectKey), purpose, time.GetUtcNow(), cancellationToken);
            await ConsentEnds.KeepAsync(db, purpose, life, ended[^1], cancellationToken);
        }

        return ended.Count;

        async Task<List<EndedGrant>> ReadAsync() => [.. (await ConsentEnds.NextAsync(db, DefaultTenant, purpose, life, limit, cancellationToken)).TakeWhile(grant => hasEnded(grant.DecidedAt))];
    }

    public Task RouteIdentityAsync(HubDbContext db, IReadOnlyList<IdentityRoute> routes, int partitions, CancellationToken cancellationToken) =>
        RemoteProfiles.ReplaceRoutesAsync(db, routes, partitions, cancellationToken);

    public Task RouteAudiencesAsync(HubDbContext db, IReadOnlyList<AudienceRoute> routes, CancellationToken cancellationToken) =>
        LedgerRoutes.OfAudiencesAsync(db, routes, cancellationToken);

    public Task RouteConsentsAsync(HubDbContext db, IReadOnlyList<ConsentRoute> routes, int partitions, CancellationToken cancellationToken) =>
        LedgerRoutes.OfConsentsAsync(db, routes, partitions, cancellationToken);

    public Task RouteEventsAsync(HubDbContext db, IReadOnlyList<EventRoute> routes, int partitions, CancellationToken cancellationToken) =>
        LedgerRoutes.OfEventsAsync(db, routes, partitions, cancellationToken);

    public Task RouteLiveAsync(HubDbContext db, IReadOnlyList<AudienceRoute> routes, int partitions, CancellationToken cancellationToken) =>
        LiveLane.RouteAsync(db, routes, partitions, cancellationToken);

    /// <summary>Applies new facts of a tenant, each of which has a place.</summary>
    /// <returns>Whom each is about.</returns>
    private async Task<StatedSubject[]> ApplyAsync(
        HubDbContext db, string tenantId, List<LedgerFact> facts, Dictionary<Guid, FactPlace> places, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var decisions = facts.SelectMany(Decisions).ToList();
        var latest = ConsentState.Latest(decisions.Select(decision => decision.Decision));
        if (decisions.Count > 0)
        {
            await consents.AddHistoryAsync(db, tenantId, [.. decisions.Select(decision => (decision.EventId, (long?)places[decision.EventId].Position, decision.Decision))], now, cancellationToken);
            await consents.KeepAsync(db, tenantId, latest, cancellationToken);
        }

        var statements = facts.ConvertAll(Statement);
        var subjects = await intake.ApplyAsync(db, tenantId, statements, latest, now, cancellationToken);
        var profileIds = Array.ConvertAll(subjects, subject => subject.ProfileId);
        await WriteMembershipsAsync(db, facts, subjects, now, cancellationToken);
        MergeProposal[] merges = [.. facts.Select(intake.ProposalOf).OfType<MergeProposal>()];
        if (merges.Length > 0)
        {
            await ProposalTables.AddAsync(db, tenantId, merges, cancellationToken);
        }

        await IdentityDues.OweDeletionsAsync(db, [.. Deleted(facts, subjects)], now, cancellationToken);

        var happened = Events(facts, profileIds, places);
        if (happened.Count > 0)
        {
            await events.OweAsync(db, happened, now, cancellationToken);
        }

        return subjects;
    }

    /// <summary>Of somebody who has several profiles each keeps what was stated of it, and the one that is shown has what they say together.</summary>
    private async Task WriteMembershipsAsync(HubDbContext db, List<LedgerFact> facts, StatedSubject[] subjects, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!facts.Exists(fact => fact.Membership is not null))
        {
            return;
        }

        var grouped = await GroupedMemberships.FindShownAsync(db, facts.Select((fact, i) => fact.Membership is null ? 0 : subjects[i].ProfileId).Where(id => id != 0), cancellationToken);
        var alone = Memberships(facts, Array.ConvertAll(subjects, subject => grouped.Contains(subject.ProfileId) ? 0 : subject.ProfileId));
        if (alone.Count > 0)
        {
            await tables.WriteMembershipsAsync(db, alone, now, cancellationToken);
            await LiveLane.OweAsync(db, alone, now, cancellationToken);
        }

        if (grouped.Count > 0)
        {
            var ofGroups = Memberships(facts, Array.ConvertAll(subjects, subject => !grouped.Contains(subject.ProfileId) ? 0 : subject.NamedProfileId != 0 ? subject.NamedProfileId : subject.ProfileId));
            await GroupedMemberships.StateAsync(db, ofGroups, now, cancellationToken);
            await GroupedMemberships.ArrangeAsync(db, grouped, cancellationToken);
            await LiveLane.OweAsync(db, Memberships(facts, Array.ConvertAll(subjects, subject => grouped.Contains(subject.ProfileId) ? subject.ProfileId : 0)), now, cancellationToken);
        }
    }

    /// <summary>Somebody whom a site does not know is remembered by what he or she does: it is somebody known's one day.</summary>
    private static SubjectStatement Statement(LedgerFact fact) => new(
        fact.Keys,
        fact.Profile,
        fact.AttributesJson is not null || fact.Membership is not null || (fact is { EventName: not null, ExternalId: null, Email: null }),
        fact.AttributesJson is not null || fact.Membership is not null || fact.EventName is not null);

    /// <summary>
    /// A denial holds under every key that its fact names. A grant holds under the first, which is the person's own where there is one: an address may be
    /// somebody else's too, who denied.
    /// </summary>
    private static IEnumerable<(Guid EventId, ConsentRow Decision)> Decisions(LedgerFact fact) =>
        from consent in fact.Consents
        let keys = fact.Keys.Select(SubjectIntake.SubjectKeyOf)
        from key in consent is { Status: ConsentWord.Denied, IsOfProfileAlone: false } ? keys : keys.Take(1)
        select (fact.EventId, new ConsentRow(key, consent.Purpose, consent.Status, consent.Source, consent.DecidedAt, Collected: false)
        {
            ExpiresAt = consent.Status == ConsentWord.Denied ? null : consent.ExpiresAt, Channel = consent.Channel, LegalBasis = consent.LegalBasis, EvidenceJson = consent.EvidenceJson, HasEvidence = consent.EvidenceJson is not null,
        });

    /// <summary>The profiles that deletions are about, and the ones that show them.</summary>
    private static IEnumerable<long> Deleted(List<LedgerFact> facts, StatedSubject[] subjects) => facts
        .SelectMany((fact, i) => fact.Consents.Any(consent => consent.Purpose == _deleted && consent.Status == ConsentWord.Denied) ? new[] { subjects[i].ProfileId, subjects[i].NamedProfileId } : [])
        .Where(id => id != 0).Distinct();

    /// <summary>Events of known people, the earlier ones first: so they stand in the queue.</summary>
    private static List<EventRow> Events(List<LedgerFact> facts, long[] profileIds, Dictionary<Guid, FactPlace> places) =>
    [
        .. facts.Select((fact, i) => (Fact: fact, ProfileId: profileIds[i]))
            .Where(row => row.Fact.EventName is not null && row.ProfileId != 0)
            .OrderBy(row => row.Fact.OccurredAt)
            .Select(row => new EventRow(row.Fact.EventId, places[row.Fact.EventId], row.ProfileId, row.Fact.EventName!)),
    ];

    private static List<MembershipRow> Memberships(List<LedgerFact> facts, long[] profileIds)
    {
        var latest = new Dictionary<(string, long), MembershipRow>();
        for (var i = 0; i < facts.Count; i++)
        {
            if (facts[i].Membership is not { } membership || profileIds[i] == 0)
            {
                continue;
            }

            var key = (membership.Audience, profileIds[i]);
            var row = new MembershipRow(membership.Audience, profileIds[i], membership.IsMember, facts[i].OccurredAt);
            if (!latest.TryGetValue(key, out var other) || row.Beats(other))
            {
                latest[key] = row;
            }
        }

        return [.. latest.Values.OrderBy(row => row.Audience, StringComparer.Ordinal).ThenBy(row => row.ProfileId)];
    }
}
