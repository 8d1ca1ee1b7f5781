using IntegrationHub.Storage;
using IntegrationHub.Storage.Retention;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>The plans, and the statistics, are those of empty tables when the rows come.</summary>
[TestFixture(StorageDatabase.Postgres)]
public sealed class When_a_long_backlog_is_swept(StorageDatabase database) : StorageFixture(database)
{
    private static readonly DateTimeOffset _soon = Noon.AddHours(1);

    [TestCase(
        RetentionClass.RunRecords,
        """
        INSERT INTO outcomes (run_id, profile_id, destination, audience, outcome, attempts, at)
        SELECT @run, n, 'acme', 'a', 'delivered', 1, @at FROM generate_series(1, 20000) n;
        INSERT INTO outcomes (run_id, profile_id, destination, audience, outcome, attempts, at)
        SELECT gen_random_uuid(), n, 'acme', 'a', 'delivered', 1, @at FROM generate_series(1, 20000) n
        """)]
    public async Task Should_read_what_it_deletes_and_not_the_table(RetentionClass rows, string fill)
    {
        var run = await StartRunAsync(Unique("aud"));
        await SetStateAsync(run, "Completed");
        for (var i = 0; i < 20; i++)
        {
            await DeleteAsync(rows);
        }

        var read = await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(fill, CancellationToken.None, ("at", Noon), ("run", run));
            var before = await RowsReadAsync(db);
            Assert.That(await ExpiredRows.DeleteAsync(db, rows, _soon, 100, CancellationToken.None), Is.EqualTo(100));
            return await RowsReadAsync(db) - before;
        });
        Assert.That(read, Is.LessThan(2_000));
    }

    [Test]
    public async Task Should_leave_the_work_to_an_instance_that_is_at_it()
    {
        await WriteAsync(async db =>
        {
            await ExpiredRows.DeleteAsync(db, RetentionClass.ConsentHistory, _soon, 100, CancellationToken.None);
            Assert.That(await DeleteAsync(RetentionClass.ConsentHistory), Is.Null);
        });
        Assert.That(await DeleteAsync(RetentionClass.DeadLetters), Is.Zero, "its turn is over");
    }

    private Task<int?> DeleteAsync(RetentionClass rows) => WriteAsync(db => ExpiredRows.DeleteAsync(db, rows, _soon, 100, CancellationToken.None));
}
