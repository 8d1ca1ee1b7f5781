using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Hub.Tests.Storage;

[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_deliveries_are_claimed_and_settled(StorageDatabase database) : StorageFixture(database)
{
    private async Task<(Guid Run, string Destination)> RunOfAsync(int people, string state = "Delivering", int partitions = 1)
    {
        var audience = Unique("aud");
        var destination = Unique("dest");
        await ApplyAsync(audience, "full", 0, [.. Enumerable.Range(0, people).Select(_ => Unique("p"))]);
        var run = await StartRunAsync(audience, state, destination);
        await PlanAsync(run, audience, destination: destination, partitions: partitions);
        return (run, destination);
    }

    [Test]
    public async Task Should_give_a_partition_to_one_owner_until_its_lease_ends()
    {
        var destination = Unique("dest");
        var first = (await TryLeaseAsync("one", 0, destination))!;
        Assert.That((first.Epoch, first.Follows), Is.EqualTo((1, (string?)null)));
        Assert.That(await TryLeaseAsync("two", 0, destination), Is.Null);
        Assert.That(await RenewAsync(first), Is.True);
        Assert.That(await TryLeaseAsync("two", 0, destination), Is.Null, "it was renewed");
        await ExpireLeaseAsync(destination);
        var second = (await TryLeaseAsync("two", 0, destination))!;
        Assert.That((second.Epoch, second.Follows), Is.EqualTo((2, first.Owner)), "it had expired");
        Assert.That(await RenewAsync(first), Is.False);
        await ReleaseAsync(first);
        Assert.That(await TryLeaseAsync("one", 0, destination), Is.Null, "the late release of a lost lease frees nothing");
        await ReleaseAsync(second);
        Assert.That((await TryLeaseAsync("one", 0, destination))!, Is.EqualTo(first with { Epoch = 3 }));
    }

    [Test]
    public async Task Should_tell_where_the_records_of_a_run_wait_and_who_works_on_them()
    {
        var (run, destination) = await RunOfAsync(6, partitions: 3);
        var parts = await ReadAsync(db => IntegrationHub.Storage.Runs.RunPartitions.ListAsync(db, run, CancellationToken.None));
        Assert.That(parts.Select(part => part.Number), Is.Ordered.And.Unique);
        Assert.That((parts.Sum(part => part.Pending), parts.Max(part => part.Attempts), parts.All(part => part.Owner is null)), Is.EqualTo((6L, 0, true)));
        var lease = (await TryLeaseAsync("one", parts[0].Number, destination))!;
        parts = await ReadAsync(db => IntegrationHub.Storage.Runs.RunPartitions.ListAsync(db, run, CancellationToken.None));
        Assert.That(parts.Select(part => part.Owner), Is.EqualTo(parts.Select((_, at) => at == 0 ? lease.Owner : null)));
        Assert.That(await ReadAsync(db => IntegrationHub.Storage.Runs.RunPartitions.ListAsync(db, Guid.NewGuid(), CancellationToken.None)), Is.Empty);
    }

    [Test]
    public async Task Should_never_let_two_turns_be_one_owner_whatever_they_are_called()
    {
        var destination = Unique("dest");
        var first = (await TryLeaseAsync("same", 0, destination))!;
        Assert.That(await TryLeaseAsync("same", 0, destination), Is.Null);
        await ExpireLeaseAsync(destination);
        var second = (await TryLeaseAsync("same", 0, destination))!;
        Assert.That(second.Epoch, Is.EqualTo(first.Epoch + 1));
        Assert.That((await RenewAsync(first), await SettleAsync(first, [])), Is.EqualTo((false, (IReadOnlyList<SettledRun>?)null)));
    }

    [Test]
    public async Task Should_tell_whoever_follows_a_turn_that_did_not_say_what_became_of_its_work()
    {
        var destination = Unique("dest");
        var first = (await TryLeaseAsync("one", 0, destination))!;
        await ReleaseAsync(first, isSettled: false);
        var second = (await TryLeaseAsync("two", 0, destination))!;
        Assert.That(second.Follows, Is.Not.Null);
        await ReleaseAsync(second);
        Assert.That((await TryLeaseAsync("three", 0, destination))!.Follows, Is.Null);
    }

    [Test]
    public async Task Should_have_no_owner_without_a_name() => await Assert.ThrowsAsync<ArgumentException>(() => TryLeaseAsync("", 0, Unique("dest")));

    private Task<bool> RenewAsync(Lease lease) => WriteAsync(db => Deliveries.RenewLeaseAsync(db, lease, TimeSpan.FromMinutes(1), CancellationToken.None));

    private Task ReleaseAsync(Lease lease, bool isSettled = true) => WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, lease, isSettled, CancellationToken.None));

    [Test]
    public async Task Should_claim_in_order_up_to_the_limit_and_only_while_the_run_is_delivering()
    {
        var (run, destination) = await RunOfAsync(5);
        var lease = await LeaseAsync("one", 0, destination);
        var claim = await ClaimAsync(lease, 3);
        Assert.That(claim.Select(delivery => delivery.DeliveryId).ToArray(), Is.Ordered.And.Length.EqualTo(3));
        Assert.That(claim[0].Operation, Is.EqualTo(Operation.AddMember));
        await SetStateAsync(run, "Paused");
        Assert.That(await ClaimAsync(lease), Is.Empty);
        await SetStateAsync(run, "Delivering");
        Assert.That(await ClaimAsync(lease), Has.Count.EqualTo(5));
    }

    [Test]
    public async Task Should_claim_the_older_run_first()
    {
        var destination = Unique("dest");
        var (young, old) = (Unique("young"), Unique("old"));
        foreach (var audience in new[] { young, old })
        {
            await ApplyAsync(audience, "full", 0, Unique("p"));
            await PlanAsync(await StartRunAsync(audience, "Delivering", destination, audience == young ? 9 : 1), audience, destination: destination);
        }

        Assert.That((await ClaimAsync(await LeaseAsync("one", 0, destination))).Select(delivery => delivery.Audience), Is.EqualTo(new[] { old, young }));
    }

    [Test]
    public async Task Should_write_outcomes_destination_state_dead_letters_and_retries_in_one_settle()
    {
        var (run, destination) = await RunOfAsync(4);
        var lease = await LeaseAsync("one", 0, destination);
        var claim = await ClaimAsync(lease);
        var settled = await SettleAsync(lease,
        [
            Delivered(claim[0]),
            Ended(claim[1], LedgerOutcome.Rejected, "bad_email"),
            Ended(claim[2], LedgerOutcome.Suppressed, "consent_denied"),
            Later(claim[3], 5),
        ]);
        Assert.That(settled, Is.EqualTo(new[] { new SettledRun(run, 3, false) }));
        var view = await RunAsync(run);
        Assert.That(view.Counts, Is.EqualTo(new IntegrationHub.Storage.Runs.LedgerCounts(4, 1, 0, 1, 1, 0, 1)));
        Assert.That(view.Reasons.Select(reason => reason.Code), Is.EquivalentTo(new[] { "bad_email", "consent_denied" }));
        var letters = (await ReadAsync(db => Runs.ListDeadLettersAsync(db, destination, run, null, new PageAsk(), CancellationToken.None))).Items;
        Assert.That(letters.Select(letter => (letter.Outcome, letter.Code, letter.Operation, letter.Attempts)), Is.EqualTo(new[] { ("rejected", "bad_email", "add_member", 1) }));
        Assert.That(await ReadAsync(db => Runs.FindDeadLetterAsync(db, letters[0].DeadLetterId, CancellationToken.None)), Is.EqualTo(letters[0]));
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_members WHERE destination = '{destination}' AND is_member AND added_by_hub"), Is.EqualTo(1));
        Assert.That(await TextAsync("SELECT remote_id FROM destination_profiles WHERE destination = @d", ("d", destination)), Is.EqualTo($"r{claim[0].ProfileId}"));
        Assert.That(await ClaimAsync(lease), Is.Empty, "not due yet");
        var retry = await ClaimAsync(lease, minute: 6);
        Assert.That(retry.Single().Attempt, Is.EqualTo(1));
        Assert.That(await SettleAsync(lease, retry.Select(Delivered)), Is.EqualTo(new[] { new SettledRun(run, 1, true) }));
        await AssertBalancedAsync(run);
    }

    [Test]
    public async Task Should_not_count_being_limited_as_an_attempt()
    {
        var (_, destination) = await RunOfAsync(1);
        var lease = await LeaseAsync("one", 0, destination);
        await SettleAsync(lease, [Later((await ClaimAsync(lease)).Single(), 0, costs: false)]);
        Assert.That((await ClaimAsync(lease)).Single().Attempt, Is.Zero);
    }

    [Test]
    public async Task Should_write_nothing_when_the_lease_was_lost()
    {
        var (run, destination) = await RunOfAsync(2);
        var late = await LeaseAsync("late", 0, destination);
        var claim = await ClaimAsync(late);
        await LeaseAsync("next", 0, destination);
        Assert.That(await SettleAsync(late, claim.Select(Delivered)), Is.Null);
        Assert.That((await RunAsync(run)).Counts.Pending, Is.EqualTo(2));
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_members WHERE destination = '{destination}'"), Is.Zero);
    }

    [Test]
    public async Task Should_give_a_record_one_outcome_however_often_it_is_settled()
    {
        var (run, destination) = await RunOfAsync(3);
        var lease = await LeaseAsync("one", 0, destination);
        var claim = await ClaimAsync(lease);
        await SettleAsync(lease, [Delivered(claim[0])]);
        Assert.That(await SettleAsync(lease, [Ended(claim[0], LedgerOutcome.Rejected, "again")]), Is.Empty);
        Assert.That(await WriteAsync(db => Deliveries.CancelAsync(db, run, 100, Noon, CancellationToken.None)), Is.EqualTo(2));
        Assert.That(await SettleAsync(lease, [Delivered(claim[1])]), Is.Empty, "the cancel was first");
        var counts = (await RunAsync(run)).Counts;
        Assert.That((counts.Delivered, counts.Suppressed, counts.Rejected, counts.Pending), Is.EqualTo((1L, 2L, 0L, 0L)));
        await AssertBalancedAsync(run);
    }

    [Test]
    public async Task Should_tell_the_end_of_a_run_once_when_partitions_are_settled_at_the_same_time()
    {
        var (run, destination) = await RunOfAsync(40, partitions: 4);
        var ends = await Task.WhenAll(Enumerable.Range(0, 4).Select(partition => Task.Run(async () =>
        {
            var lease = await LeaseAsync("p", partition, destination);
            var told = 0;
            while (await ClaimAsync(lease, 5) is { Count: > 0 } claim)
            {
                told += (await SettleAsync(lease, claim.Select(Delivered)))!.Count(settled => settled.Drained);
            }

            return told;
        })));
        Assert.That(ends.Sum(), Is.EqualTo(1));
        Assert.That(await ReadAsync(db => Deliveries.HasPendingAsync(db, run, CancellationToken.None)), Is.False);
        Assert.That(await ReadAsync(db => Deliveries.FindDrainedRunsAsync(db, CancellationToken.None)), Does.Contain(new DrainedRun(run, Lane.Bulk)));
        await AssertBalancedAsync(run);
    }

    [Test]
    public async Task Should_find_partitions_with_due_work_and_no_live_lease()
    {
        var (run, destination) = await RunOfAsync(6, partitions: 3);
        Assert.That((await WorkAsync(run)).Select(work => (work.Destination, work.Lane, work.Partition)), Is.EqualTo(new[] { (destination, Bulk, 0), (destination, Bulk, 1), (destination, Bulk, 2) }));
        var lease = await LeaseAsync("one", 1, destination);
        Assert.That((await WorkAsync(run)).Select(work => work.Partition), Is.EqualTo(new[] { 0, 2 }));
        await SettleAsync(lease, (await ClaimAsync(lease)).Select(delivery => Later(delivery, 30)));
        await WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, lease, isSettled: true, CancellationToken.None));
        Assert.That((await WorkAsync(run)).Select(work => work.Partition), Is.EqualTo(new[] { 0, 2 }), "the rest is due later");
        Assert.That((await WorkAsync(null)).Where(work => work.Destination == destination), Has.Exactly(2).Items);
        await SetStateAsync(run, "Paused");
        Assert.That((await WorkAsync(null)).Where(work => work.Destination == destination), Is.Empty);

        Task<IReadOnlyList<PartitionWithWork>> WorkAsync(Guid? of) => ReadAsync(db => Deliveries.FindWorkAsync(db, of, Noon, CancellationToken.None));
    }

    [Test]
    public async Task Should_forget_a_stale_remote_id_and_keep_whose_membership_it_was()
    {
        var audience = Unique("aud");
        var destination = Unique("dest");
        var person = Unique("p");
        await ApplyAsync(audience, "full", 0, person);
        await PlanAsync(await StartRunAsync(audience, destination: destination), audience, destination: destination);
        await DeliverAllAsync(destination: destination);
        await AppendAsync(Profile(person, """{"city":"Bonn"}""", 5));
        await PlanAsync(await StartRunAsync(audience, destination: destination), audience, destination: destination);
        var lease = await LeaseAsync("two", 0, destination);
        var claim = (await ClaimAsync(lease)).Single();
        Assert.That((claim.Operation, claim.RemoteId), Is.EqualTo((Operation.UpsertProfile, $"r{claim.ProfileId}")));
        await SettleAsync(lease, [Later(claim, 0) with { ForgetRemoteId = true }]);
        Assert.That((await ClaimAsync(lease)).Single().RemoteId, Is.Null);
        await ApplyAsync(audience, "full", 9);
        await PlanAsync(await StartRunAsync(audience, destination: destination), audience, destination: destination);
        await SettleAsync(lease, (await ClaimAsync(lease)).Where(delivery => delivery.Operation == Operation.RemoveMember).Select(Delivered));
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_members WHERE destination = '{destination}' AND NOT is_member AND added_by_hub"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_reserve_an_audience_and_destination_for_one_run_that_is_not_over()
    {
        var audience = Unique("aud");
        var first = await StartRunAsync(audience);
        Assert.That(await ReserveAsync(first), Is.True);
        Assert.That(await ReserveAsync(first), Is.True, "a repeat");
        Assert.That(await ReserveAsync(Guid.NewGuid()), Is.False);
        Assert.That(await ReadAsync(db => Runs.FindActiveAsync(db, audience, Braze, CancellationToken.None)), Is.EqualTo(first));
        await SetStateAsync(first, "Completed");
        Assert.That(await ReadAsync(db => Runs.FindActiveAsync(db, audience, Braze, CancellationToken.None)), Is.Null);
        var requested = Guid.NewGuid();
        Assert.That(await ReserveAsync(requested), Is.True);
        Assert.That(await ReserveAsync(Guid.NewGuid(), 5), Is.False, "its start command may still be under way");
        Assert.That(await ReserveAsync(Guid.NewGuid(), 15), Is.True, "its start command is lost");

        Task<bool> ReserveAsync(Guid run, int minute = 0) =>
            WriteAsync(db => Runs.TryReserveAsync(db, audience, Braze, run, Noon.AddMinutes(minute), CancellationToken.None));
    }
}
