using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Tests.Storage;

[TestFixture(StorageDatabase.Postgres)]
public sealed class When_a_queue_is_long(StorageDatabase database) : StorageFixture(database)
{
    [Test]
    public async Task Should_read_for_a_claim_what_is_claimed_and_not_the_queue()
    {
        var small = await RowsReadAsync(100);
        var large = await RowsReadAsync(20_000);
        Assert.That(small, Is.GreaterThan(0));
        Assert.That(large, Is.LessThanOrEqualTo(small * 1.2), "rows that the database returned from tables and indexes for a claim of 10");
    }

    [Test]
    public async Task Should_not_read_other_work_to_see_that_no_consent_waits()
    {
        var destination = Unique("dest");
        await AskAnEmptyQueueAsync(db => Deliveries.FindLiveWorkAsync(db, Noon, CancellationToken.None));
        await QueueAsync(destination, 20_000);
        var read = await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                $"INSERT INTO consent_routes (destination, purpose, stream_id, partitions) VALUES ('{destination}', 'marketing', '{LiveStream.IdOf(destination)}', 8)", CancellationToken.None);
            var before = await RowsReadAsync(db);
            Assert.That((await Deliveries.FindLiveWorkAsync(db, Noon, CancellationToken.None)).Where(work => work.Destination == destination), Is.Empty);
            return await RowsReadAsync(db) - before;
        });
        Assert.That(read, Is.LessThan(100));
    }

    /// <summary>Whoever looks at a run, or at everything, once a second.</summary>
    [Test]
    public async Task Should_look_at_the_ends_of_the_queue_and_count_none_of_it()
    {
        await AskAnEmptyQueueAsync(db => Situations.ReadAsync(db, Noon, CancellationToken.None));
        await AskAnEmptyQueueAsync(db => Backlogs.ReadAsync(db, CancellationToken.None));
        var destination = Unique("dest");
        await QueueAsync(destination, 20_000);
        var read = await WriteAsync(async db =>
        {
            var run = (await Situations.ReadAsync(db, Noon, CancellationToken.None)).Pending.Single(work => work.Destination == destination);
            Assert.That((run.Records, run.Looked, run.Due), Is.EqualTo((20_000L, 2L * Situations.MostOfAnEnd, 2L * Situations.MostOfAnEnd)));
            var before = await RowsReadAsync(db);
            await Situations.ReadAsync(db, Noon, CancellationToken.None);
            await Situations.ReadAsync(db, Noon, [run.RunId], CancellationToken.None);
            Assert.That((await Backlogs.ReadAsync(db, CancellationToken.None)).Single(backlog => backlog.Destination == destination), Is.EqualTo(new Backlog(destination, Bulk, "add_member", 20_000)));
            Assert.That((await Runs.FindAsync(db, run.RunId, CancellationToken.None))!.Counts.Pending, Is.EqualTo(20_000));
            return await RowsReadAsync(db) - before;
        });
        Assert.That(read, Is.LessThan(10_000), "rows of tables and indexes for four looks: the ends twice, and what else is open");
    }

    /// <summary>The connections of a hub that starts plan the statement while the table is empty, and keep the plan.</summary>
    [Test]
    public async Task Should_look_for_the_holders_of_keys_and_not_at_everybody_at_the_destination()
    {
        var destination = Unique("dest");
        var keys = Enumerable.Range(1, 10).Select(n => new Guid(n, 0, 0, new byte[8])).ToList();
        await ReadAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            return await session.ExecuteAsync("TRUNCATE destination_profiles; ANALYZE destination_profiles", CancellationToken.None);
        });
        var read = await WriteAsync(async db =>
        {
            for (var i = 0; i < 20; i++)
            {
                await Deliveries.FindKeyHoldersAsync(db, destination, keys, CancellationToken.None);
            }

            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                $"INSERT INTO destination_profiles (destination, profile_id, key_hash) SELECT '{destination}', n, (lpad(to_hex(n), 8, '0') || '-0000-0000-0000-000000000000')::uuid FROM generate_series(1, 20000) n",
                CancellationToken.None);
            var before = await RowsReadAsync(db);
            var holders = await Deliveries.FindKeyHoldersAsync(db, destination, keys, CancellationToken.None);
            Assert.That(holders.OrderBy(holder => holder.Value).Select(holder => holder.Key), Is.EqualTo(keys));
            return await RowsReadAsync(db) - before;
        });
        Assert.That(read, Is.LessThan(100));
    }

    [Test]
    public async Task Should_look_for_the_memberships_of_who_was_settled_and_not_at_everybodys()
    {
        var (destination, audience) = (Unique("dest"), Unique("aud"));
        await WriteAsync(db => Ledger.RouteLiveAsync(db, [new AudienceRoute(audience, destination)], 1, CancellationToken.None));
        await ApplyAsync(audience, "full", 0, [.. Enumerable.Range(0, 10).Select(_ => Unique("p"))]);
        await PlanAsync(await StartRunAsync(audience, destination: destination), audience, destination: destination);
        var lease = await LeaseAsync(destination: destination);
        var claimed = await ClaimAsync(lease);
        var read = await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync($"INSERT INTO memberships (audience, profile_id, is_member, since, occurred_at) SELECT '{audience}', -n, true, now(), now() FROM generate_series(1, 20000) n", CancellationToken.None);
            var before = await RowsReadAsync(db);
            Assert.That(await Deliveries.SettleAsync(db, lease, [.. claimed.Select(Delivered)], Noon, CancellationToken.None), Is.Not.Null);
            return await RowsReadAsync(db) - before;
        });
        Assert.That(claimed, Has.Count.GreaterThanOrEqualTo(10));
        Assert.That(read, Is.LessThan(2_000), "rows of tables and indexes");
    }

    /// <summary>A hub that starts asks an empty queue first: its plans, and the statistics, are those of an empty queue when the work comes.</summary>
    private async Task<long> RowsReadAsync(int deliveries)
    {
        var destination = Unique("dest");
        var lease = await LeaseAsync(destination: destination);
        await AskAnEmptyQueueAsync(db => Deliveries.ClaimAsync(db, lease, Noon, 10, CancellationToken.None));
        await QueueAsync(destination, deliveries);
        return await WriteAsync(async db =>
        {
            var before = await RowsReadAsync(db);
            Assert.That(await Deliveries.ClaimAsync(db, lease, Noon, 10, CancellationToken.None), Has.Count.EqualTo(10));
            return await RowsReadAsync(db) - before;
        });
    }

    private async Task AskAnEmptyQueueAsync<T>(Func<HubDbContext, Task<T>> ask)
    {
        await ReadAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            return await session.ExecuteAsync("TRUNCATE deliveries; ANALYZE deliveries", CancellationToken.None);
        });
        for (var i = 0; i < 20; i++)
        {
            await ReadAsync(ask);
        }
    }

    private async Task QueueAsync(string destination, int deliveries)
    {
        var audience = Unique("aud");
        var run = await StartRunAsync(audience, "Delivering", destination);
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                $$"""
                INSERT INTO profiles (tenant_id, external_id, attributes, attributes_at, consent, occurred_at, version, updated_at)
                SELECT 'default', '{{audience}}-' || n, '{}', '{}', '{}', now(), 1, now() FROM generate_series(1, {{deliveries}}) n;
                INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, created_at)
                SELECT '{{run}}', '{{destination}}', '{{Bulk}}', 0, 2, profile_id, '{{audience}}', '2026-03-01 11:00Z', now()
                FROM profiles WHERE external_id LIKE '{{audience}}-%' ORDER BY profile_id;
                """, CancellationToken.None);
        });
    }
}
