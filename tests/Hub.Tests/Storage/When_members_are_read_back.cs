using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Hub.Tests.Storage;

[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_members_are_read_back(StorageDatabase database) : StorageFixture(database)
{
    private async Task<(string Audience, string Destination, string[] People)> DeliveredAsync(int people)
    {
        var (audience, destination) = (Unique("aud"), Unique("dest"));
        var ids = Enumerable.Range(0, people).Select(_ => Unique("p")).ToArray();
        await ApplyAsync(audience, "full", 0, ids);
        await PlanAsync(await StartRunAsync(audience, destination: destination), audience, destination: destination);
        await DeliverAllAsync(destination: destination);
        return (audience, destination, ids);
    }

    private Task<VerificationTotals> CompareAsync(string audience, string destination, bool strangers, bool final, params RemoteMember[] seen) =>
        CompareAsync(new ReadBack(Guid.NewGuid(), 1, destination, audience), strangers, final, seen);

    private async Task<VerificationTotals> CompareAsync(ReadBack readBack, bool strangers, bool final, params RemoteMember[] seen)
    {
        var run = readBack.RunId;
        await WriteAsync(db => Verification.BeginAsync(db, run, 1, CancellationToken.None));
        await WriteAsync(db => Verification.StageAsync(db, run, 1, readBack.Destination, seen, CancellationToken.None));
        await WriteAsync(db => Verification.StageAsync(db, run, 1, readBack.Destination, seen, CancellationToken.None));
        var totals = await WriteAsync(db => Verification.CompareAsync(db, readBack, "external_id", strangers, final, CancellationToken.None));
        await WriteAsync(db => Verification.EndAsync(db, run, CancellationToken.None));
        return totals;
    }

    [Test]
    public async Task Should_find_members_by_remote_id_or_key_and_count_repeats_once()
    {
        var (audience, destination, people) = await DeliveredAsync(3);
        var expected = await ReadAsync(db => Verification.ReadExpectedAsync(db, new ReadBack(Guid.NewGuid(), 1, destination, audience), 0, 10, CancellationToken.None));
        Assert.That(expected.Select(member => member.ExternalId), Is.EqualTo(people));
        var seen = new[] { new RemoteMember(expected[0].RemoteId, null), new RemoteMember(null, people[1]), new RemoteMember("stranger", "stranger") };
        Assert.That(await CompareAsync(audience, destination, false, false, seen), Is.EqualTo(new VerificationTotals(3, 2, 1, 0)));
        Assert.That(await CompareAsync(audience, destination, true, false, seen), Is.EqualTo(new VerificationTotals(3, 2, 1, 1)));
        Assert.That(await CompareAsync(audience, destination, false, true, seen), Is.EqualTo(new VerificationTotals(3, 2, 1, 0)));
        Assert.That((await PlanAsync(await StartRunAsync(audience, destination: destination), audience, destination: destination)).ToAdd, Is.EqualTo(1), "who was missing at the end is added again");
    }

    [Test]
    public async Task Should_find_members_whose_keys_the_vendor_spells_in_another_case_where_case_means_nothing([Values] bool folds, [Values] bool onlyPeopleOfRun)
    {
        var (audience, destination) = (Unique("aud"), Unique("dest"));
        await ApplyAsync(audience, "full", 0, Unique("C-KX7Q"));
        var run = await StartRunAsync(audience, destination: destination);
        await PlanAsync(run, audience, destination: destination);
        await DeliverAllAsync(destination: destination);
        var person = (await ReadAsync(db => Verification.ReadExpectedAsync(db, new ReadBack(Guid.NewGuid(), 1, destination, audience), 0, 10, CancellationToken.None))).Single().ExternalId;
        var readBack = new ReadBack(run, 1, destination, audience, onlyPeopleOfRun) { FoldsKeys = folds };
        Assert.That((await CompareAsync(readBack, false, false, new RemoteMember(null, ReadBack.Fold(person)))).Found, Is.EqualTo(folds ? 1 : 0));
    }

    [Test]
    public async Task Should_plan_who_was_missing_also_in_a_delta()
    {
        var (audience, destination, people) = await DeliveredAsync(2);
        await CompareAsync(audience, destination, false, true, new RemoteMember(null, people[0]));
        Assert.That((await PlanAsync(await StartRunAsync(audience, destination: destination), audience, "delta", destination: destination)).ToAdd, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_call_a_removed_person_who_is_still_there_unexpected()
    {
        var (audience, destination, people) = await DeliveredAsync(2);
        await ApplyAsync(audience, "full", 5, people[0]);
        await PlanAsync(await StartRunAsync(audience, destination: destination), audience, destination: destination);
        await DeliverAllAsync(destination: destination);
        Assert.That(
            await CompareAsync(audience, destination, false, false, new RemoteMember(null, people[0]), new RemoteMember(null, people[1])),
            Is.EqualTo(new VerificationTotals(1, 1, 0, 1)));
    }

    [Test]
    public async Task Should_remove_again_whom_the_run_removed_and_who_is_still_there_at_the_end_and_nobody_else()
    {
        var (audience, destination, people) = await DeliveredAsync(3);
        await WriteAsync(db => Ledger.RouteAudiencesAsync(db, [new AudienceRoute(audience, destination)], CancellationToken.None));
        await RemoveAsync(people[1], people[2]); // an earlier run removed people[0], whom somebody put back by hand
        var run = await RemoveAsync(people[2]);
        RemoteMember[] seen = [.. people.Select(person => new RemoteMember(null, person))];
        Assert.That(await CompareAsync(new ReadBack(run, 1, destination, audience), false, false, seen), Is.EqualTo(new VerificationTotals(1, 1, 0, 2)));
        Assert.That((await PlanAsync(await StartRunAsync(audience, destination: destination), audience, destination: destination)).ToRemove, Is.Zero, "the vendor may still catch up");
        await CompareAsync(new ReadBack(run, 1, destination, audience), false, true, seen);
        var next = await StartRunAsync(audience, destination: destination);
        Assert.That((await PlanAsync(next, audience, "delta", destination: destination)).ToRemove, Is.EqualTo(1));
        await DeliverAllAsync(destination: destination);
        Assert.That(
            await CompareAsync(new ReadBack(next, 1, destination, audience), false, true, new RemoteMember(null, people[2])), Is.EqualTo(new VerificationTotals(1, 1, 0, 0)));

        async Task<Guid> RemoveAsync(params string[] rest)
        {
            await ApplyAsync(audience, "full", 9 - rest.Length, rest);
            var removing = await StartRunAsync(audience, destination: destination);
            await PlanAsync(removing, audience, destination: destination);
            await DeliverAllAsync(destination: destination);
            return removing;
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Should_take_what_was_read_to_say_nothing_of_whom_the_live_lane_moved_meanwhile(bool strangersAreUnexpected)
    {
        var (audience, destination, people) = await DeliveredAsync(2);
        await WriteAsync(db => Ledger.RouteLiveAsync(db, [new AudienceRoute(audience, destination)], partitions: 1, CancellationToken.None));
        var joined = Unique("p");
        await AppendAsync(Membership(joined, audience, true, 5), Membership(people[0], audience, false, 5));
        var lease = await LeaseAsync(destination: destination, lane: Lane.Live);
        await SettleAsync(lease, (await ReadAsync(db => Deliveries.ClaimAsync(db, lease, TimeProvider.System.GetUtcNow().AddHours(1), 10, CancellationToken.None)))
            .Select(delivery => Delivered(delivery with { Operation = delivery.State!.IsMember ? Operation.AddMember : Operation.RemoveMember })));
        RemoteMember[] before = [new(null, people[0]), new(null, people[1])];
        var readBack = new ReadBack(Guid.NewGuid(), 1, destination, audience);

        Assert.That(await CompareAsync(readBack with { Since = Noon.AddMinutes(-1) }, strangersAreUnexpected, false, before), Is.EqualTo(new VerificationTotals(2, 2, 0, 0)));
        Assert.That(await CompareAsync(readBack with { Since = Noon.AddMinutes(1) }, strangersAreUnexpected, false, before), Is.EqualTo(new VerificationTotals(2, 1, 1, 1)), "moved before it was read");
    }

    [Test]
    public async Task Should_name_who_differed_in_the_last_round()
    {
        var (audience, destination, people) = await DeliveredAsync(3);
        var run = Guid.NewGuid();
        await CompareAsync(new ReadBack(run, 1, destination, audience), false, false);
        await CompareAsync(new ReadBack(run, 1, destination, audience), true, false, new RemoteMember(null, people[1]), new RemoteMember("x9", "stranger"), new RemoteMember(null, "nobody"));
        var findings = (await ReadAsync(db => ReadBacks.ListFindingsAsync(db, run, null, new PageAsk(), CancellationToken.None))).Items;
        Assert.That(
            findings.Select(finding => (finding.Kind, finding.RemoteId is null ? null : "known", finding.Key)),
            Is.EquivalentTo(new[]
            {
                ("missing", "known", people[0]), ("missing", "known", people[2]), ("unexpected", "known", (string?)null), ("unexpected", null, "nobody"),
            }));
        var page = (await ReadAsync(db => ReadBacks.ListFindingsAsync(db, run, ReadBackFinding.Missing, new PageAsk($"{findings[0].FindingId}", 1), CancellationToken.None))).Items;
        Assert.That(page.Select(finding => finding.Key), Is.EqualTo(new[] { findings[1].Key }));
    }

    [Test]
    public async Task Should_keep_one_result_per_run_and_round()
    {
        var result = new ReadBackResult(Guid.NewGuid(), 3, true, new VerificationTotals(4, 1, 3, 1), 2, Noon);
        await WriteAsync(db => ReadBacks.AddAsync(db, result, CancellationToken.None));
        Assert.That(await ReadAsync(db => ReadBacks.FindAsync(db, result.RunId, 3, CancellationToken.None)), Is.EqualTo(result));
        Assert.That(await ReadAsync(db => ReadBacks.FindAsync(db, result.RunId, 2, CancellationToken.None)), Is.Null);
        await Assert.CatchAsync(() => WriteAsync(db => ReadBacks.AddAsync(db, result with { Totals = new VerificationTotals(4, 3, 1, 1) }, CancellationToken.None)));
    }

    [Test]
    public async Task Should_compare_only_the_people_of_the_run_when_it_was_a_delta()
    {
        var (audience, destination, people) = await DeliveredAsync(4);
        await WriteAsync(db => Ledger.RouteAudiencesAsync(db, [new AudienceRoute(audience, destination)], CancellationToken.None));
        var added = Unique("p");
        await ApplyAsync(audience, "delta", 5, added);
        await ApplyAsync(await LoadAsync(audience, "delta", 6, new StagedMember(2, people[0], null, null, "{}", false)));
        var run = await StartRunAsync(audience, destination: destination);
        await PlanAsync(run, audience, "delta", destination: destination);
        await DeliverAllAsync(destination: destination);
        var readBack = new ReadBack(run, 1, destination, audience, OnlyPeopleOfRun: true);

        var asked = await ReadAsync(db => Verification.ReadExpectedAsync(db, readBack, 0, 10, CancellationToken.None));
        Assert.That(asked.Select(person => person.ExternalId), Is.EquivalentTo(new[] { added, people[0] }));
        Assert.That(await CompareAsync(readBack, false, false, new RemoteMember(null, added)), Is.EqualTo(new VerificationTotals(1, 1, 0, 0)), "nobody asked for the others");
        Assert.That(
            await CompareAsync(readBack, false, false, [.. people.Select(person => new RemoteMember(null, person))]),
            Is.EqualTo(new VerificationTotals(1, 0, 1, 1)), "the one who was added is missing, the one who was removed is still there");
        await CompareAsync(readBack, false, true);
        Assert.That((await PlanAsync(await StartRunAsync(audience, destination: destination), audience, destination: destination)).ToAdd, Is.EqualTo(1), "only the run's own people count as missing");
    }

    [Test]
    public async Task Should_believe_the_vendor_which_id_a_stranger_has()
    {
        var (audience, destination, person) = (Unique("aud"), Unique("dest"), Unique("p"));
        await AppendAsync(Profile(person, "{}"));
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                "INSERT INTO destination_profiles (destination, profile_id, remote_id) SELECT @destination, profile_id, 'stale' FROM profiles WHERE external_id = @person",
                CancellationToken.None, ("destination", destination), ("person", person));
        });
        var run = Guid.NewGuid();
        await WriteAsync(db => Verification.StageAsync(db, run, 0, destination, [new RemoteMember("r2", person), new RemoteMember("r1", person)], CancellationToken.None));
        await WriteAsync(db => Verification.AdoptStrangersAsync(db, run, 0, destination, audience, "external_id", Noon, CancellationToken.None));
        Assert.That(await TextAsync("SELECT remote_id FROM destination_profiles WHERE destination = @d", ("d", destination)), Is.EqualTo("r1"), "the smallest of several, on both databases");
    }

    [Test]
    public async Task Should_know_a_stranger_by_the_vendors_id_before_its_key()
    {
        var (audience, destination, known, namesake) = (Unique("aud"), Unique("dest"), Unique("p"), Unique("q"));
        await AppendAsync(Profile(namesake, "{}"), Profile(known, "{}"));
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                "INSERT INTO destination_profiles (destination, profile_id, remote_id) SELECT @destination, profile_id, 'r1' FROM profiles WHERE external_id = @person",
                CancellationToken.None, ("destination", destination), ("person", known));
        });
        var run = Guid.NewGuid();
        await WriteAsync(db => Verification.StageAsync(db, run, 0, destination, [new RemoteMember("r1", namesake)], CancellationToken.None));
        await WriteAsync(db => Verification.AdoptStrangersAsync(db, run, 0, destination, audience, "external_id", Noon, CancellationToken.None));
        Assert.That(
            await TextAsync("SELECT p.external_id FROM destination_members m JOIN profiles p ON p.profile_id = m.profile_id WHERE m.destination = @d", ("d", destination)),
            Is.EqualTo(known), "a key may be given to somebody else at the vendor, the id stays with the person");
    }

    /// <summary>The hub died between the vendor's doing and its answer: the vendor lists who was added.</summary>
    [TestCase("doubted")]
    [TestCase("owed")]
    [TestCase("somebody else's")]
    public async Task Should_be_the_hubs_own_when_it_may_have_added_them(string standing)
    {
        var (audience, destination, person) = (Unique("aud"), Unique("dest"), Unique("p"));
        await AppendAsync(Profile(person, "{}"));
        if (standing == "doubted")
        {
            await WriteAsync(async db =>
            {
                await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
                await session.ExecuteAsync(
                    "INSERT INTO destination_members (destination, audience, profile_id, is_member, added_by_hub, in_doubt, confirmed_at) SELECT @destination, @audience, profile_id, false, true, true, @at FROM profiles WHERE external_id = @person",
                    CancellationToken.None, ("destination", destination), ("audience", audience), ("at", Noon), ("person", person));
            });
        }
        else if (standing == "owed")
        {
            await WriteAsync(db => Ledger.RouteLiveAsync(db, [new AudienceRoute(audience, destination)], partitions: 1, CancellationToken.None));
            await AppendAsync(Membership(person, audience, true));
        }

        var run = Guid.NewGuid();
        await WriteAsync(db => Verification.StageAsync(db, run, 0, destination, [new RemoteMember(null, person)], CancellationToken.None));
        await WriteAsync(db => Verification.AdoptStrangersAsync(db, run, 0, destination, audience, "external_id", Noon, CancellationToken.None));
        Assert.That(
            await CountAsync($"SELECT count(*) FROM destination_members WHERE destination = '{destination}' AND is_member AND NOT in_doubt AND {(standing == "somebody else's" ? "NOT " : "")}added_by_hub"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_adopt_strangers_so_that_a_mirror_run_can_remove_them()
    {
        var (audience, destination, people) = await DeliveredAsync(2);
        var known = Unique("known");
        await AppendAsync(Profile(known, "{}"));
        var run = Guid.NewGuid();
        await WriteAsync(db => Verification.StageAsync(
            db, run, 0, destination, [new RemoteMember(null, people[0]), new RemoteMember("x1", null), new RemoteMember("x1", "later"), new RemoteMember("x2", known)], CancellationToken.None));
        var adopted = await WriteAsync(db => Verification.AdoptStrangersAsync(db, run, 0, destination, audience, "external_id", Noon, CancellationToken.None));
        Assert.That(adopted, Is.EqualTo(2));
        var again = await WriteAsync(db => Verification.AdoptStrangersAsync(db, run, 0, destination, audience, "external_id", Noon, CancellationToken.None));
        Assert.That(again, Is.Zero, "they are known now");
        var strangers = (await ReadAsync(db => Plans.ReadCandidatesAsync(db, Request(run, audience, "mirror", destination), 0, 10, CancellationToken.None)))
            .Where(candidate => !candidate.IsMember).OrderBy(candidate => candidate.RemoteId).ToList();
        Assert.That(strangers.Select(stranger => (stranger.RemoteId, stranger.ExternalId, stranger.IsRemoteMember, stranger.AddedByHub)), Is.EqualTo(new[]
        {
            ("x1", null, true, false),
            ("x2", known, true, false),
        }));
    }
}
