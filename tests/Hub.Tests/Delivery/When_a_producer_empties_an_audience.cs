using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>Somebody states one by one that everybody left, or that everybody joined: as much goes out as a run may do by itself, and a person is asked about the rest.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_producer_empties_an_audience(StorageDatabase database) : DrainFixture(database)
{
    [SetUp]
    public async Task Let_the_vendor_have_everybody()
    {
        await Destination.DisposeAsync();
        Destination = Acme.Destination(Vendor, name: Name, audience: Audience, live: true);
        await WriteAsync(async db =>
        {
            await Ledger.RouteAudiencesAsync(db, [new AudienceRoute(Audience, Name)], CancellationToken.None);
            await Ledger.RouteLiveAsync(db, [new AudienceRoute(Audience, Name)], partitions: 1, CancellationToken.None);
        });
        await DrainAsync();
        await SetStateAsync(Run, "Completed");
        Vendor.Delivered.Clear();
        Options.LiveGuardrailFrom = 0;
        Guardrail = new AudienceGuardrail(0.34, null);
    }

    [Test]
    public async Task Should_remove_the_share_that_is_allowed_and_leave_the_rest_to_a_run()
    {
        await LeaveAsync(0, 1, 2);
        await DrainAsync(Lane.Live);

        Assert.That(Removed(), Is.EqualTo(1), "a third of three");
        Assert.That(await StillThereAsync(), Is.EqualTo(2));
        Assert.That(await CountRowsAsync("deliveries", LiveStream.IdOf(Name, Lane.Live)), Is.Zero, "nothing spins in the queue");
        Assert.That(await CountAsync($"SELECT count(*) FROM audience_changes WHERE destination = '{Name}'"), Is.GreaterThanOrEqualTo(2), "the next run looks at them");
        Assert.That(await HeldAsync(), Is.EqualTo(new[] { (Operation.RemoveMember, 2L, 3L) }));
        Assert.That(await CountAsync($"SELECT coalesce(sum(count), 0) FROM live_counts WHERE destination = '{Name}' AND outcome = 'suppressed'"), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_count_over_claims_and_hubs_within_a_window_and_begin_anew_after_it()
    {
        await LeaveAsync(0);
        await DrainAsync(Lane.Live);
        await LeaveAsync(1);
        await DrainAsync(Lane.Live);
        Assert.That(Removed(), Is.EqualTo(1), "the second one is beyond the share");
        Clock.Now += Options.LiveGuardrailWindow;
        Guardrail = new AudienceGuardrail(0.5, null);
        await LeaveAsync(2);
        await DrainAsync(Lane.Live);
        Assert.That(Removed(), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_let_a_few_pass_however_small_the_audience()
    {
        Options.LiveGuardrailFrom = 3;
        await LeaveAsync(0, 1, 2);
        await DrainAsync(Lane.Live);
        Assert.That((Removed(), await StillThereAsync()), Is.EqualTo((3, 0)));
    }

    [Test]
    public async Task Should_take_out_whoever_may_not_be_sent_whatever_the_guardrail_says()
    {
        Guardrail = new AudienceGuardrail(0, null);
        await DenyAsync(People[0]);
        await LeaveAsync(0, 1);
        await DrainAsync(Lane.Live);
        Assert.That(Sent, Is.EqualTo(new[] { "RemoveMember 0" }));
    }

    [Test]
    public async Task Should_count_only_what_came_about()
    {
        var answers = Vendor.Deliver;
        Vendor.Deliver = batch =>
        {
            Vendor.Deliver = answers;
            return Task.FromResult(Told(batch, Outcome.RetryLater, "busy"));
        };
        await LeaveAsync(0);
        await DrainAsync(Lane.Live);
        Assert.That((Removed(), await StillThereAsync()), Is.EqualTo((2, 2)), "tried again, it is no second one");
    }

    [Test]
    public async Task Should_hold_additions_where_the_audience_limits_them()
    {
        Guardrail = new AudienceGuardrail(1, 0.34);
        await AppendAsync([.. Enumerable.Range(0, 3).Select(_ => Membership(Unique("new"), Audience, true, 5))]);
        await DrainAsync(Lane.Live);
        Assert.That(Vendor.Delivered.Where(batch => batch.Operation == Operation.AddMember).Sum(batch => batch.Items.Count), Is.EqualTo(1));
        Assert.That(await HeldAsync(), Is.EqualTo(new[] { (Operation.AddMember, 2L, 3L) }));
    }

    [Test]
    public async Task Should_ask_a_person_by_a_run_that_lets_nothing_pass_by_itself_once()
    {
        await LeaveAsync(0, 1, 2);
        await DrainAsync(Lane.Live);
        var starter = new RunStarter(Configured(), new DestinationDirectory(new Dictionary<string, Destination> { [Name] = Destination }), Transactions, Snapshots, Runs, Clock);
        var watch = new HeldMembershipsWatch(starter, Transactions, Clock, NullLogger<HeldMembershipsWatch>.Instance);

        await watch.AskAsync(CancellationToken.None);
        var asked = Asked().Single();
        Assert.That((asked.Mode, asked.MaxRemovalShare, asked.By), Is.EqualTo(("delta", 0d, HeldMembershipsWatch.By)));
        await watch.AskAsync(CancellationToken.None);
        Assert.That(Asked().Count(), Is.EqualTo(1));
        Assert.That(await HeldAsync(), Is.Empty, "asked about");
    }

    [Test]
    public async Task Should_not_be_asked_about_for_ever_where_the_audience_goes_there_no_more()
    {
        await LeaveAsync(0, 1, 2);
        await DrainAsync(Lane.Live);
        var starter = new RunStarter(Acme.Hub(Unique("other"), Unique("other")), new DestinationDirectory(new Dictionary<string, Destination>()), Transactions, Snapshots, Runs, Clock);
        await new HeldMembershipsWatch(starter, Transactions, Clock, NullLogger<HeldMembershipsWatch>.Instance).AskAsync(CancellationToken.None);
        Assert.That((Asked().Count(), (await HeldAsync()).Count()), Is.EqualTo((0, 0)));
        Assert.That(await CountAsync($"SELECT count(*) FROM audience_changes WHERE destination = '{Name}'"), Is.GreaterThanOrEqualTo(2));
    }

    private IEnumerable<StartAudienceSync> Asked() => Harness.Published.Select<StartAudienceSync>().Select(message => message.Context.Message).Where(start => start.Audience == Audience);

    private Task LeaveAsync(params int[] people) => AppendAsync([.. people.Select(person => Membership(People[person], Audience, false, 5))]);

    private int Removed() => Vendor.Delivered.Where(batch => batch.Operation == Operation.RemoveMember).Sum(batch => batch.Items.Count);

    private Task<long> StillThereAsync() => CountAsync($"SELECT count(*) FROM destination_members WHERE destination = '{Name}' AND is_member");

    private async Task<IEnumerable<(Operation Operation, long Count, long Members)>> HeldAsync() =>
        (await ReadAsync(db => LiveGuards.ListHeldAsync(db, CancellationToken.None))).Where(held => held.Membership.Destination == Name).Select(held => (held.Membership.Operation, held.Count, held.Members));
}
