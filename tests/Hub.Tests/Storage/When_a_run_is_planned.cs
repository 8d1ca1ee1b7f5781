using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Plans;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Tests.Storage;

[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_run_is_planned(StorageDatabase database) : StorageFixture(database)
{
    private Task<IReadOnlyList<PlanCandidate>> CandidatesAsync(PlanRequest request, long after = 0, int limit = 1000) =>
        ReadAsync(db => Plans.ReadCandidatesAsync(db, request, after, limit, CancellationToken.None));

    private Task<PlanProgress> OpenAsync(PlanRequest request) => WriteAsync(db => Plans.OpenAsync(db, request, CancellationToken.None));

    private async Task<(string Audience, string[] People)> DeliveredAsync(int people, string destination)
    {
        var audience = Unique("aud");
        var ids = Enumerable.Range(0, people).Select(_ => Unique("p")).ToArray();
        await WriteAsync(db => Ledger.RouteAudiencesAsync(db, [new AudienceRoute(audience, destination)], CancellationToken.None));
        await ApplyAsync(audience, "full", 0, ids);
        await PlanAsync(await StartRunAsync(audience, destination: destination), audience, destination: destination);
        await DeliverAllAsync(destination: destination);
        return (audience, ids);
    }

    [Test]
    public async Task Should_consider_members_and_remote_members_of_the_audience()
    {
        var destination = Unique("dest");
        var (audience, people) = await DeliveredAsync(3, destination);
        var joined = Unique("joined");
        await AppendAsync(Membership(people[0], audience, false, 5), Membership(joined, audience, true, 5), Profile(people[1], """{"city":"Bonn"}""", 5));
        var candidates = (await CandidatesAsync(Request(Guid.NewGuid(), audience, "full", destination))).ToDictionary(candidate => candidate.ExternalId!);
        Assert.That(candidates, Has.Count.EqualTo(4));
        Assert.That((candidates[people[0]].IsMember, candidates[people[0]].IsRemoteMember, candidates[people[0]].AddedByHub), Is.EqualTo((false, true, true)));
        Assert.That((candidates[joined].IsMember, candidates[joined].IsRemoteMember, candidates[joined].AttributesJson), Is.EqualTo((true, false, "{}")));
        Assert.That((candidates[people[1]].AttributesJson, candidates[people[1]].ConfirmedHash is not null), Is.EqualTo(("""{"city":"Bonn"}""", true)));
        Assert.That((candidates[people[2]].AttributesJson, candidates[people[2]].IsRemoteMember), Is.EqualTo(((string?)null, true)), "confirmed as it is: nothing to map");
        var otherPlan = Request(Guid.NewGuid(), audience, "full", destination) with { PlanVersion = "plan-2" };
        Assert.That((await CandidatesAsync(otherPlan)).Select(candidate => candidate.AttributesJson), Has.None.Null);
    }

    [Test]
    public async Task Should_deliver_nothing_the_second_time_and_only_the_change_after_it()
    {
        var destination = Unique("dest");
        var (audience, people) = await DeliveredAsync(4, destination);
        var again = await StartRunAsync(audience, destination: destination);
        var totals = await PlanAsync(again, audience, destination: destination);
        Assert.That(totals, Is.EqualTo(new PlanTotals(4, 0, 0, 0, 2)));
        Assert.That((await RunAsync(again)).Counts.Unchanged, Is.EqualTo(4));
        await ApplyAsync(audience, "full", 5, people[0], people[1], people[2], Unique("new"));
        var changed = await StartRunAsync(audience, destination: destination);
        Assert.That(await PlanAsync(changed, audience, destination: destination), Is.EqualTo(new PlanTotals(5, 1, 1, 0, 4)));
        Assert.That(await PlanAsync(changed, audience, destination: destination), Is.EqualTo(new PlanTotals(5, 1, 1, 0, 4)), "a repeat says the same");
        await AssertBalancedAsync(changed);
    }

    [Test]
    public async Task Should_consider_only_what_changed_in_a_delta()
    {
        var destination = Unique("dest");
        var (audience, people) = await DeliveredAsync(20, destination);
        await AppendAsync(Profile(people[3], """{"city":"Bonn"}""", 5), Membership(people[4], audience, false, 5), Consent(people[5], "denied", 5));
        var run = await StartRunAsync(audience, destination: destination);
        var totals = await PlanAsync(run, audience, "delta", destination: destination);
        Assert.That((totals.Planned, totals.ToUpdate, totals.ToRemove), Is.EqualTo((3L, 2L, 1L)));
        Assert.That(await PlanAsync(await StartRunAsync(audience, destination: destination), audience, "delta", destination: destination), Is.EqualTo(new PlanTotals(0, 0, 0, 0, 2)));
    }

    [TestCase(2, 0, 0.5, null, 6)]
    [TestCase(7, 0, 0.5, null, 10)]
    [TestCase(2, 0, 0.0, null, 10)]
    [TestCase(0, 3, 0.0, null, 2)]
    [TestCase(0, 3, 0.0, 0.5, 8)]
    [TestCase(0, 9, 0.0, 0.5, 10)]
    [TestCase(0, 1, 0.0, 0.0, 10)]
    [TestCase(2, 3, 0.5, 0.5, 8)]
    [TestCase(2, 0, 1e-30, null, 10)]
    public async Task Should_count_the_members_as_far_as_the_guardrails_need(int removed, int added, double maxRemovalShare, double? maxAdditionMultiple, int counted)
    {
        var destination = Unique("dest");
        var (audience, people) = await DeliveredAsync(10, destination);
        await ApplyAsync(audience, "full", 5, [.. people.Skip(removed), .. Enumerable.Range(0, added).Select(_ => Unique("new"))]);
        var run = await StartRunAsync(audience, destination: destination, maxRemovalShare: maxRemovalShare, maxAdditionMultiple: maxAdditionMultiple);
        var totals = await PlanAsync(run, audience, destination: destination);
        Assert.That((totals.ToRemove, totals.ToAdd, totals.CurrentMembers), Is.EqualTo(((long)removed, (long)added, (long)counted)));
    }

    [Test]
    public async Task Should_list_whom_planning_rejected()
    {
        var audience = Unique("aud");
        var people = Enumerable.Range(0, 3).Select(_ => Unique("p")).ToArray();
        await ApplyAsync(audience, "full", 0, people);
        var run = await StartRunAsync(audience);
        var request = Request(run, audience);
        await OpenAsync(request);
        var candidates = await CandidatesAsync(request);
        var chunk = new PlanChunk
        {
            PreviousCursor = 0,
            Cursor = candidates[^1].ProfileId,
            Deliveries = [],
            Outcomes =
            [
                new PlannedOutcome(candidates[0].ProfileId, LedgerOutcome.Unchanged, null),
                new PlannedOutcome(candidates[1].ProfileId, LedgerOutcome.Rejected, "email_malformed", Operation.UpsertProfile),
                new PlannedOutcome(candidates[2].ProfileId, LedgerOutcome.Rejected, "email_malformed"),
            ],
        };
        await WriteAsync(db => Plans.WriteChunkAsync(db, request, chunk, Noon, CancellationToken.None));
        await WriteAsync(db => Plans.CompleteAsync(db, request, CancellationToken.None));
        await AssertBalancedAsync(run);
        var letters = (await ReadAsync(db => Runs.ListDeadLettersAsync(db, null, run, null, new PageAsk(), CancellationToken.None))).Items;
        Assert.That(letters.Select(letter => (letter.ProfileId, letter.Operation, letter.Outcome, letter.Code)).Order(), Is.EqualTo(new[]
        {
            (candidates[1].ProfileId, "upsert_profile", "rejected", "email_malformed"), (candidates[2].ProfileId, "add_member", "rejected", "email_malformed"),
        }));
        Assert.That((await RecordsAsync("rejected")).Select(record => (record.ExternalId, record.Code)), Is.EqualTo(new[] { (candidates[1].ExternalId, "email_malformed"), (candidates[2].ExternalId, "email_malformed") }));
        Assert.That((await RecordsAsync("rejected", $"{letters.Min(letter => letter.DeadLetterId)}")).Select(record => record.ProfileId), Is.EqualTo(new[] { candidates[2].ProfileId }), "the next page");
        Assert.That((await RecordsAsync("unchanged")).Select(record => (record.ExternalId, record.Code)), Is.EqualTo(new[] { (candidates[0].ExternalId, (string?)null) }));

        async Task<IReadOnlyList<RunRecord>> RecordsAsync(string outcome, string? after = null) => (await ReadAsync(db => Runs.ListRecordsAsync(db, run, outcome, null, new PageAsk(after), CancellationToken.None))).Items;
    }

    [Test]
    public async Task Should_go_on_at_the_cursor_and_let_one_of_two_planners_write()
    {
        var audience = Unique("aud");
        await ApplyAsync(audience, "full", 0, [.. Enumerable.Range(0, 10).Select(_ => Unique("p"))]);
        var run = await StartRunAsync(audience);
        var request = Request(run, audience);
        Assert.That(await OpenAsync(request), Is.EqualTo(new PlanProgress(0, false)));
        var chunk = Decide(await CandidatesAsync(request, 0, 4), 0);
        Assert.That(await WriteAsync(db => Plans.WriteChunkAsync(db, request, chunk, Noon, CancellationToken.None)), Is.True);
        Assert.That(await WriteAsync(db => Plans.WriteChunkAsync(db, request, chunk, Noon, CancellationToken.None)), Is.False);
        Assert.That(await OpenAsync(request), Is.EqualTo(new PlanProgress(chunk.Cursor, false)));
        var totals = await PlanAsync(run, audience, chunk: 4);
        Assert.That((totals.Planned, totals.ToAdd), Is.EqualTo((10L, 10L)));
        Assert.That(await OpenAsync(request), Is.EqualTo(new PlanProgress((await CandidatesAsync(request))[^1].ProfileId, true)));
        await AssertBalancedAsync(run);
    }

    [Test]
    public async Task Should_not_lose_a_change_that_commits_while_a_delta_opens()
    {
        var destination = Unique("dest");
        var (audience, people) = await DeliveredAsync(30, destination);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var writer = Task.Run(async () =>
        {
            for (var i = 0; i < people.Length; i++)
            {
                await AppendAsync(Profile(people[i], """{"city":"Bonn"}""", 5), Profile(people[(i + 7) % people.Length], """{"age":1}""", 5));
            }
        });
        var done = false;
        while (!done)
        {
            done = writer.IsCompleted;
            var request = Request(Guid.NewGuid(), audience, "delta", destination);
            await OpenAsync(request);
            foreach (var candidate in await CandidatesAsync(request))
            {
                if (candidate.AttributesJson is """{"city":"Bonn","age":1}""" or """{"age":1,"city":"Bonn"}""")
                {
                    seen.Add(candidate.ExternalId!);
                }
            }

            await WriteAsync(db => Plans.CompleteAsync(db, request, CancellationToken.None));
        }

        await writer;
        Assert.That(seen, Is.EquivalentTo(people), "each person's last change was in the scope of some delta that saw it");
    }

    [Test]
    public async Task Should_hand_the_changes_of_a_canceled_run_to_the_next_delta()
    {
        var destination = Unique("dest");
        var (audience, people) = await DeliveredAsync(3, destination);
        await AppendAsync(Profile(people[0], """{"city":"Bonn"}""", 5), Profile(people[1], """{"city":"Bonn"}""", 5));
        var canceled = await StartRunAsync(audience, destination: destination);
        var request = Request(canceled, audience, "delta", destination);
        await OpenAsync(request);
        var chunk = Decide(await CandidatesAsync(request, 0, 1), 0);
        await WriteAsync(db => Plans.WriteChunkAsync(db, request, chunk, Noon, CancellationToken.None));
        Assert.That(await WriteAsync(db => Deliveries.CancelAsync(db, canceled, 100, Noon, CancellationToken.None)), Is.EqualTo(1));
        var rest = Decide(await CandidatesAsync(request, chunk.Cursor), chunk.Cursor);
        Assert.That(await WriteAsync(db => Plans.WriteChunkAsync(db, request, rest, Noon, CancellationToken.None)), Is.False, "a canceled run gets no more deliveries");
        Assert.That((await OpenAsync(request)).Completed, Is.True);
        await AssertBalancedAsync(canceled);
        var next = await PlanAsync(await StartRunAsync(audience, destination: destination), audience, "delta", destination: destination);
        Assert.That((next.Planned, next.ToUpdate), Is.EqualTo((2L, 2L)));
    }
}
