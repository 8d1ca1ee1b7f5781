using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Tests.Backfills;

/// <summary>The database is that of an earlier moment: events that it owes, or has no receipt of, may have been told since.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_events_are_told_again_after_a_restore(StorageDatabase database) : ReplayFixture(database)
{
    [Test]
    public async Task Should_wait_for_a_word_where_the_database_was_restored_and_the_vendor_would_count_both()
    {
        Use(events: true, doubles: true);
        await WriteAsync(db => RestoredDatabase.DoubtAsync(db, Clock.Now + TimeSpan.FromHours(1), CancellationToken.None));
        Assert.That((await CountsAsync(await PlanAsync(new FactSelection()))).Text, Is.EqualTo("suppressed may_repeat 4, unchanged no_match 1"), "receipts of the time that was lost are lost");
        var run = await PlanAsync(new FactSelection(AllowRepeat: true));
        Assert.That((await PlanOfAsync(run)).MayRepeat, Is.EqualTo(4));
        await WriteAsync(db => Deliveries.CancelAsync(db, run, 100, Clock.Now, CancellationToken.None));
    }

    [Test]
    public async Task Should_be_in_doubt_where_the_database_was_restored_while_they_were_owed()
    {
        Use(events: true, doubles: true);
        var run = await PlanAsync(new FactSelection(AllowRepeat: true));
        Assert.That(await DoubtAsync(), Is.EqualTo(4));
        Assert.That(await DoubtAsync(), Is.Zero, "twice is as good as once");
        await DeliverAsync(run);
        Assert.That(Heard, Is.Empty);
        Assert.That((await CountsAsync(run)).Text, Is.EqualTo("dead_lettered ambiguous 4, unchanged no_match 1"));
    }

    [Test]
    public async Task Should_be_sent_where_the_database_was_restored_and_the_vendor_recognises_a_repeat()
    {
        var run = await PlanAsync(new FactSelection());
        await DoubtAsync();
        await DeliverAsync(run);
        Assert.That((await CountsAsync(run)).Text, Is.EqualTo("delivered 4, unchanged no_match 1"));
    }

    [Test]
    public async Task Should_wait_while_the_hub_sends_nothing()
    {
        var run = await PlanAsync(new FactSelection());
        await SetStateAsync(run, RunState.Delivering);
        Options.Sends = false;
        await DrainAsync(Lane.Backfill);
        Assert.That((Heard.Count(), (await CountsAsync(run)).Pending), Is.EqualTo((0, 4)));
        Options.Sends = true;
        await DeliverAsync(run);
    }

    private Task<long> DoubtAsync() => WriteAsync(db => RestoredDatabase.DoubtAsync(db, Clock.Now, CancellationToken.None));
}
