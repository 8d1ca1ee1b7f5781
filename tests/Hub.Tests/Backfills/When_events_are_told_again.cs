using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Hub.Tests.Backfills;

/// <summary>Events of the log are owed again: planned from what is known of each, told once and quietly, and no instant at which a hub may end makes a second one of them.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_events_are_told_again(StorageDatabase database) : ReplayFixture(database)
{
    [Test]
    public async Task Should_be_counted_first_and_told_once_under_the_name_for_the_past_with_their_own_time()
    {
        var run = await PlanAsync(new FactSelection());
        Assert.That((await CountsAsync(run)).Text, Is.EqualTo("pending 4, unchanged no_match 1"), "the stranger is not known there");
        Assert.That(Vendor.Delivered, Is.Empty, "a plan tells nobody");

        await DeliverAsync(run);

        Assert.That(Heard.Select(told => (told.Name, told.OccurredAt)), Is.EqualTo(new[] { ("V_PAST", 1), ("V_PAST", 2), ("V_PAST", 3), ("B", 4) }.Select(told => (told.Item1, LastYear.AddMinutes(told.Item2)))));
        Assert.That(Heard.Where(told => told.Name == "B").SelectMany(told => told.Properties).Select(property => property.Name), Is.EqualTo(new[] { "is_backfill" }));
        Assert.That((await CountsAsync(run)).Text, Is.EqualTo("delivered 4, unchanged no_match 1"), "each event counts, and not each person");
        Assert.That(await ReadAsync(db => EventReplays.CountReceiptsAsync(db, run, CancellationToken.None)), Is.EqualTo((4L, 0L)));

        Assert.That((await CountsAsync(await PlanAsync(new FactSelection()))).Text, Is.EqualTo("unchanged already_told 4, unchanged no_match 1"), "nothing is told twice");
    }

    [Test]
    public async Task Should_be_chosen_by_name_time_producer_person_and_run()
    {
        Assert.That(await ChosenAsync(new FactSelection([Bought])), Is.EqualTo(1));
        Assert.That(await ChosenAsync(new FactSelection(From: LastYear.AddMinutes(2), To: LastYear.AddMinutes(4))), Is.EqualTo(2), "from is in it, to is not");
        Assert.That(await ChosenAsync(new FactSelection(Producers: [Till])), Is.EqualTo(1));
        Assert.That(await ChosenAsync(new FactSelection(Run: "import-7")), Is.EqualTo(1), "the producer's run");
        Assert.That(await ChosenAsync(new FactSelection(), people: [People[0]]), Is.EqualTo(2));
        Assert.That(await ChosenAsync(new FactSelection(), audience: Audience), Is.EqualTo(4));
        var told = await PlanAsync(new FactSelection([Bought]));
        await DeliverAsync(told);
        Assert.That((await CountsAsync(await PlanAsync(new FactSelection(Run: told.ToString())))).Text, Is.EqualTo("unchanged already_told 1"), "what an earlier replay told of");
    }

    [Test]
    public async Task Should_be_told_under_their_own_name_when_somebody_asked_for_that()
    {
        await DeliverAsync(await PlanAsync(new FactSelection([Viewed]), loud: true));
        Assert.That(Heard.Select(told => told.Name), Is.All.EqualTo("V"));
    }

    [Test]
    public async Task Should_not_be_told_twice_though_the_hub_ends_while_it_tells_and_the_vendor_would_count_both()
    {
        Use(events: true, doubles: true);
        var run = await PlanAsync(new FactSelection());
        await SetStateAsync(run, RunState.Delivering);
        using var end = new CancellationTokenSource();
        Vendor.Deliver = async batch =>
        {
            await end.CancelAsync();
            end.Token.ThrowIfCancellationRequested();
            return Told(batch, Outcome.Delivered);
        };
        await Hub().RunAsync(Name, Lane.Backfill, 0, end.Token);
        Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.Delivered));
        await ExpireLeaseAsync(Name, Lane.Backfill);
        await DrainAsync(Lane.Backfill);

        Assert.That(Heard.Select(told => told.Id), Is.Unique, "each went out once");
        var (taken, inDoubt) = await ReadAsync(db => EventReplays.CountReceiptsAsync(db, run, CancellationToken.None));
        Assert.That((taken + inDoubt, inDoubt), Is.EqualTo((4L, 3L)), "Acme takes three in a call: those of the call that was cut are said to be in doubt");
        Assert.That((await CountsAsync(await PlanAsync(new FactSelection(AllowRepeat: true)))).Text, Is.EqualTo("unchanged already_told 1, unchanged letter_waits 3, unchanged no_match 1"), "their letters are for people");
    }

    [Test]
    public async Task Should_be_in_doubt_where_the_run_is_stopped_while_they_are_told()
    {
        Use(events: true, doubles: true);
        var run = await PlanAsync(new FactSelection());
        await SetStateAsync(run, RunState.Delivering);
        Vendor.Deliver = async batch =>
        {
            await WriteAsync(db => Deliveries.CancelAsync(db, run, 100, Clock.Now, CancellationToken.None));
            return Told(batch, Outcome.Delivered);
        };
        await DrainAsync(Lane.Backfill);
        Assert.That((await CountsAsync(run)).Text, Is.EqualTo("dead_lettered ambiguous 3, suppressed run_canceled 1, unchanged no_match 1"));
        Assert.That((await CountsAsync(await PlanAsync(new FactSelection()))).Text, Is.EqualTo("pending 1, unchanged letter_waits 3, unchanged no_match 1"), "what was not sent may be told");
    }

    [Test]
    public async Task Should_wait_for_a_word_where_nobody_knows_any_more_and_the_vendor_would_count_both()
    {
        Use(events: true, doubles: true);
        Clock.Now += TimeSpan.FromDays(40);
        Assert.That((await CountsAsync(await PlanAsync(new FactSelection()))).Text, Is.EqualTo("suppressed may_repeat 4, unchanged no_match 1"));
        var run = await PlanAsync(new FactSelection(AllowRepeat: true));
        Assert.That(((await CountsAsync(run)).Text, (await PlanOfAsync(run)).MayRepeat), Is.EqualTo(("pending 4, unchanged no_match 1", 4)));
        Use(events: true);
        Assert.That(await ChosenAsync(new FactSelection([Bought])), Is.Zero, "owed already");
        await WriteAsync(db => Deliveries.CancelAsync(db, run, 100, Clock.Now, CancellationToken.None));
        Assert.That(await ChosenAsync(new FactSelection()), Is.EqualTo(4), "a vendor that recognises repeats may have them again");
    }

    [Test]
    public async Task Should_not_be_told_by_two_runs()
    {
        var (first, second) = (await PlanAsync(new FactSelection()), await PlanAsync(new FactSelection()));
        Assert.That((await CountsAsync(second)).Text, Is.EqualTo("unchanged already_owed 4, unchanged no_match 1"));
        await DeliverAsync(first);
        await DeliverAsync(second);
        Assert.That(Heard.Count(), Is.EqualTo(4));
    }

    [Test]
    public async Task Should_not_be_told_when_somebody_else_told_it_since_the_plan()
    {
        var run = await PlanAsync(new FactSelection([Bought]));
        await WriteAsync(db => db.Database.ExecuteSqlRawAsync(
            $"INSERT INTO event_receipts (destination, position, outcome, at) SELECT destination, fact_position, 'delivered', created_at FROM deliveries WHERE run_id = {{0}}", run));
        await DeliverAsync(run);
        Assert.That(Heard, Is.Empty);
        Assert.That((await CountsAsync(run)).Text, Is.EqualTo("unchanged overtaken 1"));
    }

    [Test]
    public async Task Should_be_told_of_whom_it_turned_out_to_be_about()
    {
        await AppendAsync(Event(People[2], Viewed, 6));
        await WriteAsync(db => db.Database.ExecuteSqlRawAsync("DELETE FROM deliveries WHERE destination = {0} AND lane = 'live'", Name));
        var planned = await PlanAsync(new FactSelection(From: LastYear.AddMinutes(6)));
        await JoinAsync(People[2], People[0]);
        await DeliverAsync(planned);
        Assert.That(Keys, Is.EqualTo(new[] { People[0] }), "joined since the plan");
        await JoinAsync(People[1], People[2]);
        await DeliverAsync(await PlanAsync(new FactSelection(From: LastYear.AddMinutes(3), To: LastYear.AddMinutes(4))));
        Assert.That(Keys, Is.EqualTo(new[] { People[0], People[0] }), "along the chain");
    }

    [Test]
    public async Task Should_not_be_told_of_who_withdrew_before_the_plan_or_after_it()
    {
        await DenyAsync(People[0]);
        var run = await PlanAsync(new FactSelection([Viewed]));
        Assert.That((await CountsAsync(run)).Text, Is.EqualTo("pending 1, suppressed consent_denied 2, unchanged no_match 1"));
        await DenyAsync(People[1]);
        await DeliverAsync(run);
        Assert.That(Heard, Is.Empty);
        Assert.That((await CountsAsync(run)).Text, Is.EqualTo("suppressed consent_denied 3, unchanged no_match 1"));
    }
}
