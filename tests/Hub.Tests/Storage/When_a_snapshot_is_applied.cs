using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Hub.Tests.Storage;

[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_snapshot_is_applied(StorageDatabase database) : StorageFixture(database)
{
    private Task<long> MarksAsync(string audience) => CountAsync($"SELECT count(*) FROM audience_changes WHERE audience = '{audience}'");

    private Task RouteAsync(string audience) =>
        WriteAsync(db => Ledger.RouteAudiencesAsync(db, [new AudienceRoute(audience, Braze)], CancellationToken.None));

    [Test]
    public async Task Should_report_accepted_rejected_and_duplicate_rows_and_keep_the_last_of_a_repeat()
    {
        var audience = Unique("aud");
        var (one, two) = (Unique("one"), Unique("two"));
        var snapshot = Guid.NewGuid();
        var report = await WriteAsync(async db =>
        {
            await Snapshots.CreateAsync(db, snapshot, audience, "full", "people.csv", Noon, CancellationToken.None);
            await Snapshots.StageAsync(
                db,
                snapshot,
                [new StagedMember(2, one, null, null, """{"n":1}""", true), new StagedMember(3, two, null, null, "{}", true), new StagedMember(5, one, null, null, """{"n":2}""", true)],
                [new SnapshotReject(4, "email", "not_an_address", "has no @")],
                CancellationToken.None);
            return await Snapshots.FinishAsync(db, snapshot, Noon, CancellationToken.None);
        });
        Assert.That((report.State, report.Rows, report.Accepted, report.Rejected, report.Duplicates), Is.EqualTo(("loaded", 4L, 2L, 1L, 1L)));
        Assert.That(report.Rejects, Is.EqualTo(new[] { new SnapshotReject(4, "email", "not_an_address", "has no @") }));
        await ApplyAsync(snapshot);
        Assert.That(await AttributesWhereAsync("external_id = @id", ("id", one)), Is.EqualTo("""{"n":2}"""));
        Assert.That(await CountAsync("SELECT count(*) FROM snapshot_rows"), Is.Zero);
        Assert.That((await ReadAsync(db => Snapshots.FindAsync(db, snapshot, 10, CancellationToken.None)))!.State, Is.EqualTo("applied"));
        Assert.That(await WriteAsync(db => Snapshots.ApplyNextChunkAsync(db, snapshot, 10, Noon, CancellationToken.None)), Is.False, "repeats are harmless");
    }

    [Test]
    public async Task Should_read_the_rows_of_a_large_snapshot_a_few_times_when_the_statistics_are_those_of_another_one()
    {
        var audience = Unique("aud");
        var (earlier, large) = (Guid.NewGuid(), Guid.NewGuid());
        await StageManyAsync(earlier, audience);
        await WriteAsync(db => db.Database.ExecuteSqlRawAsync("ANALYZE snapshot_rows"));
        await WriteAsync(db => Snapshots.FailAsync(db, earlier, "replaced", CancellationToken.None));
        await StageManyAsync(large, audience);
        var read = 0L;
        var report = await WriteAsync(async db =>
        {
            var finished = await Snapshots.FinishAsync(db, large, Noon, CancellationToken.None);
            read = IsPostgres ? await RowsReadAsync(db) : 0;
            return finished;
        });
        Assert.That((report.Accepted, report.Duplicates), Is.EqualTo((40_000L, 10_000L)));
        Assert.That(read, Is.LessThan(1_000_000), "and not once for each of its rows");
        await WriteAsync(db => Snapshots.FailAsync(db, large, "replaced", CancellationToken.None));
    }

    private Task StageManyAsync(Guid snapshot, string audience) => WriteAsync(async db =>
    {
        await Snapshots.CreateAsync(db, snapshot, audience, "full", "people.csv", Noon, CancellationToken.None);
        await Snapshots.StageAsync(
            db, snapshot, [.. Enumerable.Range(0, 50_000).Select(line => new StagedMember(line, $"{audience}-{line % 40_000}", null, null, "{}", true))], [], CancellationToken.None);
    });

    [Test]
    public async Task Should_end_memberships_only_by_a_full_snapshot()
    {
        var audience = Unique("aud");
        var (one, two, three) = (Unique("one"), Unique("two"), Unique("three"));
        await ApplyAsync(audience, "full", 0, one, two);
        await ApplyAsync(audience, "delta", 1, three);
        Assert.That(await MembersAsync(audience), Is.EqualTo(3));
        await ApplyAsync(audience, "full", 2, two, three);
        Assert.That(await MembersAsync(audience), Is.EqualTo(2));
        await ApplyAsync(audience, "full", 3);
        Assert.That(await MembersAsync(audience), Is.Zero, "an empty snapshot is the caller's to guard");
    }

    [Test]
    public async Task Should_mark_only_what_changed()
    {
        var audience = Unique("aud");
        var (one, two, three) = (Unique("one"), Unique("two"), Unique("three"));
        await RouteAsync(audience);
        await ApplyAsync(audience, "full", 0, one, two);
        Assert.That(await MarksAsync(audience), Is.EqualTo(2));
        await PlanAsync(await StartRunAsync(audience), audience);
        Assert.That(await MarksAsync(audience), Is.Zero);
        await ApplyAsync(audience, "full", 1, one, two);
        Assert.That(await MarksAsync(audience), Is.Zero, "the same snapshot again");
        await ApplyAsync(audience, "full", 2, two, three);
        Assert.That(await MarksAsync(audience), Is.EqualTo(2), "one left, one joined");
        await ApplyAsync(await LoadAsync(audience, "delta", 3, new StagedMember(2, two, null, null, """{"city":"Bonn"}""", true)));
        Assert.That(await MarksAsync(audience), Is.EqualTo(3), "one profile changed");
    }

    [Test]
    public async Task Should_go_on_where_a_killed_application_stood()
    {
        var audience = Unique("aud");
        var ids = Enumerable.Range(0, 25).Select(_ => Unique("p")).ToArray();
        var snapshot = await LoadAsync(audience, "full", 0, [.. ids.Select((id, i) => new StagedMember(i + 2, id, $"{id}@example.org", null, "{}", true))]);
        Assert.That(await WriteAsync(db => Snapshots.ApplyNextChunkAsync(db, snapshot, 10, Noon, CancellationToken.None)), Is.True);
        Assert.That(await MembersAsync(audience), Is.Zero, "memberships appear at once, at the end");
        await ReadAsync(async db =>
        {
            await using var killed = await db.Database.BeginTransactionAsync();
            return await Snapshots.ApplyNextChunkAsync(db, snapshot, 10, Noon, CancellationToken.None);
        });
        await ApplyAsync(snapshot, 10);
        Assert.That(await MembersAsync(audience), Is.EqualTo(25));
        Assert.That(await CountAsync($"SELECT count(*) FROM memberships m JOIN profiles p ON p.profile_id = m.profile_id WHERE m.audience = '{audience}' AND p.version = 1"), Is.EqualTo(25));
    }

    [Test]
    public async Task Should_let_facts_that_are_later_than_the_snapshot_win()
    {
        var audience = Unique("aud");
        var (left, late, stays) = (Unique("left"), Unique("late"), Unique("stays"));
        await AppendAsync(Membership(left, audience, false, 10), Membership(stays, audience, true, 10));
        await ApplyAsync(audience, "full", 5, left, late);
        Assert.That(await MembersAsync(audience), Is.EqualTo(2), "who left after the snapshot stays away, who joined after it stays");
        await AppendAsync(Membership(late, audience, false, 3));
        Assert.That(await MembersAsync(audience), Is.EqualTo(2), "a fact from before the snapshot comes late");
        await ApplyAsync(audience, "full", 1, Unique("older"));
        Assert.That(await MembersAsync(audience), Is.EqualTo(2), "an older snapshot comes late");
    }

    [Test]
    public async Task Should_end_with_the_later_of_two_snapshots_at_once()
    {
        var audience = Unique("aud");
        var people = Enumerable.Range(0, 40).Select(_ => Unique("p")).ToArray();
        var first = await LoadAsync(audience, "full", 1, [.. people.Take(30).Select((id, i) => new StagedMember(i + 2, id, null, null, """{"n":1}""", true))]);
        var second = await LoadAsync(audience, "full", 2, [.. people.Skip(10).Select((id, i) => new StagedMember(i + 2, id, null, null, """{"n":2}""", true))]);
        await Task.WhenAll(Task.Run(() => ApplyAsync(first, 7)), Task.Run(() => ApplyAsync(second, 7)), Task.Run(() => ApplyAsync(second, 7)));
        Assert.That(await MembersAsync(audience), Is.EqualTo(30));
        Assert.That(await AttributesWhereAsync("external_id = @id", ("id", people[15])), Is.EqualTo("""{"n":2}"""));
        Assert.That(await CountAsync($"SELECT count(*) FROM memberships m JOIN profiles p ON p.profile_id = m.profile_id WHERE m.audience = '{audience}' AND m.is_member AND p.external_id = '{people[5]}'"), Is.Zero);
    }

    [Test]
    public async Task Should_clear_what_a_row_says_is_blank_and_keep_what_it_does_not_say()
    {
        var (audience, blank, silent, never) = (Unique("aud"), Unique("blank"), Unique("silent"), Unique("never"));
        await ApplyAsync(await LoadAsync(audience, "full", 1, Row(2, blank, "a@x.org", "1"), Row(3, silent, "b@x.org", "2"), Row(4, never, "", "")));
        await ApplyAsync(await LoadAsync(audience, "full", 3, Row(2, blank, "", ""), Row(3, silent, null, null), Row(4, never, "", "")));
        Assert.That(await KeysAsync(blank), Is.EqualTo("/"));
        Assert.That(await KeysAsync(silent), Is.EqualTo("b@x.org/2"));
        Assert.That(await KeysAsync(never), Is.EqualTo("/"));
        await AppendAsync(Profile(blank, "{}", 2, "late@x.org"), Profile(never, "{}", 2, "late@x.org"));
        Assert.That(await KeysAsync(blank), Is.EqualTo("/"), "a fact from before the clearing comes late");
        Assert.That(await KeysAsync(never), Is.EqualTo("/"));
        await AppendAsync(Profile(blank, "{}", 4, "new@x.org"));
        Assert.That(await KeysAsync(blank), Is.EqualTo("new@x.org/"));

        static StagedMember Row(long line, string id, string? email, string? phone) => new(line, id, email, phone, "{}", true);

        Task<string?> KeysAsync(string id) => TextAsync("SELECT coalesce(email, '') || '/' || coalesce(phone, '') FROM profiles WHERE external_id = @id", ("id", id));
    }

    [Test]
    public async Task Should_drop_a_failed_snapshot_and_refuse_to_apply_it()
    {
        var snapshot = await LoadAsync(Unique("aud"), "full", 0, new StagedMember(2, Unique("p"), null, null, "{}", true));
        await WriteAsync(db => Snapshots.FailAsync(db, snapshot, "wrong_header", CancellationToken.None));
        Assert.That(
            async () => await ApplyAsync(snapshot),
            Throws.InvalidOperationException.With.Message.Contains("failed"));
    }
}
