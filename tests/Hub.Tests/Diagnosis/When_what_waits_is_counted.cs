using IntegrationHub.Hub.Tests.Storage;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Tests.Diagnosis;

/// <summary>How much waits is known without counting the queue, and why it waits from its ends.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_what_waits_is_counted(StorageDatabase database) : StorageFixture(database)
{
    private string _destination = "";
    private Guid _run;

    [SetUp]
    public async Task StartAsync()
    {
        (_destination, var audience) = (Unique("dest"), Unique("aud"));
        await ApplyAsync(audience, "full", 0, [.. Enumerable.Range(0, 6).Select(i => $"{audience}-{i}")]);
        await PlanAsync(_run = await StartRunAsync(audience, destination: _destination), audience, destination: _destination);
    }

    [Test]
    public async Task Should_follow_what_comes_and_goes()
    {
        var planned = await WaitingAsync();
        Assert.That(planned, Is.EqualTo(await CountRowsAsync("deliveries", _run)).And.GreaterThan(5));
        var lease = await LeaseAsync(destination: _destination);
        var claim = await ClaimAsync(lease);
        await SettleAsync(lease, [Delivered(claim[0]), Ended(claim[1], LedgerOutcome.Rejected, "email_malformed"), Later(claim[2], 60)]);
        Assert.That((await WaitingAsync(), await CountRowsAsync("deliveries", _run)), Is.EqualTo((planned - 2, planned - 2)));
        await WriteAsync(db => PendingTallies.FoldAsync(db, 1, CancellationToken.None));
        Assert.That(await WaitingAsync(), Is.EqualTo(planned - 2), "folded");
        Assert.That(await WriteAsync(db => PendingTallies.ProveAsync(db, CancellationToken.None)), Is.Zero);
        await ExecuteAsync("DELETE FROM deliveries WHERE run_id = @run");
        await WriteAsync(db => PendingTallies.FoldAsync(db, 1, CancellationToken.None));
        Assert.That((await WaitingAsync(), await CountRowsAsync("pending_tallies", _run)), Is.EqualTo((0L, 0L)), "of what is over nothing is kept");
    }

    [TestCase("INSERT INTO pending_tallies (run_id, destination, lane, operation, count) VALUES (@run, 'nobody', 'bulk', 1, 7)")]
    [TestCase("DELETE FROM pending_tallies WHERE run_id = @run")]
    public async Task Should_be_proven_by_the_rows_and_put_right(string spoil)
    {
        var waits = await WaitingAsync();
        await WriteAsync(db => PendingTallies.ProveAsync(db, CancellationToken.None));
        await ExecuteAsync(spoil);
        Assert.That(await WaitingAsync(), Is.Not.EqualTo(waits));
        Assert.That(await WriteAsync(db => PendingTallies.ProveAsync(db, CancellationToken.None)), Is.Positive);
        Assert.That((await WaitingAsync(), await WriteAsync(db => PendingTallies.ProveAsync(db, CancellationToken.None))), Is.EqualTo((waits, 0)));
    }

    /// <summary>Those that failed wait at the front of a long queue; the rest behind them moves.</summary>
    [TestCase(1_000, false)]
    [TestCase(0, true)]
    public async Task Should_see_at_the_end_of_a_long_queue_whether_all_of_it_fails(int well, bool allFail)
    {
        await ExecuteAsync("DELETE FROM deliveries WHERE run_id = @run");
        await QueueAsync(2 * Situations.MostOfAnEnd + 7, attempt: Situations.Failing);
        await QueueAsync(well, attempt: 0);
        var work = (await ReadAsync(db => Situations.ReadAsync(db, Noon, [_run], CancellationToken.None))).Pending.Single();
        Assert.That((work.Records, work.Looked, work.Failing == work.Looked), Is.EqualTo((2L * Situations.MostOfAnEnd + 7 + well, 2L * Situations.MostOfAnEnd, allFail)));
    }

    [Test]
    public async Task Should_say_of_a_long_quarantine_that_there_is_more()
    {
        var before = DateTimeOffset.UnixEpoch;
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            var id = session.IsSqlite ? "lower(hex(randomblob(16)))" : "gen_random_uuid()";
            await session.ExecuteAsync(
                $"""
                INSERT INTO quarantined_facts (quarantine_id, received_at, path, code, problem, body)
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {QueueCounts.Most + 5}) SELECT {id}, {session.Instant("@at")}, '', 'missing', 'x', @body FROM n
                """,
                CancellationToken.None, ("at", before), ("body", Array.Empty<byte>()));
        });
        var queue = (await ReadAsync(db => Situations.ReadAsync(db, Noon, CancellationToken.None))).Queues.Single(queue => queue.Kind == QueuedWork.Quarantine);
        Assert.That((queue.Records, queue.AreMore, queue.Oldest), Is.EqualTo(((long)QueueCounts.Most, true, before)));
        await ExecuteAsync("DELETE FROM quarantined_facts WHERE @run = @run AND code = 'missing'");
    }

    private async Task<long> WaitingAsync() => (await RunAsync(_run)).Counts.Pending;

    private Task ExecuteAsync(string sql) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, ("run", _run));
    });

    private Task QueueAsync(int rows, int attempt) => rows == 0 ? Task.CompletedTask : WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(
            $"""
            INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
            SELECT {(session.IsSqlite ? "@run" : "CAST(@run AS uuid)")}, @destination, 'bulk', 0, 2, i, '', {session.Instant("@at")}, {attempt}, {session.Instant("@at")} FROM n
            """,
            CancellationToken.None, ("run", _run), ("destination", _destination), ("at", Noon));
    });
}
