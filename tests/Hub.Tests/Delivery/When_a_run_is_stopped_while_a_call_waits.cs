using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Watch;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>Between the claim and the bytes of a call a person holds or stops the run: no call of it begins any more.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_run_is_stopped_while_a_call_waits(StorageDatabase database) : DrainFixture(database)
{
    [TestCase("Paused")]
    [TestCase("Canceling")]
    [TestCase("Canceled")]
    public async Task Should_send_nothing_of_it(string state)
    {
        Vendor.BeforeCall = _ => SetStateAsync(Run, state);
        await DrainAsync();
        Assert.That(Sent, Is.Empty);
        Assert.That(await CountRowsAsync("deliveries", Run), Is.EqualTo(3), "what was not sent is not settled by it");
        Assert.That(await CountAsync($"SELECT count(*) FROM deliveries WHERE destination = '{Name}' AND (maybe_sent OR attempt > 0)"), Is.Zero);
    }

    [Test]
    public async Task Should_go_on_with_everybody_when_the_run_does()
    {
        Vendor.BeforeCall = _ => SetStateAsync(Run, "Paused");
        await DrainAsync();
        Vendor.BeforeCall = _ => Task.CompletedTask;
        await SetStateAsync(Run, "Delivering");
        await DrainAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,1,2" }));
        await AssertBalancedAsync(Run);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_count_no_wait_for_a_person_as_lag(bool wasHeld)
    {
        await WriteAsync(async db => (await db.Set<AudienceSyncState>().SingleAsync(run => run.CorrelationId == Run)).HeldUntil = wasHeld ? Clock.Now.AddSeconds(-3) : null);
        await DrainAsync();
        var lag = (await ReadAsync(db => DeliveryMinutes.SumAsync(db, Clock.Now.AddMinutes(-1), CancellationToken.None))).Single(minute => minute.Destination == Name).Lag;
        Assert.That((lag.Total, lag.Counts[wasHeld ? LagHistogram.Seconds.IndexOf(5) : LagHistogram.Seconds.Length]), Is.EqualTo((3L, 3L)));
    }

    [Test]
    public async Task Should_give_nothing_to_a_vendors_job()
    {
        Options.Bulk = true;
        Vendor.BeforeCall = _ => SetStateAsync(Run, "Canceling");
        await DrainAsync();
        Assert.That((Vendor.Started.Count(job => job.Items.Count > 0), await CountAsync($"SELECT count(*) FROM bulk_job_rows r JOIN bulk_jobs j ON j.job_id = r.job_id WHERE j.destination = '{Name}'")), Is.EqualTo((0, 0L)));
    }

    [Test]
    public async Task Should_take_nothing_from_other_runs_and_from_what_is_owed_live()
    {
        await DrainAsync();
        await DenyAsync(People[0]);
        await SetStateAsync(Run, "Canceled");
        Vendor.Delivered.Clear();
        await DrainAsync(Lane.Urgent);
        Assert.That(Vendor.Delivered.Select(batch => batch.Operation), Is.EqualTo(new[] { Operation.SetConsent }));
    }
}
