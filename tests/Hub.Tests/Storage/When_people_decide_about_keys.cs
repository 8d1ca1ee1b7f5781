using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Decisions about keys hold at once for everybody whom they reach, are kept with who and why, said twice are one, and can be undone without a trace.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_people_decide_about_keys(StorageDatabase database) : StorageFixture(database)
{
    private string _one = null!;
    private string _two = null!;
    private string _address = null!;

    private const string Ruling = "crm";

    protected override void AddServices(IServiceCollection services) => services.AddSingleton(IdentityRules.Default with { Authoritative = [Ruling] });

    private ProposalDesk Proposals => Scopes.CreateScope().ServiceProvider.GetRequiredService<ProposalDesk>();

    private IdentityDesk Desk => Scopes.CreateScope().ServiceProvider.GetRequiredService<IdentityDesk>();

    [SetUp]
    public void Choose_people() => (_one, _two, _address) = (Unique("a"), Unique("b"), $"{Unique("m")}@x.test");

    private async Task<RulingOutcome> DecideAsync(IdentityVerdict verdict, PersonKey key, string? person = null, int minute = 0) =>
        (await ReadAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            var result = await Desk.DecideAsync(db, new IdentityRuling(verdict, key, person is null ? null : Id(person), "kim", "because"), Noon.AddMinutes(minute), CancellationToken.None);
            if (result.Outcome == RulingOutcome.Decided)
            {
                await transaction.CommitAsync();
            }

            return result;
        })).Outcome;

    private static PersonKey Id(string id) => new(KeyKind.ExternalId, id);

    private PersonKey Address => new(KeyKind.Email, _address);

    private Task<string?> AttributesAsync(string externalId) => AttributesWhereAsync("external_id = @id AND person_id IS NULL", ("id", externalId));

    private Task<string?> ConsentAsync(string externalId) => TextAsync("SELECT consent FROM profiles WHERE external_id = @id", ("id", externalId));

    private Task<string?> StateAsync(string key) => TextAsync("SELECT state FROM identity_keys WHERE person_key = @key", ("key", key));

    private Task<long> IsMemberAsync(string externalId, string audience) =>
        CountAsync($"SELECT count(*) FROM memberships m JOIN profiles p ON p.profile_id = m.profile_id WHERE p.external_id = '{externalId}' AND m.audience = '{audience}' AND m.is_member");

    [Test]
    public async Task Should_give_a_contested_address_to_one_of_its_claimants_and_take_in_what_waited()
    {
        await AppendAsync(Profile(_one, "{}", 0, _address), Profile(_two, "{}", 0, _address));
        var waiting = Profile(null, """{"plan":"gold"}""", 1, _address);
        Assert.That((await AppendAsync(waiting)).Contested, Has.Count.EqualTo(1));
        Assert.That(await DecideAsync(IdentityVerdict.Assign, Address, _two), Is.EqualTo(RulingOutcome.Decided));
        Assert.That(await DecideAsync(IdentityVerdict.Assign, Address, _two, 1), Is.EqualTo(RulingOutcome.Unchanged));
        Assert.That((await AppendAsync(waiting)).Accepted, Is.EqualTo(1));
        Assert.That((await StateAsync($"email:{_address}"), await AttributesAsync(_one), await AttributesAsync(_two)), Is.EqualTo(("held", "{}", """{"plan":"gold"}""")));
        Assert.That(await CountAsync($"SELECT count(*) FROM identity_decisions WHERE key_b = 'email:{_address}' AND decided_by = 'kim' AND reason = 'because'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_let_a_blocked_key_join_nobody_until_it_is_unblocked()
    {
        await AppendAsync(Profile(null, """{"city":"Bonn"}""", 0, _address));
        await AppendAsync(Profile(_one, "{}", 1, _address));
        Assert.That(await DecideAsync(IdentityVerdict.Block, Address, minute: 1), Is.EqualTo(RulingOutcome.Decided));
        Assert.That((await StateAsync($"email:{_address}"), await AttributesAsync(_one)), Is.EqualTo(("blocked", "{}")));
        Assert.That(await DecideAsync(IdentityVerdict.Assign, Address, _one, 2), Is.EqualTo(RulingOutcome.KeyBlocked));
        Assert.That(await DecideAsync(IdentityVerdict.Unblock, Address, minute: 3), Is.EqualTo(RulingOutcome.Decided));
        Assert.That((await StateAsync($"email:{_address}"), await AttributesAsync(_one)), Is.EqualTo(("held", """{"city":"Bonn"}""")));
    }

    [Test]
    public async Task Should_refuse_what_cannot_be_and_change_nothing()
    {
        await AppendAsync(Profile(_one, "{}", 0, _address), Profile(_two, "{}", 0));
        Assert.That(await DecideAsync(IdentityVerdict.Merge, Id(_one), Unique("nobody")), Is.EqualTo(RulingOutcome.PersonUnknown));
        Assert.That(await DecideAsync(IdentityVerdict.Assign, new PersonKey(KeyKind.Email, "never@x.test"), _one), Is.EqualTo(RulingOutcome.KeyUnknown));
        Assert.That(await DecideAsync(IdentityVerdict.Unmerge, Id(_one), _two), Is.EqualTo(RulingOutcome.NotJoined));
        Assert.That(await DecideAsync(IdentityVerdict.Unmerge, Address, _two), Is.EqualTo(RulingOutcome.NotJoined));
        var three = Unique("c");
        await AppendAsync(Profile(three, "{}", 0));
        foreach (var (one, other) in new[] { (_one, _two), (_two, three), (_one, three) })
        {
            Assert.That(await DecideAsync(IdentityVerdict.Merge, Id(one), other), Is.EqualTo(RulingOutcome.Decided));
        }

        Assert.That(await DecideAsync(IdentityVerdict.Unmerge, Id(_one), _two), Is.EqualTo(RulingOutcome.JoinedByOthers));
        Assert.That(await CountAsync($"SELECT count(*) FROM identity_decisions WHERE verdict = 'unmerge' AND key_a = 'external_id:{_one}'"), Is.Zero);
    }

    [Test]
    public async Task Should_take_a_key_from_somebody()
    {
        await AppendAsync(Profile(_one, "{}", 0, _address), Profile(_two, "{}", 0, _address));
        Assert.That(await DecideAsync(IdentityVerdict.Unmerge, Address, _one), Is.EqualTo(RulingOutcome.Decided));
        Assert.That(await TextAsync("SELECT person FROM identity_keys WHERE person_key = @key", ("key", $"email:{_address}")), Is.EqualTo($"external_id:{_two}"));
    }

    [Test]
    public async Task Should_show_two_as_one_with_the_stricter_consent_and_both_memberships()
    {
        var (news, vip) = (Unique("news"), Unique("vip"));
        await AppendAsync(
            Profile(_one, """{"city":"Bonn"}""", 0, _address), Profile(_two, """{"plan":"gold"}""", 1), Consent(_one, "granted", 0), Consent(_two, "denied", 1), Membership(_one, news, true), Membership(_two, vip, true));
        Assert.That(await DecideAsync(IdentityVerdict.Merge, Id(_two), _one), Is.EqualTo(RulingOutcome.Decided));
        Assert.That(await AttributesAsync(_one), Is.EqualTo("""{"city":"Bonn","plan":"gold"}"""));
        Assert.That(await ConsentAsync(_one), Does.Contain("denied").And.Not.Contain("granted").And.Not.Contain("merged"));
        Assert.That(await ConsentAsync(_two), Does.Contain("denied").And.Contain("suppression:merged"), "whoever is shown no more is sent nothing");
        Assert.That((await IsMemberAsync(_one, news), await IsMemberAsync(_one, vip), await IsMemberAsync(_two, vip)), Is.EqualTo((1, 1, 0)));
        Assert.That((await ReadAsync(db => ConsentBook.FindPeopleAsync(db, _two, null, CancellationToken.None))).Single().ExternalId, Is.EqualTo(_one), "who asks by the other id is told of the person");
    }

    [Test]
    public async Task Should_keep_apart_what_is_stated_of_either_id_while_they_are_one()
    {
        var news = Unique("news");
        await AppendAsync(Profile(_one, "{}", 0), Profile(_two, "{}", 0), Membership(_one, news, true));
        await DecideAsync(IdentityVerdict.Merge, Id(_one), _two);
        await AppendAsync(Membership(_two, news, true, 1), Profile(_two, """{"plan":"gold"}""", 1));
        await AppendAsync(Membership(_one, news, false, 2));
        Assert.That((await IsMemberAsync(_one, news), await IsMemberAsync(_two, news)), Is.EqualTo((1, 0)), "a member by one of the ids");
        await DecideAsync(IdentityVerdict.Unmerge, Id(_one), _two, 3);
        Assert.That((await IsMemberAsync(_one, news), await IsMemberAsync(_two, news)), Is.EqualTo((0, 1)));
        Assert.That((await AttributesAsync(_one), await AttributesAsync(_two)), Is.EqualTo(("{}", """{"plan":"gold"}""")));
    }

    [Test]
    public async Task Should_heed_lists_that_name_either_id_or_none()
    {
        var news = Unique("news");
        await ApplyAsync(news, "full", 0, _one, _two);
        await DecideAsync(IdentityVerdict.Merge, Id(_one), _two);
        await ApplyAsync(news, "full", 10, _one, _two);
        Assert.That(await IsMemberAsync(_one, news), Is.EqualTo(1), "both ids in one list");
        await ApplyAsync(news, "full", 20, _two);
        Assert.That(await IsMemberAsync(_one, news), Is.EqualTo(1), "a member by the other id");
        await DecideAsync(IdentityVerdict.Unmerge, Id(_one), _two, 30);
        Assert.That((await IsMemberAsync(_one, news), await IsMemberAsync(_two, news)), Is.EqualTo((0, 1)));
        await DecideAsync(IdentityVerdict.Merge, Id(_one), _two, 40);
        await ApplyAsync(news, "full", 50, Unique("somebody"));
        Assert.That(await IsMemberAsync(_one, news), Is.Zero);
        await DecideAsync(IdentityVerdict.Unmerge, Id(_one), _two, 60);
        Assert.That((await IsMemberAsync(_one, news), await IsMemberAsync(_two, news)), Is.EqualTo((0, 0)));
    }

    private LedgerFact Merged(string producer, int minute) => new()
    {
        EventId = Guid.NewGuid(), EventType = "profile_merged", OccurredAt = Noon.AddMinutes(minute), Producer = producer, ExternalId = _one, MergedKeys = [Id(_two)], BodyJson = "{}",
    };

    private Task<RulingOutcome> DecideAsync(MergeProposal proposal, int minute) => WriteAsync(db => Proposals.DecideAsync(db, proposal, Noon.AddMinutes(minute), CancellationToken.None));

    [Test]
    public async Task Should_take_the_merge_of_a_producer_for_a_proposal_unless_it_rules_over_identity()
    {
        var (crm, shop) = (Merged(Ruling, 1), Merged("shop", 1));
        await AppendAsync(crm, shop, crm);
        var found = (await ReadAsync(db => Proposals.FindMergesAsync(db, 1000, CancellationToken.None))).Where(merge => merge.EventId == crm.EventId || merge.EventId == shop.EventId).ToList();
        Assert.That(found.Select(merge => (merge.EventId, merge.Stays, merge.Gone)), Is.EqualTo(new[] { (crm.EventId, Id(_one), Id(_two)) }));
        Assert.That(await DecideAsync(found[0], 2), Is.EqualTo(RulingOutcome.PersonUnknown), "it waits for both");
        await AppendAsync(Profile(_one, "{}", 0), Profile(_two, """{"plan":"gold"}""", 0));
        Assert.That(await DecideAsync(found[0], 3), Is.EqualTo(RulingOutcome.Decided));
        Assert.That(await AttributesAsync(_one), Is.EqualTo("""{"plan":"gold"}"""));
        await DecideAsync(IdentityVerdict.Unmerge, Id(_one), _two, 4);
        Assert.That(await DecideAsync(found[0], 5), Is.EqualTo(RulingOutcome.Unchanged), "what people decided since counts");
        Assert.That((await ReadAsync(db => Proposals.FindMergesAsync(db, 1000, CancellationToken.None))).Any(merge => merge.EventId == crm.EventId), Is.False);
        Assert.That((await ReadAsync(db => Proposals.ListAsync(db, IdentityProposals.MergeKind, 1000, CancellationToken.None))).Merges.Any(merge => merge.EventId == shop.EventId), Is.True);
    }

    [Test]
    public async Task Should_merge_nobody_for_a_producer_who_has_no_id_of_the_company()
    {
        var browser = new PersonKey(KeyKind.AnonymousId, Unique("web"));
        await AppendAsync(Profile(_one, "{}", 0), Profile(null, "{}", 0) with { OtherKeys = [browser] });
        var fact = Merged(Ruling, 1) with { MergedKeys = [browser] };
        await AppendAsync(fact);
        var proposal = (await ReadAsync(db => Proposals.FindMergesAsync(db, 1000, CancellationToken.None))).Single(merge => merge.EventId == fact.EventId);
        Assert.That(await DecideAsync(proposal, 2), Is.EqualTo(RulingOutcome.PersonUnknown));
        Assert.That(await CountAsync($"SELECT count(*) FROM identity_decisions WHERE key_a = '{browser}' OR key_b = '{browser}'"), Is.Zero);
    }

    [Test]
    public async Task Should_keep_a_grant_under_the_id_alone_and_a_denial_under_every_key()
    {
        await AppendAsync(Profile(_one, "{}", 0, _address), Consent(_one, "granted", 1, _address));
        Assert.That(await CountAsync($"SELECT count(*) FROM consents WHERE subject_key = 'email:{_address}'"), Is.Zero, "whoever has the address next agreed to nothing");
        await AppendAsync(Consent(_one, "denied", 2, _address));
        Assert.That(await CountAsync($"SELECT count(*) FROM consents WHERE subject_key = 'email:{_address}' AND status = 'denied'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_let_the_later_decision_count_though_another_hubs_clock_was_ahead()
    {
        await AppendAsync(Profile(_one, "{}", 0), Profile(_two, "{}", 0));
        await DecideAsync(IdentityVerdict.Merge, Id(_one), _two, 10);
        Assert.That(await DecideAsync(IdentityVerdict.Unmerge, Id(_one), _two, 5), Is.EqualTo(RulingOutcome.Decided));
        Assert.That(await CountAsync($"SELECT count(*) FROM profiles WHERE external_id IN ('{_one}', '{_two}') AND person_id IS NOT NULL"), Is.Zero);
    }

    [Test]
    public async Task Should_propose_what_several_people_claim()
    {
        await AppendAsync(Profile(_one, "{}", 0, _address), Profile(_two, "{}", 0, _address));
        var proposals = await ReadAsync(db => Proposals.ListAsync(db, "email", 1000, CancellationToken.None));
        Assert.That(proposals.Contested.Single(key => key.Key == Address).Candidates, Is.EqualTo(new[] { Id(_one), Id(_two) }));
        Assert.That(proposals.Counts.Single(count => count.Kind == "email").Count, Is.EqualTo(proposals.Contested.Count));
        Assert.That(proposals.Merges, Is.Empty);
    }

    [Test]
    public async Task Should_find_whom_somebody_anonymous_became_through_every_merge()
    {
        var browser = PersonKey.Of(KeyKind.AnonymousId, Unique("web"))!.Value;
        await AppendAsync(Profile(null, """{"city":"Bonn"}""", 0) with { OtherKeys = [browser] }, Profile(_two, "{}", 0));
        await AppendAsync(Profile(_two, "{}", 1) with { OtherKeys = [browser] }, Profile(_one, "{}", 1));
        await DecideAsync(IdentityVerdict.Merge, Id(_one), _two);
        await AppendAsync(Consent(null, "denied", 2) with { OtherKeys = [browser] });
        Assert.That((await AttributesAsync(_one), await ConsentAsync(_one)), Is.EqualTo(("""{"city":"Bonn"}""", await ConsentAsync(_one))));
        Assert.That(await ConsentAsync(_one), Does.Contain("denied"));
    }

    [Test]
    public async Task Should_leave_no_trace_of_a_merge_that_is_undone([Range(1, 6)] int seed)
    {
        var random = new Random(seed);
        var people = Enumerable.Range(0, 4).Select(i => Unique($"p{i}")).ToArray();
        var addresses = people.Select(_ => $"{Unique("m")}@x.test").ToArray();
        var audiences = new[] { Unique("x"), Unique("y") };
        await AppendAsync([.. people.Select((id, i) => Profile(id, $$"""{"n":{{i}}}""", 0, addresses[i]))]);
        for (var i = 0; i < 25; i++)
        {
            var id = random.Next(4) > 0 ? people[random.Next(4)] : null;
            var email = id is null || random.Next(3) == 0 ? addresses[random.Next(4)] : null;
            await AppendAsync(random.Next(3) switch
            {
                0 => Consent(id, random.Next(2) == 0 ? "granted" : "denied", i, email) with { OtherKeys = random.Next(4) == 0 ? [PersonKey.Of(KeyKind.AnonymousId, $"{people[0]}w{random.Next(3)}")!.Value] : [] },
                1 when id is not null => Membership(id, audiences[random.Next(2)], random.Next(3) > 0, i),
                _ => Profile(id, $$"""{"a{{random.Next(3)}}":{{i}}}""", i, email) with { OtherKeys = random.Next(3) == 0 ? [PersonKey.Of(KeyKind.AnonymousId, $"{people[0]}w{random.Next(3)}")!.Value] : [] },
            });
        }

        var before = await EverythingAsync(people, addresses);
        await DecideAsync(IdentityVerdict.Merge, Id(people[0]), people[1], 100);
        Assert.That(await EverythingAsync(people, addresses), Is.Not.EqualTo(before));
        await DecideAsync(IdentityVerdict.Merge, Id(people[1]), people[2], 101);
        await DecideAsync(IdentityVerdict.Unmerge, Id(people[1]), people[2], 102);
        await DecideAsync(IdentityVerdict.Unmerge, Id(people[0]), people[1], 103);
        Assert.That(await EverythingAsync(people, addresses), Is.EqualTo(before));
    }

    /// <summary>Who is who, what is known of everybody, what they denied under which key, and where they are members.</summary>
    private async Task<string> EverythingAsync(string[] people, string[] addresses) => string.Join('\n', await ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        var ids = string.Join(", ", people.Select(id => $"'{id}'"));
        var keys = string.Join(", ", addresses.Select(address => $"'email:{address}'"));
        var lines = await session.ReadAsync(
            $"SELECT profile_id, external_id, email, email_key, attributes, attributes_at, consent, person_id FROM profiles WHERE external_id IN ({ids}) ORDER BY external_id",
            row => (Id: row.GetInt64(0), Line: $"{row.GetString(1)} {row.TextOrNull(2)} {row.TextOrNull(3)} {SealingKeys.Of(db).OpenProfile(row.GetInt64(0), row.GetString(4))} {row.GetString(5)} {row.GetString(6)} {(row.IsDBNull(7) ? "" : "joined")}"), CancellationToken.None);
        var members = await session.ReadAsync(
            $"SELECT m.audience, m.profile_id, m.is_member, m.since, m.occurred_at FROM memberships m JOIN profiles p ON p.profile_id = m.profile_id WHERE p.external_id IN ({ids}) ORDER BY 1, 2",
            row => $"{row.GetString(0)} {row.GetInt64(1)} {row.GetBoolean(2)} {row.Time(3):O} {row.Time(4):O}", CancellationToken.None);
        var former = await session.ReadAsync(
            $"SELECT f.profile_id, f.subject_key FROM former_keys f JOIN profiles p ON p.profile_id = f.profile_id WHERE p.external_id IN ({ids}) ORDER BY 1, 2", row => $"{row.GetInt64(0)} {row.GetString(1)}", CancellationToken.None);
        var stands = await session.ReadAsync(
            $"SELECT person_key, state, person FROM identity_keys WHERE person_key IN ({keys}) OR person_key LIKE 'anonymous_id:{people[0]}w%' ORDER BY 1", row => $"{row.GetString(0)} {row.TextOrNull(1)} {row.TextOrNull(2)}", CancellationToken.None);
        return lines.Select(line => line.Line).Concat(members).Concat(former).Concat(stands);
    }));
}
