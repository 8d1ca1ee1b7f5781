using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Backfills.Pace;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Watch;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Backfills;

/// <summary>Windows and rates hold for every hub, for they stand in the rows and go by the database's clock.</summary>
[TestFixture(StorageDatabase.Sqlite)]
[TestFixture(StorageDatabase.Postgres)]
public sealed class When_a_backfill_may_be_delivered(StorageDatabase database) : BackfillFixture(database)
{
    private static readonly string[] _always = ["daily 00:00-24:00 UTC"];

    [TestCase(-60, 60, true)]
    [TestCase(30, 60, false)]
    [TestCase(-60, -30, false)]
    public async Task Should_be_claimed_and_rung_for_only_in_its_window(int opensIn, int closesIn, bool isOpen)
    {
        Knows(0, 1, 2);
        var run = await PlanAsync(Attributes(Town));
        await SetWindowAsync(run, TimeSpan.FromMinutes(opensIn), TimeSpan.FromMinutes(closesIn));
        var work = await ReadAsync(db => Deliveries.FindWorkAsync(db, null, Clock.Now, CancellationToken.None));
        Assert.That(work.Any(partition => partition.Destination == Name), Is.EqualTo(isOpen));
        Assert.That((await ReadAsync(db => Deliveries.FindWorkAsync(db, run, Clock.Now, CancellationToken.None))).Count > 0, Is.EqualTo(isOpen));
        Assert.That(await ClaimAsync() > 0, Is.EqualTo(isOpen));
        await DeliverAsync();
        Assert.That(Vendor.Asked, isOpen ? Is.Not.Empty : Is.Empty);
        var closed = await ReadAsync(db => BackfillGate.FindClosedAsync(db, null, CancellationToken.None));
        Assert.That(closed.ContainsKey(run), Is.EqualTo(!isOpen));
        var view = await ReadAsync(db => BackfillBook.FindAsync(db, run, CancellationToken.None));
        Assert.That(view!.ClosedUntil is not null, Is.EqualTo(opensIn > 0));
    }

    [Test]
    public async Task Should_get_its_next_window_when_one_is_over_whichever_hub_looks()
    {
        var run = await PlanAsync(Attributes(Town) with { Windows = _always });
        await SetWindowAsync(run, TimeSpan.FromHours(-2), TimeSpan.FromHours(-1));
        Assert.That(await HasWorkAsync(run), Is.False, "until somebody has looked it is closed");
        await Task.WhenAll(Keeper().TurnAsync(CancellationToken.None), Keeper().TurnAsync(CancellationToken.None));
        Assert.That(await HasWorkAsync(run), Is.True);
    }

    [Test]
    public async Task Should_be_left_alone_once_it_is_over()
    {
        var run = await PlanAsync(Attributes(Town) with { Windows = _always });
        await SetWindowAsync(run, TimeSpan.FromHours(-2), TimeSpan.FromHours(-1));
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync("UPDATE backfill_runs SET finished_at = @now WHERE correlation_id = @run", CancellationToken.None, ("run", run), ("now", Noon));
        });
        await Keeper().TurnAsync(CancellationToken.None);
        Assert.That((await ReadAsync(db => BackfillGate.FindOverAsync(db, CancellationToken.None))).Any(over => over.RunId == run), Is.False);
    }

    [TestCase(RunState.Delivering, true)]
    [TestCase(RunState.Paused, false)]
    [TestCase(RunState.Canceling, false)]
    public async Task Should_have_leave_only_while_it_is_delivered(string state, bool mayGo)
    {
        var run = await PlanAsync(Attributes(Town));
        await MoveAsync(run, state);
        Assert.That(await AdmitAsync(run, TimeSpan.Zero), Is.EqualTo(new BackfillAdmission(mayGo)));
        Assert.That((await AdmitAsync(run, TimeSpan.FromSeconds(1))).MayGo, Is.EqualTo(mayGo));
    }

    /// <summary>A batch was claimed in time, and the window closed while it waited.</summary>
    [TestCase(-60, -30, false)]
    [TestCase(-30, 60, true)]
    public async Task Should_have_leave_only_in_its_window(int opensIn, int closesIn, bool mayGo)
    {
        var run = await PlanAsync(Attributes(Town) with { Windows = _always });
        await SetWindowAsync(run, TimeSpan.FromMinutes(opensIn), TimeSpan.FromMinutes(closesIn));
        Assert.That(await AdmitAsync(run, TimeSpan.Zero), Is.EqualTo(new BackfillAdmission(mayGo)));
        Assert.That((await AdmitAsync(run, TimeSpan.FromSeconds(1))).MayGo, Is.EqualTo(mayGo));
    }

    /// <summary>Two hubs ask by turns: together they get what the rate allows, and what is left over is told as a wait.</summary>
    [Test]
    public async Task Should_share_its_rate_among_all_who_ask()
    {
        var run = await PlanAsync(Attributes(Town));
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => AdmitAsync(run, TimeSpan.FromMinutes(40))));
        Assert.That(answers.Count(answer => answer.MayGo), Is.EqualTo(1), "forty minutes' worth are under way");
        Assert.That(answers.Where(answer => !answer.MayGo).Select(answer => answer.Wait), Is.All.InRange(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(40)));
    }

    [Test]
    public async Task Should_not_make_up_for_hours_in_which_nothing_was_written()
    {
        var run = await PlanAsync(Attributes(Town));
        await PaceAsync(run, TimeSpan.FromHours(-5));
        Assert.That((await AdmitAsync(run, TimeSpan.FromHours(1))).MayGo, Is.True);
        Assert.That((await AdmitAsync(run, TimeSpan.FromHours(1))).Wait, Is.GreaterThan(TimeSpan.FromMinutes(30)));
    }

    /// <summary>Another hub has just written: the first record waits for its place, and each takes one of its own. Told by the database's clock, so it holds however slow the machine is.</summary>
    [Test]
    public async Task Should_be_written_no_faster_than_its_rate()
    {
        Knows(0, 1, 2);
        var run = await PlanAsync(Attributes(Town) with { Rate = "20/s" });
        await PaceAsync(run, TimeSpan.FromMilliseconds(400));
        var first = (await PacedUntilAsync(run)).PacedUntil;
        var early = new List<DateTimeOffset>();
        Vendor.BeforeWrite = async _ =>
        {
            var (_, now) = await PacedUntilAsync(run);
            if (now < first)
            {
                early.Add(now);
            }
        };
        await DeliverAsync();
        Assert.That(Enumerable.Range(0, 3).Select(person => Shows(person).Town), Is.All.EqualTo("Rome"));
        Assert.That(early, Is.Empty, $"nothing is written before {first:O}");
        Assert.That((await PacedUntilAsync(run)).PacedUntil, Is.GreaterThanOrEqualTo(first + TimeSpan.FromMilliseconds(3 * 50 - 1)), "three people at twenty a second");
    }

    [Test]
    public async Task Should_give_the_partition_back_when_its_place_in_the_rate_is_far()
    {
        Knows(0, 1, 2);
        var run = await PlanAsync(Attributes(Town) with { Rate = "20/s" });
        await PaceAsync(run, TimeSpan.FromHours(1));
        await DeliverAsync();
        Assert.That((Vendor.Asked, await HasWorkAsync(run)), Is.EqualTo((Array.Empty<string>(), true)), "the vendor is not even read, and the records wait");
        await PaceAsync(run, TimeSpan.FromHours(-1));
        await DeliverAsync();
        Assert.That(Enumerable.Range(0, 3).Select(person => Shows(person).Town), Is.All.EqualTo("Rome"));
    }

    [Test]
    public async Task Should_be_seen_to_wait_and_not_to_stand_still()
    {
        var run = await PlanAsync(Attributes(Town) with { Windows = ["Sun 02:00-03:00 UTC"] });
        await SetWindowAsync(run, TimeSpan.FromHours(1), TimeSpan.FromHours(2));
        var situation = await ReadAsync(db => Situations.ReadAsync(db, Clock.Now, CancellationToken.None));
        var open = situation.Runs.Single(one => one.RunId == run);
        var verdict = IntegrationHub.Hub.Diagnosis.Diagnoser.OfRun(open with { StalledSince = Clock.Now }, situation)!;
        Assert.That(verdict.Code, Is.EqualTo("window_closed"));
        Assert.That(verdict.Sentence, Does.StartWith("Window opens at ").And.Contain("Sun 02:00-03:00 UTC"));
    }

    /// <summary>Owed since half past noon, sent ten minutes into the next day's window: it waited for forty minutes of open windows, and not for a day.</summary>
    [TestCase("daily 12:00-13:00 UTC", 3_600)]
    [TestCase(null, 86_400)]
    public async Task Should_count_only_the_time_in_its_windows_as_lag(string? windows, int within)
    {
        Knows(0, 1, 2);
        var noon = new DateTimeOffset(Clock.Now.UtcDateTime.Date.AddHours(12), TimeSpan.Zero);
        Clock.Now = noon.AddMinutes(30);
        var run = await PlanAsync(Attributes(Town) with { Windows = windows is null ? null : [windows] });
        await SetWindowAsync(run, TimeSpan.FromHours(-1), TimeSpan.FromHours(1));
        Clock.Now = noon.AddDays(1).AddMinutes(10);
        await DeliverAsync();
        var lag = (await ReadAsync(db => DeliveryMinutes.SumAsync(db, Clock.Now.AddMinutes(-1), CancellationToken.None))).Single(minute => minute.Destination == Name).Lag;
        Assert.That((lag.Total, lag.Counts[LagHistogram.Seconds.IndexOf(within)]), Is.EqualTo((3L, 3L)));
    }

    /// <summary>How many records a hub may claim; nothing is done with them.</summary>
    private async Task<int> ClaimAsync()
    {
        var claimed = 0;
        for (var partition = 0; partition < Options.Partitions; partition++)
        {
            var lease = await WriteAsync(db => Deliveries.TakeLeaseAsync(db, Name, Lane.Backfill, partition, "test", TimeSpan.FromMinutes(1), CancellationToken.None));
            claimed += (await WriteAsync(db => Deliveries.ClaimAsync(db, lease!, Clock.Now, 10, CancellationToken.None))).Count;
            await WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, lease!, isSettled: true, CancellationToken.None));
        }

        return claimed;
    }

    private async Task<bool> HasWorkAsync(Guid run) => (await ReadAsync(db => Deliveries.FindWorkAsync(db, run, Clock.Now, CancellationToken.None))).Count > 0;

    private Task<BackfillAdmission> AdmitAsync(Guid run, TimeSpan takes) => Transactions.ReadAsync(db => BackfillGate.AdmitAsync(db, run, takes, CancellationToken.None));

    /// <summary>Says when the run's rate is free again, from the database's clock on.</summary>
    private Task PaceAsync(Guid run, TimeSpan freeIn) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync($"UPDATE backfill_plans SET paced_until = {session.Clock} + @free WHERE run_id = @run", CancellationToken.None, ("run", run), ("free", freeIn));
    });

    private Task<(DateTimeOffset PacedUntil, DateTimeOffset Now)> PacedUntilAsync(Guid run) => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return (await session.ReadAsync($"SELECT paced_until, {session.Clock} FROM backfill_plans WHERE run_id = @run", row => (row.Time(0), row.Time(1)), CancellationToken.None, ("run", run)))[0];
    });

    private WindowKeeper Keeper() => new(Transactions, Microsoft.Extensions.Options.Options.Create(Options), Clock, NullLogger<WindowKeeper>.Instance);
}
