using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Deliveries;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.TestServers;

namespace IntegrationHub.Hub.Tests.Delivery;

[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_partition_is_drained(StorageDatabase database) : DrainFixture(database)
{
    [TearDown]
    public void Reset() => (Options.LeaseLength, Options.TimeSlice) = (TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(20));

    [Test]
    public async Task Should_be_empty_and_free_when_the_turn_is_over()
    {
        await DrainAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,1,2" }));
        Assert.That((await RunAsync(Run)).Counts.Delivered, Is.EqualTo(3));
        Assert.That((await TryLeaseAsync("next", 0, Name))!.Follows, Is.Null);
    }

    /// <summary>The hub has not heard yet; the database has.</summary>
    [Test]
    public async Task Should_be_left_to_whoever_runs_the_configuration_in_force()
    {
        var nothing = ConfigurationFiles.Of(new Dictionary<string, string>());
        Running = new RunningConfiguration(nothing, await ActivateAsync("one"));
        var version = await ActivateAsync("two");
        await DrainAsync();
        Assert.That((Sent.Count, await CountRowsAsync("deliveries", Run)), Is.EqualTo((0, 3L)));
        Assert.That(await TryLeaseAsync("next", 0, Name) is { Follows: null } lease && await FreeAsync(lease), Is.True, "nobody waits for it");

        Running.Became(version);
        await DrainAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,1,2" }));
    }

    private async Task<bool> FreeAsync(Lease lease)
    {
        await WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, lease, true, CancellationToken.None));
        return true;
    }

    [Test]
    public async Task Should_be_worked_on_by_one_of_two_hubs_that_share_process_id_and_address()
    {
        var entered = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        Vendor.BeforeCall = _ =>
        {
            entered.TrySetResult();
            return go.Task;
        };
        var one = Hub(name: "one-hub").RunAsync(Name, Lane.Bulk, 0, CancellationToken.None);
        await entered.Task.WaitAsync(Poll.Patience);
        await Hub().RunAsync(Name, Lane.Bulk, 0, CancellationToken.None);
        Assert.That(await CountAsync($"SELECT count(*) FROM leases WHERE destination = '{Name}' AND epoch = 1 AND owner LIKE 'one-hub-%'"), Is.EqualTo(1), "both take their first turn, each under its hub's name");
        go.SetResult();
        await one;
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,1,2" }));
    }

    [Test]
    public async Task Should_stay_with_its_turn_for_as_long_as_that_takes()
    {
        Options.LeaseLength = TimeSpan.FromSeconds(6);
        var (entered, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        Vendor.BeforeCall = _ =>
        {
            entered.TrySetResult();
            return go.Task;
        };
        var turn = Hub().RunAsync(Name, Lane.Bulk, 0, CancellationToken.None);
        await entered.Task.WaitAsync(Poll.Patience);
        var taken = await LeaseEndAsync();
        await Poll.Until(async () => await TryLeaseAsync("other", 0, Name) is not null || await LeaseEndAsync() != taken, "the lease to be renewed, or to end");
        Assert.That(await CountAsync($"SELECT count(*) FROM leases WHERE destination = '{Name}' AND epoch = 1"), Is.EqualTo(1), "nobody else could take it");
        go.SetResult();
        await turn;
        Assert.That((await RunAsync(Run)).Counts.Delivered, Is.EqualTo(3));
    }

    /// <summary>A process that was held up may go on before it is told that its lease is lost: it would write over what the other one sent meanwhile.</summary>
    [Test]
    public async Task Should_send_nobody_and_end_without_a_word_when_the_lease_is_lost()
    {
        Options.LeaseLength = TimeSpan.FromSeconds(2);
        Vendor.BeforeCall = async _ => await LeaseAsync("other", destination: Name);
        await DrainAsync();
        Assert.That(((await RunAsync(Run)).Counts.Pending, Vendor.Delivered.Count), Is.EqualTo((3, 0)), "they are the other one's now");
        await ExpireLeaseAsync(Name);
        Vendor.BeforeCall = _ => Task.CompletedTask;
        await DrainAsync();
        Assert.That((await RunAsync(Run)).Counts.Delivered, Is.EqualTo(3));
    }

    [TestCase(null, true, 0)]
    [TestCase("fresh", true, 3)]
    [TestCase(null, false, 3)]
    public async Task Should_forget_the_vendors_id_of_whoever_is_tried_again_only_when_the_vendor_said_that_nobody_has_it(string? told, bool isGone, int known)
    {
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                "INSERT INTO destination_profiles (destination, profile_id, remote_id) SELECT @destination, profile_id, 'stale' FROM deliveries WHERE run_id = @run",
                CancellationToken.None, ("destination", Name), ("run", Run));
        });
        Options.TimeSlice = TimeSpan.Zero;
        Vendor.Deliver = batch => Task.FromResult(new Receipt { Outcomes = [.. batch.Items.Select(item => AcmeConnector.Told(item, Outcome.RetryLater) with { RemoteId = told, RemoteIdIsGone = isGone })] });
        await DrainAsync();
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_profiles WHERE destination = '{Name}' AND remote_id IS NOT NULL"), Is.EqualTo(known));
    }

    [Test]
    public async Task Should_ring_for_what_is_left_when_the_slice_is_over()
    {
        Options.TimeSlice = TimeSpan.Zero;
        Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.RetryLater));
        await DrainAsync();
        Assert.That(Rung(Lane.Bulk), Is.EqualTo(1));
    }

    /// <summary>Whoever made it owed found the lease taken and rang in vain.</summary>
    [Test]
    public async Task Should_ring_for_what_became_owed_after_the_last_claim()
    {
        await DrainAsync();
        var store = InterruptedClaims.Over(Deliveries, () => DenyAsync(People[0]));

        await Hub(deliveries: store).RunAsync(Name, Lane.Urgent, 0, CancellationToken.None);

        Assert.That(await OwedAsync(), Is.EqualTo(1));
        Assert.That(Rung(Lane.Urgent), Is.EqualTo(1));
        await DrainAsync(Lane.Urgent);
        Assert.That((await OwedAsync(), Rung(Lane.Urgent)), Is.EqualTo((0L, 1)), "nobody is rung for nothing");
    }

    [Test]
    public async Task Should_be_left_alone_while_the_destination_is_blocked()
    {
        await Health().ReportAsync(Name, Lane.Bulk, new DestinationCondition(DestinationTrouble.Unavailable, "down", TimeSpan.FromMinutes(5)), CancellationToken.None);
        await DrainAsync();
        Assert.That(Vendor.Delivered, Is.Empty);
        Assert.That(await CountAsync($"SELECT count(*) FROM leases WHERE destination = '{Name}'"), Is.Zero);
    }

    [Test]
    public async Task Should_send_no_further_call_and_settle_what_is_on_its_way_when_the_hub_stops()
    {
        using var turns = new OpenTurns();
        var (entered, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        Vendor.Deliver = async batch =>
        {
            entered.TrySetResult();
            await go.Task;
            return Told(batch, Outcome.Delivered);
        };
        var turn = Hub(turns).RunAsync(Name, Lane.Bulk, 0, CancellationToken.None);
        await entered.Task.WaitAsync(Poll.Patience);
        var stop = turns.CloseAsync(TimeSpan.FromMinutes(1), TimeProvider.System, CancellationToken.None);
        Assert.That(stop.IsCompleted, Is.False);
        go.SetResult();
        await stop.WaitAsync(Poll.Patience);
        await turn;
        Assert.That((await RunAsync(Run)).Counts.Delivered, Is.EqualTo(3));
        Assert.That((await TryLeaseAsync("next", 0, Name))!.Follows, Is.Null);
        await Hub(turns).RunAsync(Name, Lane.Urgent, 0, CancellationToken.None);
        Assert.That(await CountAsync($"SELECT count(*) FROM leases WHERE destination = '{Name}' AND lane = 'urgent'"), Is.Zero, "no turn begins after the stop");
    }

    [Test]
    public async Task Should_not_send_what_still_waits_when_the_hub_stops()
    {
        using var turns = new OpenTurns();
        var (entered, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        Vendor.BeforeCall = async _ =>
        {
            entered.TrySetResult();
            await go.Task;
        };
        var turn = Hub(turns).RunAsync(Name, Lane.Bulk, 0, CancellationToken.None);
        await entered.Task.WaitAsync(Poll.Patience);
        var stop = turns.CloseAsync(TimeSpan.FromMinutes(1), TimeProvider.System, CancellationToken.None);
        go.SetResult();
        await stop.WaitAsync(Poll.Patience);
        await turn;
        Assert.That((Vendor.Delivered.Count, (await RunAsync(Run)).Counts.Pending), Is.EqualTo((0, 3L)));
    }

    [Test]
    public async Task Should_reject_a_key_that_is_another_persons_at_the_vendor()
    {
        await Close();
        Use(Acme.Descriptor with { KeysAreCaseInsensitive = true });
        var twins = Unique("c-kx7");
        await ApplyAsync(Audience, "full", 30, $"{twins}Q", $"{twins}q");
        await SetStateAsync(Run, "Completed");
        Run = await StartRunAsync(Audience, destination: Name, minute: 1);
        await PlanAsync(Run, Audience, destination: Name);
        await DrainAsync();
        var (upper, lower) = (await OutcomeAsync($"{twins}Q"), await OutcomeAsync($"{twins}q"));
        Assert.That(new[] { upper, lower }.Select(outcome => outcome.Outcome), Is.EquivalentTo(new[] { LedgerOutcome.Delivered, LedgerOutcome.Rejected }));
        Assert.That(new[] { upper, lower }.Single(outcome => outcome.Outcome == LedgerOutcome.Rejected).Code, Is.EqualTo("key_collision"));
        Assert.That(Vendor.Delivered.SelectMany(batch => batch.Items).Count(item => item.Key.StartsWith(twins, StringComparison.Ordinal)), Is.EqualTo(1), "sent as spelled, once");
    }

    private int Rung(string lane) => Harness.Sent.Select<DeliveryDue>().Select(sent => sent.Context.Message).Count(due => due == new DeliveryDue { Destination = Name, Lane = lane, Partition = 0 });

    private Task<string?> LeaseEndAsync() => TextAsync("SELECT CAST(expires_at AS text) FROM leases WHERE destination = @destination", ("destination", Name));
}
