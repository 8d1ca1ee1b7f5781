using IntegrationHub.Storage;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Who goes on from where a page ended meets every row once, though rows are added meanwhile.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_lists_are_read_page_by_page(StorageDatabase database) : StorageFixture(database)
{
    private const int Rows = 10;

    [Test]
    public async Task Should_meet_every_run_once_though_some_were_asked_for_at_one_time()
    {
        var destination = Unique("dest");
        var all = new List<Guid>();
        for (var i = 0; i < Rows; i++)
        {
            all.Add(await StartRunAsync(Unique("aud"), destination: destination, minute: i / 4));
        }

        var met = await WalkAsync(
            (db, ask) => Runs.ListAsync(db, new RunFilter(Destination: destination) { IsOpen = true }, ask, CancellationToken.None), () => StartRunAsync(Unique("newer"), destination: destination, minute: 60));
        Assert.That(met.Select(run => run.RunId), Is.EquivalentTo(all));
    }

    [TestCase("rejected", "dead_letters")]
    [TestCase("suppressed", "outcomes")]
    public async Task Should_meet_every_record_of_a_run_once_though_a_person_stands_twice(string outcome, string table)
    {
        var run = await StartRunAsync(Unique("aud"));
        var standsTwice = table == "dead_letters";
        for (var i = 0; i < Rows; i++)
        {
            await AddAsync(table, run, outcome, standsTwice ? 100 - (i / 2) : 100 - i);
        }

        var met = await WalkAsync((db, ask) => Runs.ListRecordsAsync(db, run, outcome, null, ask, CancellationToken.None), () => AddAsync(table, run, outcome, Random.Shared.Next(1, 80)));
        Assert.That(met.Select(record => record.ProfileId).Where(profile => profile > 80), Is.EquivalentTo(Enumerable.Range(0, Rows).Select(i => standsTwice ? 100 - (i / 2) : 100 - i)));
    }

    [Test]
    public async Task Should_meet_every_letter_once()
    {
        var run = await StartRunAsync(Unique("aud"));
        for (var i = 0; i < Rows; i++)
        {
            await AddAsync("dead_letters", run, "rejected", i);
        }

        var met = await WalkAsync((db, ask) => Runs.ListDeadLettersAsync(db, null, run, null, ask, CancellationToken.None), () => AddAsync("dead_letters", run, "rejected", 4711));
        Assert.That(met.Select(letter => letter.ProfileId), Is.EqualTo(Enumerable.Range(0, Rows).Reverse()));
    }

    [Test]
    public async Task Should_meet_every_entry_of_the_audit_log_once()
    {
        var subject = Unique("run:");
        for (var i = 0; i < Rows; i++)
        {
            await EnterAsync(subject, $"{i}");
        }

        var met = await WalkAsync((db, ask) => AuditLog.ListAsync(db, new AuditFilter(Subject: subject), ask, CancellationToken.None), () => EnterAsync(subject, "later"));
        Assert.That(met.Select(row => row.Entry.Reason), Is.EqualTo(Enumerable.Range(0, Rows).Reverse().Select(i => $"{i}")));
    }

    /// <summary>Decision 0057: nobody counts all of a long list.</summary>
    [Test]
    public async Task Should_count_as_many_as_are_counted_and_say_that_there_are_more()
    {
        var run = await StartRunAsync(Unique("aud"));
        await AddAsync("outcomes", run, "suppressed", 1, Page.MostCounted);
        Assert.That(await CountedAsync(), Is.EqualTo(((long)Page.MostCounted, false)));
        await AddAsync("outcomes", run, "suppressed", Page.MostCounted + 1);
        Assert.That(await CountedAsync(), Is.EqualTo(((long)Page.MostCounted, true)));

        async Task<(long, bool)> CountedAsync() =>
            await ReadAsync(db => Runs.ListRecordsAsync(db, run, "suppressed", null, new PageAsk($"{Page.MostCounted - 2}", 1), CancellationToken.None)) is var page ? (page.Count, page.IsCountCapped) : default;
    }

    [TestCase("x")]
    [TestCase("-1")]
    [TestCase("1.2")]
    [TestCase("9223372036854775807.00000000000000000000000000000000")]
    [TestCase("637134336000000000.no")]
    public void Should_refuse_what_is_no_place(string place) => Assert.That(
        () => ReadAsync(db => Runs.ListAsync(db, new RunFilter(), new PageAsk(place), CancellationToken.None)), Throws.TypeOf<MalformedPlaceException>());

    /// <summary>Reads a list in pages of three, and adds something after each.</summary>
    private async Task<List<T>> WalkAsync<T>(Func<HubDbContext, PageAsk, Task<Page<T>>> read, Func<Task> addAsync)
    {
        var met = new List<T>();
        string? place = null;
        do
        {
            var page = await ReadAsync(db => read(db, new PageAsk(place, 3)));
            Assert.That(page.Count, Is.GreaterThanOrEqualTo(Rows), "all that match are counted, on whichever page");
            met.AddRange(page.Items);
            place = page.Next;
            await addAsync();
        }
        while (place is not null && met.Count < 10 * Rows);

        return met;
    }

    private Task AddAsync(string table, Guid run, string outcome, long first, int many = 1) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(
            $"""
            WITH RECURSIVE people(id) AS (SELECT CAST(@first AS bigint) UNION ALL SELECT id + 1 FROM people WHERE id < @last)
            INSERT INTO {table} (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at)
            SELECT {(IsPostgres ? "CAST(@run AS uuid)" : "@run")}, 'braze', 'a', id, 1, @outcome, 'c', 1, {session.Instant("@at")} FROM people WHERE true {(table == "outcomes" ? "ON CONFLICT DO NOTHING" : "")}
            """,
            CancellationToken.None, ("first", first), ("last", first + many - 1), ("run", run), ("outcome", outcome), ("at", Noon));
    });

    private Task EnterAsync(string subject, string reason) => WriteAsync(db =>
        AuditLog.AppendAsync(db, new AuditEntry(Noon, "person:anna", AuditVia.Api, "run.pause", subject, reason, null, null), CancellationToken.None));
}
