using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Who changes, joins or leaves by a fact is owed once to the destinations that take the audience live, and again when it happens while it is sent.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_state_is_owed_live(StorageDatabase database) : StorageFixture(database)
{
    private static readonly DateTimeOffset Soon = TimeProvider.System.GetUtcNow().AddHours(1);
    private string _destination = null!;
    private string _audience = null!;
    private string _person = null!;

    private Guid Stream => LiveStream.IdOf(_destination, Lane.Live);

    [SetUp]
    public Task Route()
    {
        (_destination, _audience, _person) = (Unique("dest"), Unique("aud"), Unique("p"));
        return RouteAsync(_audience);
    }

    [Test]
    public async Task Should_be_one_delivery_of_a_member_however_often_they_change()
    {
        await DeliveredMemberAsync();
        await AppendAsync(Profile(_person, """{"city":"Bonn"}""", 1));
        await AppendAsync(Profile(_person, """{"city":"Ulm"}""", 2), Profile(_person, """{"age":3}""", 3));

        var owed = (await ClaimLiveAsync()).Single();

        Assert.That((owed.ExternalId, owed.Operation, owed.Audience, owed.RunId), Is.EqualTo((_person, Operation.UpsertProfile, "", Stream)));
        Assert.That(owed.AttributesJson, Does.Contain("Ulm"), "what is sent is what stands at the claim");
        Assert.That((owed.State!.IsMember, owed.State.ConfirmedHash), Is.EqualTo((true, await ConfirmedAsync())));
    }

    [Test]
    public async Task Should_owe_the_membership_of_somebody_whom_the_destination_does_not_have_yet()
    {
        await ApplyAsync(_audience, "full", 0, _person);
        await AppendAsync(Consent(_person, "granted", 1));
        var owed = (await ClaimLiveAsync()).Single();
        Assert.That((owed.Operation, owed.Audience, owed.State), Is.EqualTo((Operation.AddMember, _audience, new LiveState(true, false, false, false, false, null))));
    }

    [Test]
    public async Task Should_owe_nothing_of_strangers_or_by_lists_or_where_nothing_is_live()
    {
        await DeliveredMemberAsync();
        await AppendAsync(Profile(Unique("stranger"), """{"city":"Bonn"}"""), Membership(_person, _audience, true, 2), Membership(_person, Unique("other"), true, 2));
        var list = await LoadAsync(_audience, "delta", 5, new StagedMember(2, _person, null, null, """{"city":"Bonn"}""", true), new StagedMember(3, Unique("p"), null, null, "{}", true));
        await ApplyAsync(list);
        Assert.That(await ClaimLiveAsync(), Is.Empty);
        await RouteAsync();
        await AppendAsync(Profile(_person, """{"city":"Ulm"}""", 6), Membership(_person, _audience, false, 6));
        Assert.That(await ClaimLiveAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_owe_who_joins_and_who_leaves_as_they_stand_at_the_claim()
    {
        await AppendAsync(Membership(_person, _audience, true));
        var owed = (await ClaimLiveAsync()).Single();
        Assert.That((owed.Operation, owed.Audience, owed.State!.IsMember, owed.State.IsRemoteMember), Is.EqualTo((Operation.AddMember, _audience, true, false)));
        await SettleLiveAsync([Delivered(owed)]);
        Assert.That(await ClaimLiveAsync(), Is.Empty);

        await AppendAsync(Membership(_person, _audience, false, 1));
        Assert.That((await ClaimLiveAsync()).Select(leaving => (leaving.Operation, leaving.State)), Is.EqualTo(new[] { (Operation.RemoveMember, new LiveState(false, true, true, false, false, owed.State.ConfirmedHash ?? await ConfirmedAsync())) }));
        await AppendAsync(Membership(_person, _audience, true, 2));
        Assert.That((await ClaimLiveAsync()).Single().State!.IsMember, Is.True, "back before anybody was told");
    }

    [TestCase(LedgerOutcome.Delivered)]
    [TestCase(LedgerOutcome.Unchanged)]
    [TestCase(LedgerOutcome.Suppressed)]
    public async Task Should_owe_again_who_changed_while_it_was_under_way(string outcome)
    {
        await DeliveredMemberAsync();
        await AppendAsync(Profile(_person, """{"city":"Bonn"}""", 1));
        var owed = (await ClaimLiveAsync()).Single();
        await AppendAsync(Profile(_person, """{"city":"Ulm"}""", 2));
        await SettleLiveAsync([Delivered(owed) with { Outcome = outcome }]);

        var again = (await ClaimLiveAsync()).Single();
        Assert.That(again.AttributesJson, Does.Contain("Ulm"));
        await SettleLiveAsync([Delivered(again)]);
        Assert.That(await ClaimLiveAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_know_no_member_by_what_was_not_sent()
    {
        await AppendAsync(Membership(_person, _audience, true));
        await AppendAsync(Membership(_person, _audience, false, 1));
        await SettleLiveAsync([.. (await ClaimLiveAsync()).Select(owed => Delivered(owed) with { Outcome = LedgerOutcome.Unchanged, Code = "not_a_member", IsUnsent = true })]);
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_members WHERE destination = '{_destination}'"), Is.Zero);
        await AppendAsync(Membership(_person, _audience, true, 2));
        Assert.That((await ClaimLiveAsync()).Select(owed => (owed.Operation, owed.State!.IsRemoteMember)), Is.EqualTo(new[] { (Operation.AddMember, false) }));
    }

    [TestCase(LedgerOutcome.DeadLettered)]
    [TestCase(LedgerOutcome.Rejected)]
    public async Task Should_doubt_a_membership_whose_end_nobody_answered(string outcome)
    {
        await DeliveredMemberAsync();
        await AppendAsync(Membership(_person, _audience, false, 1));
        await SettleLiveAsync([.. (await ClaimLiveAsync()).Select(owed => Delivered(owed) with { Outcome = outcome, MaybeSent = true })]);
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_members WHERE destination = '{_destination}' AND NOT is_member AND in_doubt AND added_by_hub"), Is.EqualTo(1));
        await AppendAsync(Membership(_person, _audience, true, 2));
        Assert.That((await ClaimLiveAsync()).Select(owed => owed.State!.InDoubt), Is.EqualTo(new[] { true }), "and is owed again");
    }

    [Test]
    public async Task Should_take_back_whom_a_run_added_who_left_meanwhile()
    {
        await ApplyAsync(_audience, "full", 0, _person);
        var run = await StartRunAsync(_audience, destination: _destination);
        await PlanAsync(run, _audience, destination: _destination);
        var lease = await LeaseAsync(destination: _destination);
        var adding = await ClaimAsync(lease);
        await AppendAsync(Membership(_person, _audience, false, 1));
        Assert.That((await ClaimAsync(lease)).Select(delivery => delivery.HasLeft), Is.EqualTo(new[] { true }), "who was not sent yet is not added any more");
        Assert.That(await ClaimLiveAsync(), Is.Empty, "the destination has nobody yet");

        await SettleAsync(lease, adding.Select(Delivered));

        Assert.That((await ClaimLiveAsync()).Select(owed => (owed.Operation, owed.State!.IsMember, owed.State.IsRemoteMember)), Is.EqualTo(new[] { (Operation.RemoveMember, false, true) }));
    }

    [Test]
    public async Task Should_owe_again_whom_a_run_wrote_who_changed_meanwhile()
    {
        await ApplyAsync(_audience, "full", 0, _person);
        var run = await StartRunAsync(_audience, destination: _destination);
        await PlanAsync(run, _audience, destination: _destination);
        var lease = await LeaseAsync(destination: _destination);
        var adding = await ClaimAsync(lease);
        await AppendAsync(Profile(_person, """{"city":"Ulm"}""", 1));
        await SettleLiveAsync([.. (await ClaimLiveAsync()).Select(Delivered)]);
        await SettleAsync(lease, adding.Select(Delivered));
        Assert.That(await ClaimLiveAsync(), Has.Count.EqualTo(1), "the run wrote what was older over what the lane wrote");
    }

    [Test]
    public async Task Should_keep_counts_by_the_minute_and_no_outcome_but_refusals()
    {
        await ApplyAsync(_audience, "full", 0, [.. Enumerable.Range(0, 3).Select(i => $"{_person}{i}")]);
        await AppendAsync([.. Enumerable.Range(0, 3).Select(i => Profile($"{_person}{i}", """{"city":"Bonn"}""", 1))]);
        var owed = await ClaimLiveAsync();
        await SettleLiveAsync([Delivered(owed[0]), Ended(owed[1], LedgerOutcome.Rejected, "email_malformed"), Ended(owed[2], LedgerOutcome.Suppressed, "consent_denied")]);

        var counts = await ReadAsync(db => LiveCounts.ReadAsync(db, _destination, Noon, CancellationToken.None));
        Assert.That(counts, Is.EqualTo(new[] { new LiveCount(Noon, LedgerOutcome.Delivered, 1), new LiveCount(Noon, LedgerOutcome.Rejected, 1), new LiveCount(Noon, LedgerOutcome.Suppressed, 1) }));
        Assert.That((await CountRowsAsync("outcomes", Stream), await CountRowsAsync("dead_letters", Stream), await CountRowsAsync("deliveries", Stream)), Is.EqualTo((0L, 1L, 0L)));
    }

    [Test]
    public async Task Should_know_that_the_vendor_may_have_whom_a_turn_sent_that_ended_without_a_word()
    {
        await AppendAsync(Membership(_person, _audience, true));
        await LiveLeaseAsync();
        var follower = await LeaseAsync("two", 0, _destination, Lane.Live);
        await WriteAsync(db => Deliveries.MarkMaybeSentAsync(db, follower, 100, CancellationToken.None));
        Assert.That((await ClaimLiveAsync(follower)).Single().MaybeSent, Is.True);
    }

    [Test]
    public async Task Should_owe_a_consent_to_where_somebody_is_about_to_come()
    {
        await WriteAsync(db => Ledger.RouteConsentsAsync(db, [new ConsentRoute(_destination, "email_marketing")], partitions: 1, CancellationToken.None));
        await AppendAsync(Membership(_person, _audience, true));
        await AppendAsync(Consent(_person, "denied", 1));
        Assert.That(await CountRowsAsync("deliveries", LiveStream.IdOf(_destination)), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_leave_the_queue_when_the_destination_is_live_no_more()
    {
        await AppendAsync(Membership(_person, _audience, true));
        Assert.That((await FindLiveWorkAsync()).Where(work => work.Destination == _destination), Is.EqualTo(new[] { new PartitionWithWork(_destination, Lane.Live, 0) }));
        await RouteAsync();
        Assert.That(await CountRowsAsync("deliveries", Stream), Is.Zero);
        Assert.That(await CountAsync($"SELECT count(*) FROM memberships WHERE audience = '{_audience}' AND is_member"), Is.EqualTo(1), "what holds stays");
    }

    private Task RouteAsync(params string[] audiences) => WriteAsync(db => Ledger.RouteLiveAsync(db, [.. audiences.Select(audience => new AudienceRoute(audience, _destination))], partitions: 1, CancellationToken.None));

    /// <summary>The person is a member here and there.</summary>
    private async Task DeliveredMemberAsync()
    {
        await ApplyAsync(_audience, "full", 0, _person);
        var run = await StartRunAsync(_audience, destination: _destination);
        await PlanAsync(run, _audience, destination: _destination);
        await DeliverAllAsync(destination: _destination);
        await SetStateAsync(run, "Completed");
    }

    private Task<Lease> LiveLeaseAsync() => LeaseAsync("one", 0, _destination, Lane.Live);

    private async Task<IReadOnlyList<ClaimedDelivery>> ClaimLiveAsync(Lease? lease = null)
    {
        lease ??= await LiveLeaseAsync();
        return await ReadAsync(db => Deliveries.ClaimAsync(db, lease, Soon, 100, CancellationToken.None));
    }

    private async Task SettleLiveAsync(IReadOnlyList<IntegrationHub.Storage.Deliveries.Settlement> settlements) => await SettleAsync(await LiveLeaseAsync(), settlements);

    private Task<IReadOnlyList<PartitionWithWork>> FindLiveWorkAsync() => ReadAsync(db => Deliveries.FindLiveWorkAsync(db, Soon, CancellationToken.None));

    private async Task<Guid?> ConfirmedAsync() => await TextAsync($"SELECT CAST(content_hash AS text) FROM destination_profiles WHERE destination = '{_destination}'") is { } hash ? Guid.Parse(hash) : null;
}
