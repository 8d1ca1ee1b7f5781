using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>What lists brought and what nobody applies goes; what an audience still rests on stays.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_old_lists_are_swept(StorageDatabase database) : SweepFixture(database)
{
    [Test]
    public async Task Should_delete_rejects_but_those_of_an_audience_latest_list()
    {
        var audience = Unique("aud");
        var replaced = await UnreadAsync(audience, "full", 0);
        var latest = await UnreadAsync(audience, "full", 1);
        var changes = await UnreadAsync(audience, "delta", 2);
        var waiting = await LoadAsync(audience, "full", 3);
        await RejectAsync(waiting);
        await StartRunAsync(audience, "Snapshotting");
        await ExecuteAsync("UPDATE audience_syncs SET snapshot_id = @snapshot WHERE audience = @audience", ("snapshot", waiting), ("audience", audience));
        await SweepAsync(Kept.Rejects + TimeSpan.FromDays(1)); // lists are applied a day after noon
        foreach (var table in new[] { "snapshot_rejects", "snapshot_repeats" })
        {
            Assert.That((await CountOfAsync(table, replaced), await CountOfAsync(table, changes)), Is.EqualTo((0L, 0L)), table);
            Assert.That(await CountOfAsync(table, latest), Is.GreaterThan(0), table);
        }

        Assert.That(await CountOfAsync("snapshot_rejects", waiting), Is.EqualTo(5), "it is still to be applied");
        Assert.That(await ReadAsync(db => Plans.ReadUnknownAsync(db, audience, CancellationToken.None)), Has.Count.EqualTo(1), "whom the latest list leaves unknown");
    }

    [Test]
    public async Task Should_keep_young_rejects()
    {
        var audience = Unique("aud");
        var replaced = await UnreadAsync(audience, "full", 0);
        await UnreadAsync(audience, "full", 1);
        await SweepAsync(Kept.Rejects + TimeSpan.FromHours(22));
        Assert.That(await CountOfAsync("snapshot_rejects", replaced), Is.GreaterThan(0));
    }

    [Test]
    public async Task Should_give_up_lists_that_nobody_applies()
    {
        var audience = Unique("aud");
        string[] people = [.. Enumerable.Range(0, 5).Select(_ => Unique("p"))];
        await ApplyAsync(audience, "full", 0, people);
        StagedMember[] members = [.. people.Select((person, i) => new StagedMember(i + 2, person, null, null, "{}", true))];
        var unapplied = await LoadAsync(audience, "full", 0, members);
        var unfinished = Guid.NewGuid();
        await WriteAsync(async db =>
        {
            await Snapshots.CreateAsync(db, unfinished, audience, "full", null, Noon, CancellationToken.None);
            await Snapshots.StageAsync(db, unfinished, members, [], CancellationToken.None);
        });
        var awaited = await LoadAsync(audience, "full", 0, members);
        await StartRunAsync(audience, "Snapshotting");
        await ExecuteAsync("UPDATE audience_syncs SET snapshot_id = @snapshot WHERE audience = @audience", ("snapshot", awaited), ("audience", audience));
        var young = await LoadAsync(audience, "full", 120, members);

        await SweepAsync(Kept.AbandonedSnapshots);
        Assert.That((await CountOfAsync("snapshot_rows", unapplied), await CountOfAsync("snapshot_rows", unfinished)), Is.EqualTo((0L, 0L)));
        Assert.That((await CountOfAsync("snapshot_rows", awaited), await CountOfAsync("snapshot_rows", young)), Is.EqualTo((5L, 5L)));
        Assert.That((await StateAsync(unapplied), await StateAsync(unfinished), await StateAsync(awaited), await StateAsync(young)), Is.EqualTo(("failed", "failed", "loaded", "loaded")));
        Assert.That((await ReadAsync(db => Snapshots.FindAsync(db, unapplied, 0, CancellationToken.None)))!.FailureCode, Is.EqualTo(SnapshotReport.Abandoned));
        Assert.That(async () => await ApplyAsync(unapplied), Throws.InvalidOperationException, "half a list would make people leave");
        Assert.That(await MembersAsync(audience), Is.EqualTo(5));
    }

    /// <summary>An applied list with five rows that could not be read, one of which names somebody, and with repeated ones.</summary>
    private async Task<Guid> UnreadAsync(string audience, string kind, int minute)
    {
        var (person, named) = (Unique("p"), Unique("p"));
        await AppendAsync(Profile(named, "{}"));
        var snapshot = Guid.NewGuid();
        await WriteAsync(async db =>
        {
            await Snapshots.CreateAsync(db, snapshot, audience, kind, "file.csv", Noon.AddMinutes(minute), CancellationToken.None);
            await Snapshots.StageAsync(
                db, snapshot, [.. Enumerable.Range(2, 4).Select(line => new StagedMember(line, person, null, null, "{}", true))],
                [new SnapshotReject(6, "email", "bad", "cannot be read") { ExternalIds = [named] }], CancellationToken.None);
            await Snapshots.FinishAsync(db, snapshot, Noon.AddMinutes(minute), CancellationToken.None);
        });
        await RejectAsync(snapshot);
        await ApplyAsync(snapshot);
        return snapshot;
    }

    private Task RejectAsync(Guid snapshot) => WriteAsync(db => Snapshots.StageAsync(
        db, snapshot, [], [.. Enumerable.Range(0, 5).Select(_ => new SnapshotReject(7, "email", "bad", "cannot be read"))], CancellationToken.None));

    private async Task<string?> StateAsync(Guid snapshot) => (await ReadAsync(db => Snapshots.FindAsync(db, snapshot, 0, CancellationToken.None)))?.State;

    private Task<long> CountOfAsync(string table, Guid snapshot) => CountAsync(table, "snapshot_id", snapshot);
}
