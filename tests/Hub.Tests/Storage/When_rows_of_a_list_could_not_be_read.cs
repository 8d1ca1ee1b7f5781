using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Plans;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Rejected is unknown, never absent.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_rows_of_a_list_could_not_be_read(StorageDatabase database) : StorageFixture(database)
{
    private string _audience = null!;
    private string _destination = null!;
    private string[] _people = null!;

    [SetUp]
    public async Task Deliver_five_people()
    {
        (_audience, _destination) = (Unique("aud"), Unique("dest"));
        _people = [.. Enumerable.Range(0, 5).Select(_ => Unique("p"))];
        await ApplyAsync(_audience, "full", 0, _people);
        await PlanAsync(await StartRunAsync(_audience, destination: _destination), _audience, destination: _destination);
        await DeliverAllAsync(destination: _destination);
    }

    [Test]
    public async Task Should_let_people_stay_whom_a_rejected_row_names()
    {
        await ApplyAsync(await LoadAsync("full", 1, [_people[0]], Reject(3, _people[1], _people[2]), Reject(4, Unique("never-seen"))));
        Assert.That(await MembersAsync(_audience), Is.EqualTo(3));
        var run = await StartRunAsync(_audience, destination: _destination);
        var totals = await PlanAsync(run, _audience, destination: _destination);
        Assert.That((totals.ToRemove, totals.UnreadRows), Is.EqualTo((2L, 0L)), "whom no row names leaves, and nobody has to look");
    }

    [Test]
    public async Task Should_hold_removals_while_rows_name_nobody()
    {
        await ApplyAsync(await LoadAsync("full", 1, _people[..3], Reject(5), Reject(6), Reject(7, _people[3])));
        Assert.That(await MembersAsync(_audience), Is.EqualTo(4));
        Assert.That((await PlanAsync()).UnreadRows, Is.EqualTo(2));
        Assert.That((await PlanAsync()).UnreadRows, Is.EqualTo(2), "the next run is in the same doubt");
        await ApplyAsync(await LoadAsync("full", 2, _people[..4], Reject(5)));
        Assert.That((await PlanAsync()).UnreadRows, Is.EqualTo(1), "the next list did not name the missing one either");
        await ApplyAsync(await LoadAsync("full", 3, _people[..4]));
        var certain = await PlanAsync();
        Assert.That((certain.ToRemove, certain.UnreadRows), Is.EqualTo((1L, 0L)), "a list that could be read as a whole");
    }

    [Test]
    public async Task Should_not_hold_a_removal_that_has_nothing_to_do_with_the_list()
    {
        await AppendAsync(Membership(_people[0], _audience, false, 1));
        await ApplyAsync(await LoadAsync("full", 2, _people[1..], Reject(9)));
        var totals = await PlanAsync();
        Assert.That((totals.ToRemove, totals.UnreadRows), Is.EqualTo((1L, 0L)));
    }

    [Test]
    public async Task Should_not_doubt_a_list_of_changes()
    {
        await ApplyAsync(await LoadAsync("delta", 1, [], Reject(2), Reject(3, _people[0])));
        Assert.That(await MembersAsync(_audience), Is.EqualTo(5));
        Assert.That(await PlanAsync(), Is.EqualTo(new PlanTotals(5, 0, 0, 0, 2)));
    }

    [Test]
    public async Task Should_know_whom_the_last_list_leaves_unknown()
    {
        await ApplyAsync(await LoadAsync("full", 1, _people[..4], Reject(3, _people[4])));
        var unknown = await ReadAsync(db => Plans.ReadUnknownAsync(db, _audience, CancellationToken.None));
        Assert.That(await TextAsync($"SELECT external_id FROM profiles WHERE profile_id = {unknown.Single()}"), Is.EqualTo(_people[4]));
        await ApplyAsync(_audience, "full", 2, _people);
        Assert.That(await ReadAsync(db => Plans.ReadUnknownAsync(db, _audience, CancellationToken.None)), Is.Empty);
    }

    [Test]
    public async Task Should_report_unread_rows_and_the_lines_of_repeated_ones()
    {
        var snapshot = await LoadAsync("full", 1, [_people[0], _people[1], _people[0], _people[0]], Reject(8), Reject(9, "x"));
        var report = (await ReadAsync(db => Snapshots.FindAsync(db, snapshot, 10, CancellationToken.None)))!;
        Assert.That((report.Rows, report.Accepted, report.Rejected, report.Duplicates, report.UnreadRows), Is.EqualTo((6L, 2L, 2L, 2L, 1L)));
        Assert.That(report.Repeats, Is.EqualTo(new[] { new SnapshotRepeat(2, 4), new SnapshotRepeat(4, 5) }));
    }

    private async Task<PlanTotals> PlanAsync() =>
        await PlanAsync(await StartRunAsync(_audience, destination: _destination), _audience, destination: _destination);

    private static SnapshotReject Reject(long line, params string[] ids) => new(line, "row", "quote_malformed", "Mend it.") { ExternalIds = ids };

    private async Task<Guid> LoadAsync(string kind, int minute, string[] people, params SnapshotReject[] rejects)
    {
        var snapshot = Guid.NewGuid();
        await WriteAsync(async db =>
        {
            await Snapshots.CreateAsync(db, snapshot, _audience, kind, "file.csv", Noon.AddMinutes(minute), CancellationToken.None);
            await Snapshots.StageAsync(db, snapshot, [.. people.Select((id, i) => new StagedMember(i + 2, id, null, null, "{}", true))], rejects, CancellationToken.None);
            await Snapshots.FinishAsync(db, snapshot, Noon.AddMinutes(minute), CancellationToken.None);
        });
        return snapshot;
    }
}
