using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Tests.Runs;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A write that may have been applied is remembered as such: the removal is owed to whoever may not be sent any more.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_vendor_may_have_somebody(StorageDatabase database) : DrainFixture(database)
{
    [Test]
    public async Task Should_be_taken_out_when_the_person_withdraws_after_an_answer_was_lost()
    {
        await LoseTheAnswerAsync();
        await DenyAsync(People[1]);
        await DrainAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,1,2", "AddMember 0,2", "RemoveMember 1" }).Or.EqualTo(new[] { "AddMember 0,1,2", "RemoveMember 1", "AddMember 0,2" }));
        Assert.That(await OutcomeAsync(People[1]), Is.EqualTo((LedgerOutcome.Suppressed, "consent_denied")));
        Assert.That(await MembershipsAsync(People[1], "NOT is_member AND NOT in_doubt"), Is.EqualTo(1));
        await AssertBalancedAsync(Run);
    }

    [TestCase(Operation.AddMember, DestinationTrouble.Unavailable, 1)]
    [TestCase(Operation.RemoveMember, DestinationTrouble.Unavailable, 1, Description = "whoever comes back meanwhile is not there any more")]
    [TestCase(Operation.AddMember, DestinationTrouble.Throttled, 0)]
    public async Task Should_be_remembered_when_the_vendor_failed_but_not_when_it_refused(Operation operation, DestinationTrouble trouble, int remembered)
    {
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync("UPDATE deliveries SET operation = @operation WHERE destination = @destination", CancellationToken.None, ("operation", operation.ToCode()), ("destination", Name));
        });
        Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.NotSent) with { Condition = new DestinationCondition(trouble, "busy") });
        await DrainAsync();
        Assert.That(await CountAsync($"SELECT count(*) FROM deliveries WHERE destination = '{Name}' AND maybe_sent"), Is.EqualTo(3 * remembered));
    }

    [Test]
    public async Task Should_be_removed_by_the_next_run_when_it_was_given_up()
    {
        Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.RetryLater, "timeout"));
        for (var attempt = 0; attempt < Options.MaxAttempts; attempt++)
        {
            await DrainAsync();
        }

        Assert.That((await OutcomeAsync(People[1])).Outcome, Is.EqualTo(LedgerOutcome.DeadLettered));
        Assert.That(await MembershipsAsync(People[1], "NOT is_member AND in_doubt AND added_by_hub"), Is.EqualTo(1));
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_profiles WHERE destination = '{Name}'"), Is.EqualTo(3), "a withdrawal has to reach them");
        await SetStateAsync(Run, "Completed");

        await AppendAsync(Membership(People[1], Audience, isMember: false, minute: 9));
        var candidates = await ReadCandidatesAsync();
        Assert.That(candidates.Where(candidate => candidate.MayBeRemoteMember).Select(candidate => (candidate.ExternalId, candidate.IsMember, candidate.IsRemoteMember)), Does.Contain((People[1], false, false)));
        Assert.That(IntegrationHub.Hub.Planning.PlanDecision.For(Destination, "full", candidates.Single(candidate => candidate.ExternalId == People[1]), 1).Operation, Is.EqualTo(Operation.RemoveMember));
    }

    [Test]
    public async Task Should_be_remembered_when_the_run_is_canceled()
    {
        await LoseTheAnswerAsync();
        await WriteAsync(db => Deliveries.CancelAsync(db, Run, 100, Noon, CancellationToken.None));
        Assert.That(await MembershipsAsync(People[1], "NOT is_member AND in_doubt AND added_by_hub"), Is.EqualTo(1));
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_profiles WHERE destination = '{Name}'"), Is.EqualTo(3));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_be_doubted_as_a_member_when_the_run_that_took_them_out_is_canceled(bool wasAddedByHub)
    {
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync("UPDATE deliveries SET operation = 3, maybe_sent = true WHERE destination = @name", CancellationToken.None, ("name", Name));
            await session.ExecuteAsync(
                "INSERT INTO destination_members (destination, audience, profile_id, is_member, added_by_hub, confirmed_at) SELECT destination, audience, profile_id, true, @hub, @at FROM deliveries WHERE destination = @name",
                CancellationToken.None, ("name", Name), ("hub", wasAddedByHub), ("at", Noon));
        });
        await WriteAsync(db => Deliveries.CancelAsync(db, Run, 100, Noon, CancellationToken.None));
        Assert.That(await MembershipsAsync(People[1], $"NOT is_member AND in_doubt AND {(wasAddedByHub ? "" : "NOT ")}added_by_hub"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_be_remembered_when_the_run_is_canceled_while_the_call_is_under_way()
    {
        Vendor.Deliver = async batch =>
        {
            await WriteAsync(db => Deliveries.CancelAsync(db, Run, 100, Noon, CancellationToken.None));
            return Told(batch, Outcome.RetryLater, "timeout");
        };
        await DrainAsync();
        Assert.That(await MembershipsAsync(People[1], "NOT is_member AND in_doubt AND added_by_hub"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_be_remembered_when_its_hub_died_and_the_run_is_canceled_before_anybody_follows_it()
    {
        await LeaseAsync("died", destination: Name);
        await ExpireLeaseAsync(Name);
        await CancelAsync();
        Assert.That(await MembershipsAsync(People[1], "NOT is_member AND in_doubt AND added_by_hub"), Is.EqualTo(1));
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_profiles WHERE destination = '{Name}'"), Is.EqualTo(3), "a withdrawal has to reach them");
    }

    [Test]
    public async Task Should_not_be_remembered_when_the_run_is_canceled_and_nothing_is_claimed()
    {
        var lease = await LeaseAsync(destination: Name);
        await WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, lease, isSettled: true, CancellationToken.None));
        await CancelAsync();
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_members WHERE destination = '{Name}'"), Is.Zero);
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_profiles WHERE destination = '{Name}'"), Is.Zero);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_be_whoever_the_last_claim_can_have_held(bool isCanceled)
    {
        var first = await LeaseAsync(destination: Name);
        var postponed = await ReadAsync(db => Deliveries.ClaimAsync(db, first, Clock.Now, 1, CancellationToken.None));
        await SettleAsync(first, postponed.Select(delivery => Later(delivery, minute: 0, costs: false) with { DueAt = Clock.Now }));
        await WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, first, isSettled: true, CancellationToken.None));
        var follower = await LeaseAsync(destination: Name);
        await WriteAsync(db => isCanceled
            ? Deliveries.MarkMaybeSentAsync(db, Run, 1, CancellationToken.None)
            : Deliveries.MarkMaybeSentAsync(db, follower, 1, CancellationToken.None));
        Assert.That(
            await CountAsync($"SELECT count(*) FROM deliveries WHERE destination = '{Name}' AND maybe_sent"), Is.EqualTo(2),
            "the one that was tried before, and the first of the others");
    }

    [Test]
    public async Task Should_be_taken_out_when_its_hub_died_before_it_settled()
    {
        await LeaseAsync("died", destination: Name);
        await ExpireLeaseAsync(Name);
        await DenyAsync(People[1]);
        await DrainAsync();
        Assert.That(Sent, Does.Contain("RemoveMember 1").And.Contain("AddMember 0,2"));
    }

    [Test]
    public async Task Should_not_be_looked_for_when_nothing_can_have_been_sent()
    {
        await DenyAsync(People[1]);
        await DrainAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,2" }));
        Assert.That(await MembershipsAsync(People[1], "true"), Is.Zero);
    }

    private async Task CancelAsync()
    {
        await SetStateAsync(Run, "Canceling");
        var directory = new DestinationDirectory(new Dictionary<string, Destination> { [Name] = Destination });
        await new StepBus(Scopes).ConsumeAsync(
            new CancelDeliveriesConsumer(Transactions, Deliveries, directory, Microsoft.Extensions.Options.Options.Create(Options), Clock, NullLogger<CancelDeliveriesConsumer>.Instance),
            new CancelDeliveries { RunId = Run, Destination = Name });
    }

    private async Task LoseTheAnswerAsync()
    {
        Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.RetryLater, "timeout"));
        var once = 0;
        Vendor.BeforeCall = _ =>
        {
            if (Interlocked.Increment(ref once) > 1)
            {
                Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.Delivered));
            }

            return Task.CompletedTask;
        };
        var lease = await LeaseAsync(destination: Name);
        var preparation = IntegrationHub.Hub.Delivery.ClaimPreparation.For(Destination, await ReadAsync(db => Deliveries.ClaimAsync(db, lease, Clock.Now, 100, CancellationToken.None)));
        await SettleAsync(lease, await Sender(Targets(), Health()).SendAsync(Destination, lease, preparation.Batches, CancellationToken.None));
        await WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, lease, isSettled: true, CancellationToken.None));
    }

    private async Task<IReadOnlyList<IntegrationHub.Storage.Plans.PlanCandidate>> ReadCandidatesAsync()
    {
        var next = await StartRunAsync(Audience, "Planning", Name);
        var request = Request(next, Audience, destination: Name);
        await WriteAsync(db => Plans.OpenAsync(db, request, CancellationToken.None));
        return await ReadAsync(db => Plans.ReadCandidatesAsync(db, request, 0, 100, CancellationToken.None));
    }
}
