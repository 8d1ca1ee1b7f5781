using IntegrationHub.Hub.Backfills;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Tests.Backfills;

/// <summary>What one backfill is about was written by another version, or is damaged: it says so in lists, the others are shown as ever, and it is not delivered outside of its windows.</summary>
[TestFixture(StorageDatabase.Sqlite)]
[TestFixture(StorageDatabase.Postgres)]
public sealed class When_a_backfill_cannot_be_read(StorageDatabase database) : BackfillFixture(database)
{
    [Test]
    public async Task Should_be_listed_beside_the_others()
    {
        Knows(0, 1, 2);
        var good = await PlanAsync(Attributes(Town) with { Rate = "50/s" });
        var bad = await PlanAsync(Attributes(Town));
        await SpoilAsync(bad);

        var listed = (await ReadAsync(db => BackfillBook.ListAsync(db, null, Name, null, new PageAsk(), CancellationToken.None))).Items.Select(view => BackfillJson.From(view, null)).ToDictionary(shown => shown.Run.RunId);
        Assert.That((listed[good].Unreadable, listed[good].Rate), Is.EqualTo(((string?)null, "50/s")));
        Assert.That(listed[bad].Unreadable, Does.Contain($"column scope of row {bad} in backfill_plans"));
    }

    [Test]
    public async Task Should_stay_closed_and_leave_the_diagnosis_and_the_windows_of_others_alone()
    {
        Knows(0, 1, 2);
        (DateTimeOffset, DateTimeOffset) over = (Clock.Now.AddDays(-9), Clock.Now.AddDays(-8));
        var good = await PlanAsync(Attributes(Town) with { Windows = ["Mon-Fri 20:00-06:00 UTC"] }, over);
        var bad = await PlanAsync(Attributes(Town) with { Windows = ["Mon-Fri 20:00-06:00 UTC"] }, over);
        await SpoilAsync(bad);

        var found = (await ReadAsync(db => BackfillGate.FindOverAsync(db, CancellationToken.None))).Select(one => one.RunId).ToList();
        Assert.That((found.Contains(good), found.Contains(bad)), Is.EqualTo((true, false)), "no window would mean at any time");
        var situation = await ReadAsync(db => Situations.ReadAsync(db, Clock.Now, CancellationToken.None));
        Assert.That(situation.Windows.Keys, Is.SupersetOf(new[] { good, bad }));
    }

    private Task SpoilAsync(Guid run) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        Assert.That(await session.ExecuteAsync("UPDATE backfill_plans SET scope = '[1]' WHERE run_id = @run", CancellationToken.None, ("run", run)), Is.EqualTo(1));
    });
}
