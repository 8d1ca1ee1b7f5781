using IntegrationHub.Storage;
using IntegrationHub.Storage.Schedules;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>The row of a bell is the work: one hub at a time has it, and a hub that dies over it leaves it to another.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_job_of_the_hubs_own_is_due(StorageDatabase database) : StorageFixture(database)
{
    private static readonly TimeSpan _hold = TimeSpan.FromMinutes(1);

    [Test]
    public async Task Should_be_one_hubs_until_it_is_done_and_nobodys_afterwards()
    {
        var job = Unique("hub.job");
        await RingAsync(job, Noon);
        var taken = (await TakeAsync("one", job))!;
        Assert.That((taken.Schedule, taken.DueAt, taken.Outcome, taken.Instance, taken.Attempts, taken.BeganAt), Is.EqualTo((job, Noon, JobOutcome.Working, "one", 1, (DateTimeOffset?)Noon)));
        Assert.That(await TakeAsync("two", job), Is.Null);
        Assert.That(await WriteAsync(db => JobRuns.EndAsync(db, taken with { Outcome = JobOutcome.Done, Detail = "Well.", EndedAt = Noon.AddSeconds(5) }, CancellationToken.None)), Is.True);
        Assert.That(await TakeAsync("two", job), Is.Null);
        var shown = (await ListAsync(job)).Single();
        Assert.That((shown.Outcome, shown.Detail, shown.EndedAt - shown.BeganAt), Is.EqualTo((JobOutcome.Done, "Well.", (TimeSpan?)TimeSpan.FromSeconds(5))));
    }

    [Test]
    public async Task Should_go_to_one_of_many_hubs_that_look_at_once()
    {
        var job = Unique("hub.job");
        await RingAsync(job, Noon);
        var taken = await Task.WhenAll(Enumerable.Range(0, IsPostgres ? 6 : 1).Select(hub => TakeAsync($"hub-{hub}", job)));
        Assert.That(taken.Count(one => one is not null), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_go_to_another_hub_when_the_first_is_not_heard_of_any_more()
    {
        var job = Unique("hub.job");
        await RingAsync(job, Noon);
        var first = (await TakeAsync("one", job))!;
        Assert.That(await WriteAsync(db => JobRuns.HoldAsync(db, first, TimeSpan.FromSeconds(-1), CancellationToken.None)), Is.True);
        var second = (await TakeAsync("two", job))!;
        Assert.That((second.Instance, second.Attempts), Is.EqualTo(("two", 2)));
        Assert.That(await WriteAsync(db => JobRuns.HoldAsync(db, first, _hold, CancellationToken.None)), Is.False, "the first one hears that it lost it");
        Assert.That(await WriteAsync(db => JobRuns.EndAsync(db, first with { Outcome = JobOutcome.Done }, CancellationToken.None)), Is.False);
        Assert.That((await ListAsync(job)).Single().Outcome, Is.EqualTo(JobOutcome.Working));
    }

    [Test]
    public async Task Should_be_taken_again_after_a_pause_when_it_failed()
    {
        var job = Unique("hub.job");
        await RingAsync(job, Noon);
        var failed = (await TakeAsync("one", job))!;
        await WriteAsync(db => JobRuns.GiveBackAsync(db, failed with { Code = "IOException", Detail = "No." }, _hold, CancellationToken.None));
        Assert.That(await TakeAsync("one", job), Is.Null);
        Assert.That((await ListAsync(job)).Single() is { Outcome: JobOutcome.Due, Code: "IOException" }, Is.True);
        await ExecuteAsync("UPDATE job_runs SET held_until = NULL WHERE schedule = @job", ("job", job));
        Assert.That((await TakeAsync("one", job))!.Attempts, Is.EqualTo(2));
    }

    [Test]
    public async Task Should_be_done_once_for_several_bells_and_never_twice_at_once()
    {
        var job = Unique("hub.job");
        await RingAsync(job, Noon);
        await RingAsync(job, Noon.AddHours(1));
        await RingAsync(job, Noon.AddHours(2));
        var taken = (await TakeAsync("one", job))!;
        Assert.That(taken.DueAt, Is.EqualTo(Noon.AddHours(2)));
        await RingAsync(job, Noon.AddHours(3));
        Assert.That(await TakeAsync("two", job), Is.Null, "one is at work on it");
        await WriteAsync(db => JobRuns.EndAsync(db, taken with { Outcome = JobOutcome.Done, EndedAt = Noon }, CancellationToken.None));
        Assert.That((await TakeAsync("two", job))!.DueAt, Is.EqualTo(Noon.AddHours(3)));
        Assert.That(
            (await ListAsync(job)).Select(bell => bell.Outcome), Is.EqualTo(new[] { JobOutcome.Working, JobOutcome.Done, JobOutcome.Overlapped, JobOutcome.Overlapped }));
    }

    [Test]
    public async Task Should_be_left_to_hubs_that_know_it()
    {
        var job = Unique("hub.job");
        await RingAsync(job, Noon);
        Assert.That(await TakeAsync("older", Unique("hub.other")), Is.Null);
    }

    private Task RingAsync(string job, DateTimeOffset due) => WriteAsync(db => JobRuns.AddAsync(db, new JobRun(job, due, due, "bell", JobOutcome.Due, null, null, []), CancellationToken.None));

    private Task<JobRun?> TakeAsync(string hub, string job) => WriteAsync(db => JobRuns.TakeAsync(db, [job], hub, _hold, Noon, CancellationToken.None));

    private Task<IReadOnlyList<JobRun>> ListAsync(string job) => ReadAsync(db => JobRuns.ListAsync(db, job, 10, CancellationToken.None));

    private Task ExecuteAsync(string sql, params (string, object?)[] parameters) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, parameters);
    });
}
