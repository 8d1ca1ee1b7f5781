using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_vendor_job_is_followed(StorageDatabase database) : StorageFixture(database)
{
    private string _audience = null!;
    private string _destination = null!;
    private Guid _run;
    private Lease _lease = null!;

    [SetUp]
    public async Task Plan_a_run()
    {
        (_audience, _destination) = (Unique("aud"), Unique("dest"));
        await ApplyAsync(_audience, "full", 0, [.. Enumerable.Range(0, 5).Select(_ => Unique("p"))]);
        _run = await StartRunAsync(_audience, "Delivering", _destination);
        await PlanAsync(_run, _audience, destination: _destination);
        _lease = await LeaseAsync("one", 0, _destination);
    }

    [Test]
    public async Task Should_count_first_attempts_that_are_due()
    {
        await SettleAsync(_lease, [Later((await ClaimAsync(_lease, 1))[0], 0)]);
        Assert.That(await ReadAsync(db => Jobs.CountDueAsync(db, _lease, Noon, CancellationToken.None)), Is.EqualTo(new[] { new DueWork(_run, Operation.AddMember, _audience, 4) }));
    }

    [Test]
    public async Task Should_keep_who_is_in_it_and_what_was_sent()
    {
        var claim = await ClaimAsync(_lease);
        var sent = Guid.NewGuid();
        await AddAsync(claim.Take(3).Select((delivery, i) => new BulkJobRow(delivery.DeliveryId, delivery.ProfileId, $"Key-{i}", i == 0 ? null : sent, delivery.ProfileVersion)));
        await SettleAsync(_lease, [Ended(claim[1], LedgerOutcome.Suppressed, "run_canceled")]);
        await AppendAsync(Profile(claim[2].ExternalId, """{"city":"Bonn"}""", 7));

        var job = (await FindAsync())!;
        var rows = await ReadAsync(db => Jobs.ClaimAsync(db, job, CancellationToken.None));

        Assert.Multiple(() =>
        {
            Assert.That(job with { JobId = 0 }, Is.EqualTo(Job()));
            Assert.That(rows.Select(row => (row.Delivery.DeliveryId, row.Delivery.ProfileId, row.Key, row.ContentHash)), Is.EqualTo(new (long, long, string?, Guid?)[]
            {
                (claim[0].DeliveryId, claim[0].ProfileId, "Key-0", null), (claim[1].DeliveryId, claim[1].ProfileId, "Key-1", sent), (claim[2].DeliveryId, claim[2].ProfileId, "Key-2", sent),
            }), "those too whose delivery was canceled meanwhile: the vendor has them");
            Assert.That(rows[2].Delivery.ProfileVersion, Is.EqualTo(claim[2].ProfileVersion), "the version that was sent, not the one of now");
        });
    }

    [Test]
    public async Task Should_hide_its_partition_from_the_sweeper_until_it_is_time_to_look()
    {
        await AddAsync([]);
        await WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, _lease, isSettled: true, CancellationToken.None));
        Assert.That(await WorkAsync(minute: 0), Is.Empty);
        Assert.That(await WorkAsync(minute: 2), Has.Count.EqualTo(1));
        var job = (await FindAsync())!;
        await WriteAsync(db => Jobs.PostponeAsync(db, job, Noon.AddMinutes(5), CancellationToken.None));
        Assert.That(await WorkAsync(minute: 2), Is.Empty);
    }

    [Test]
    public async Task Should_be_gone_without_a_trace_when_it_ended()
    {
        await AddAsync([new BulkJobRow(1, 1, "key", null, 1)]);
        var job = (await FindAsync())!;
        Assert.That(await OfAudienceAsync(), Is.EqualTo(AudienceJobs.Running));
        await WriteAsync(db => Jobs.EndAsync(db, job, CancellationToken.None));
        Assert.That(await FindAsync(), Is.Null);
        Assert.That(await OfAudienceAsync(), Is.EqualTo(AudienceJobs.None));
        Assert.That(await CountAsync($"SELECT count(*) FROM bulk_job_rows WHERE job_id = {job.JobId}"), Is.Zero);
    }

    [Test]
    public async Task Should_be_waited_for_by_nobody_and_be_looked_at_still_when_it_was_given_up()
    {
        await AddAsync([]);
        await WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, _lease, isSettled: true, CancellationToken.None));
        await GiveUpAsync();
        Assert.That((await FindAsync(), await OfAudienceAsync()), Is.EqualTo(((BulkJob?)null, AudienceJobs.GivenUp)));
        Assert.That(await WorkAsync(minute: 20), Has.Count.EqualTo(1), "its partition goes on with other work");
        Assert.That((await FindGivenUpAsync(minute: 20), (await FindGivenUpAsync(minute: 30))?.RemoteJob), Is.EqualTo(((BulkJob?)null, Job().RemoteJob)));
        _lease = await LeaseAsync("one", 0, _destination);
        await SettleAsync(_lease, (await ClaimAsync(_lease)).Select(Delivered));
        await WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, _lease, isSettled: true, CancellationToken.None));
        Assert.That((await WorkAsync(minute: 20), (await WorkAsync(minute: 30)).Count), Is.EqualTo((new List<PartitionWithWork>(), 1)), "of the run nothing is left, and the job is looked at");
        await AddAsync([]);
        Assert.That(await OfAudienceAsync(), Is.EqualTo(AudienceJobs.Running), "the partition can have another one");
    }

    /// <summary>What a job writes is from the day on which it was handed over.</summary>
    [Test]
    public async Task Should_have_those_owed_anew_who_changed_before_it_ended_late()
    {
        var claim = await ClaimAsync(_lease);
        await AddAsync(claim.Select(delivery => new BulkJobRow(delivery.DeliveryId, delivery.ProfileId, "key", Guid.NewGuid(), delivery.ProfileVersion)));
        await GiveUpAsync();
        await SettleAsync(_lease, claim.Select(Delivered));
        var (changed, left, same) = (claim[0], claim[1], claim[2]);
        await AppendAsync(Profile(changed.ExternalId, """{"city":"Bonn"}""", 7));
        await AppendAsync(Membership(left.ExternalId!, _audience, isMember: false, 8));
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                "UPDATE destination_profiles SET profile_version = 9 WHERE destination = @destination", CancellationToken.None, ("destination", _destination)); // written since, one batch at a time
            await session.ExecuteAsync(
                "UPDATE destination_members SET is_member = false WHERE destination = @destination AND profile_id = @left", CancellationToken.None, ("destination", _destination), ("left", left.ProfileId));
        });
        await WriteAsync(db => Ledger.RouteLiveAsync(db, [new AudienceRoute(_audience, _destination)], partitions: 1, CancellationToken.None));

        var job = (await FindGivenUpAsync(minute: 30))!;
        var end = await WriteAsync(db => Jobs.EndLateAsync(db, job, Noon.AddMinutes(30), CancellationToken.None));

        Assert.That(end.Everybody, Is.EquivalentTo(claim.Select(delivery => delivery.ProfileId)));
        Assert.That(end.Moved, Does.Contain(changed.ProfileId).And.Not.Contain(same.ProfileId));
        Assert.That(await FindGivenUpAsync(minute: 30), Is.Null);
        Assert.That(await PeopleAsync("destination_profiles", "content_hash IS NULL AND profile_version IS NULL"), Does.Contain(changed.ProfileId).And.Not.Contain(same.ProfileId), "the next run writes them again");
        Assert.That(await PeopleAsync("destination_members", "in_doubt"), Is.EqualTo(new[] { left.ProfileId }), "the list may have them again");
        Assert.That(await PeopleAsync("deliveries", $"lane = '{Lane.Live}'"), Is.EquivalentTo(new[] { changed.ProfileId, left.ProfileId }), "and where the audience is taken live nobody waits for a run");
    }

    /// <summary>A newer version started it, or the row is damaged: its deliveries are of an operation that no claim takes, and everybody else goes on without a job.</summary>
    [Test]
    public async Task Should_hold_nobody_else_when_it_cannot_be_read()
    {
        await AddAsync([]);
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            Assert.That(await session.ExecuteAsync("UPDATE bulk_jobs SET operation = 99 WHERE destination = @destination", CancellationToken.None, ("destination", _destination)), Is.EqualTo(1));
        });
        await WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, _lease, isSettled: true, CancellationToken.None));

        Assert.That(await FindAsync(), Is.Null, "nobody waits for it");
        Assert.That(await ReadAsync(db => Jobs.CountDueAsync(db, _lease, Noon, CancellationToken.None)), Is.Empty, "and no other takes its place");
        Assert.That(await OfAudienceAsync(), Is.EqualTo(AudienceJobs.None));
        Assert.That(await WorkAsync(minute: 0), Has.Count.EqualTo(1), "what is due beside it is worked on");
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync("DELETE FROM deliveries WHERE run_id = @run", CancellationToken.None, ("run", _run));
        });
        Assert.That(await WorkAsync(minute: 2), Is.Empty, "and nobody rings for itself");
    }

    /// <summary>Another configuration may be in force when it ends: it was made under this one.</summary>
    [Test]
    public async Task Should_remember_what_it_was_decided_by()
    {
        var decided = new DecisionPoint(1, 7, 3);
        await WriteAsync(db => Jobs.AddAsync(db, Job() with { Decided = decided }, [], CancellationToken.None));
        Assert.That((await FindAsync())!.Decided, Is.EqualTo(decided));
    }

    [Test]
    public async Task Should_be_shown_while_it_may_end_yet()
    {
        await AddAsync((await ClaimAsync(_lease)).Take(3).Select(delivery => new BulkJobRow(delivery.DeliveryId, delivery.ProfileId, "key", null, delivery.ProfileVersion)));
        Assert.That(await GivenUpAsync(), Is.Empty, "somebody waits for it");
        await GiveUpAsync();
        Assert.That(await GivenUpAsync(), Is.EqualTo(new[] { new GivenUpJob("4711/3", _run, _audience, Noon, Noon.AddMinutes(15), Noon.AddMinutes(30), 3) }));
        var job = (await FindGivenUpAsync(30))!;
        await WriteAsync(db => Jobs.EndLateAsync(db, job, Noon.AddMinutes(31), CancellationToken.None));
        Assert.That(await GivenUpAsync(), Is.Empty);

        Task<IReadOnlyList<GivenUpJob>> GivenUpAsync() => ReadAsync(db => GivenUpJob.ListAsync(db, _destination, CancellationToken.None));
    }

    private BulkJob Job() => new(0, _destination, Bulk, 0, _run, _audience, Operation.AddMember, "4711/3", "plan-1", Noon, Noon.AddMinutes(1));

    private Task AddAsync(IEnumerable<BulkJobRow> rows) => WriteAsync(db => Jobs.AddAsync(db, Job(), [.. rows], CancellationToken.None));

    private Task<BulkJob?> FindAsync() => ReadAsync(db => Jobs.FindAsync(db, _destination, Bulk, 0, CancellationToken.None));

    private Task<AudienceJobs> OfAudienceAsync() => ReadAsync(db => Jobs.OfAudienceAsync(db, _destination, _audience, CancellationToken.None));

    private Task<BulkJob?> FindGivenUpAsync(int minute) => ReadAsync(db => Jobs.FindGivenUpAsync(db, _destination, Bulk, 0, Noon.AddMinutes(minute), CancellationToken.None));

    private async Task GiveUpAsync()
    {
        var job = (await FindAsync())!;
        await WriteAsync(db => Jobs.GiveUpAsync(db, job, Noon.AddMinutes(15), Noon.AddMinutes(30), CancellationToken.None));
    }

    private Task<List<long>> PeopleAsync(string table, string which) => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return await session.ReadAsync($"SELECT profile_id FROM {table} WHERE destination = @destination AND {which}", row => row.GetInt64(0), CancellationToken.None, ("destination", _destination));
    });

    private async Task<List<PartitionWithWork>> WorkAsync(int minute) =>
        [.. (await ReadAsync(db => Deliveries.FindWorkAsync(db, _run, Noon.AddMinutes(minute), CancellationToken.None)))];
}
