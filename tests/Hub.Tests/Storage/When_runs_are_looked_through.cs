using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.Storage.Runs;
using Microsoft.EntityFrameworkCore;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Tests.Storage;

[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_runs_are_looked_through(StorageDatabase database) : StorageFixture(database)
{
    [Test]
    public async Task Should_know_of_a_stall_and_a_pause_that_are_over()
    {
        var run = await StartRunAsync(Unique("aud"));
        await ChangeAsync(run, row => (row.StalledSince, row.DiagnosisCode) = (Noon, "unauthorized"));
        await ChangeAsync(run, row => row.LastProgressAt = Noon.AddMinutes(1)); // nothing of it
        await ChangeAsync(run, row => (row.StalledSince, row.DiagnosisCode) = (null, null));
        await SetStateAsync(run, "Paused");
        await SetStateAsync(run, "Delivering");
        var turns = (await ReadAsync(db => RunTurns.ListAsync(db, run, new PageAsk(), CancellationToken.None))).Items;
        Assert.That(
            turns.Reverse().Select(turn => (turn.Kind, turn.From, turn.To, turn.Code)),
            Is.EqualTo(new (string, string?, string, string?)[]
            {
                (RunTurns.State, null, "Delivering", null), (RunTurns.Stalled, null, "Delivering", "unauthorized"), (RunTurns.Moved, null, "Delivering", "unauthorized"),
                (RunTurns.State, "Delivering", "Paused", null), (RunTurns.State, "Paused", "Delivering", null),
            }));
        Assert.That(turns.Select(turn => turn.At), Is.All.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromHours(1)));
        Assert.That(turns.Select(turn => turn.At), Is.Ordered.Descending);
    }

    [Test]
    public async Task Should_know_how_many_records_were_settled_when()
    {
        var audience = Unique("aud");
        await ApplyAsync(audience, "full", 0, [.. Enumerable.Range(0, 6).Select(_ => Unique("p"))]);
        var run = await StartRunAsync(audience);
        Assert.That((await SeriesAsync(run)).Points, Is.Empty);
        await PlanAsync(run, audience);
        Assert.That((await SeriesAsync(run)).Points, Is.Empty, "what is planned is not settled");
        var lease = await LeaseAsync();
        var claim = (await ClaimAsync(lease)).Where(delivery => delivery.RunId == run).ToList();
        await SettleAtAsync(lease, 1, claim[..3].Select(Delivered));
        await SettleAtAsync(lease, 1, claim[3..4].Select(delivery => Ended(delivery, LedgerOutcome.Rejected, "odd")));
        await SettleAtAsync(lease, 61, claim[4..].Select(Delivered));
        var series = await SeriesAsync(run);
        Assert.That(series.Span, Is.EqualTo(TimeSpan.FromMinutes(1)));
        Assert.That(
            series.Points.SelectMany(point => point.Counts.Select(count => (point.At, count.Key, count.Value))),
            Is.EquivalentTo(new[] { (Noon.AddMinutes(1), LedgerOutcome.Delivered, 3L), (Noon.AddMinutes(1), LedgerOutcome.Rejected, 1L), (Noon.AddMinutes(61), LedgerOutcome.Delivered, 2L) }));
        await AssertBalancedAsync(run);

        Task SettleAtAsync(Lease held, int minute, IEnumerable<Settlement> settlements) => WriteAsync(db => Deliveries.SettleAsync(db, held, [.. settlements], Noon.AddMinutes(minute).AddSeconds(59), CancellationToken.None));
    }

    /// <summary>However much of others ran since.</summary>
    [Test]
    public async Task Should_know_the_last_run_of_each_audience_and_destination()
    {
        var (old, busy, idle) = (Unique("old"), Unique("busy"), Unique("idle"));
        await StartRunAsync(old, "Completed", minute: 1);
        var last = await StartRunAsync(old, "Completed", minute: 2);
        var elsewhere = await StartRunAsync(old, "Completed", "hubspot");
        var latest = Guid.Empty;
        for (var minute = 3; minute < 8; minute++)
        {
            latest = await StartRunAsync(busy, "Completed", minute: minute);
        }

        (string, string)[] pairs = [(old, Braze), (old, "hubspot"), (busy, Braze), (idle, Braze)];
        Assert.That(await ReadAsync(db => LatestRuns.OfAsync(db, pairs, CancellationToken.None)), Is.EquivalentTo(new[] { last, elsewhere, latest }));
        await WriteAsync(async db =>
        {
            foreach (var (run, minute) in new[] { (last, 1), (latest, 2) })
            {
                await ReconciliationBook.AddAsync(db, Asked(run, minute), CancellationToken.None);
            }

            await ReconciliationBook.SaveAsync(db, Asked(last, 1) with { ComparedAt = Noon }, CancellationToken.None);
        });
        Assert.That(await ReadAsync(db => LatestRuns.ComparedAsync(db, pairs, CancellationToken.None)), Is.EqualTo(new[] { last }), "one that came to its end");
        Assert.That((await ReadAsync(db => ReconciliationBook.ListAsync(db, [last, latest], CancellationToken.None))).Select(one => one.RunId), Is.EquivalentTo(new[] { last, latest }));

        ComparisonState Asked(Guid run, int minute) => new()
        {
            RunId = run, Audience = old, Destination = Braze, Heal = "report", WholeFields = false, Sample = 0, RequestedBy = "person:anna", RequestedAt = Noon.AddMinutes(minute),
        };
    }

    [TestCase(119, 1)]
    [TestCase(120, 2)]
    [TestCase(3 * 24 * 60, 60)]
    [TestCase(400 * 24 * 60, 4 * 24 * 60)]
    public async Task Should_show_a_long_run_in_longer_spans(int minutes, int span)
    {
        var run = await StartRunAsync(Unique("aud"));
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            for (var at = 0; at < minutes; at += Math.Max(1, minutes / 300))
            {
                await session.ExecuteAsync("INSERT INTO run_tallies (run_id, outcome, code, count, at) VALUES (@run, 'delivered', '', 1, @at)", CancellationToken.None, ("run", run), ("at", Noon.AddMinutes(at)));
            }

            await session.ExecuteAsync("INSERT INTO run_tallies (run_id, outcome, code, count) VALUES (@run, 'delivered', '', 7)", CancellationToken.None, ("run", run)); // of a hub of the version before
        });
        var series = await SeriesAsync(run);
        Assert.That(series.Span.TotalMinutes, Is.EqualTo(span));
        Assert.That(series.Points, Has.Count.InRange(60, RunSeries.MostPoints));
        Assert.That(series.Points.Select(point => point.At), Is.Ordered.Ascending);
        Assert.That(series.Points.Select(point => point.At.UtcTicks % Math.Min(series.Span.Ticks, TimeSpan.TicksPerDay)), Is.All.Zero);
        Assert.That(series.Points.Sum(point => point.Counts.Values.Sum()), Is.EqualTo((minutes - 1) / Math.Max(1, minutes / 300) + 1));
    }

    private Task<RunSeries> SeriesAsync(Guid run) => ReadAsync(db => RunSeries.ReadAsync(db, run, CancellationToken.None));

    private Task ChangeAsync(Guid run, Action<AudienceSyncState> change) => WriteAsync(async db => change(await db.Set<AudienceSyncState>().SingleAsync(row => row.CorrelationId == run)));
}
