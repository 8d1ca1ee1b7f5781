using IntegrationHub.Storage;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_destinations_are_remembered(StorageDatabase database) : StorageFixture(database)
{
    [Test]
    public async Task Should_keep_the_longer_wait_and_count_a_wave_once()
    {
        var name = Unique("d");
        var first = await ReportAsync(name, "throttled", "quota", seen: null, minutes: 10);
        var sameWave = await ReportAsync(name, "unavailable", "http_503", seen: null, minutes: 1);
        Assert.That((sameWave.Code, sameWave.Until, sameWave.Failures), Is.EqualTo(("quota", Noon.AddMinutes(10), 1)));
        Assert.That(sameWave.Mark, Is.Not.EqualTo(first.Mark));
        var nextWave = await ReportAsync(name, "unavailable", "http_503", sameWave.Mark, minutes: 20);
        Assert.That((nextWave.Code, nextWave.Until, nextWave.Failures, nextWave.Since), Is.EqualTo(("http_503", Noon.AddMinutes(20), 2, Noon)));
    }

    [Test]
    public async Task Should_clear_only_what_was_known()
    {
        var name = Unique("d");
        var old = await ReportAsync(name, "unavailable", "http_503", null, 1);
        await ReportAsync(name, "throttled", "quota", null, 10);
        Assert.That(await WriteAsync(db => Destinations.ClearAsync(db, name, old.Mark, CancellationToken.None)), Is.False);
        var known = await FindAsync(name);
        Assert.That(await WriteAsync(db => Destinations.ClearAsync(db, name, known!.Mark, CancellationToken.None)), Is.True);
        Assert.That(await FindAsync(name), Is.Null);
    }

    [Test]
    public async Task Should_let_one_probe_until_its_time_is_over_or_it_gives_up()
    {
        var name = Unique("d");
        var condition = await ReportAsync(name, "unavailable", "http_503", null, 1);
        Assert.That(await ProbeAsync(condition, minute: 0), Is.False, "the wait is not over");
        Assert.That(await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ProbeAsync(condition, minute: 2))), Has.Exactly(1).True);
        Assert.That(await ProbeAsync(condition, minute: 4), Is.True, "the first was not heard of");
        await WriteAsync(db => Destinations.EndProbeAsync(db, name, condition.Mark, CancellationToken.None));
        Assert.That(await ProbeAsync(condition, minute: 4), Is.True);
    }

    [Test]
    public async Task Should_end_all_waits_of_a_destination_and_of_no_other()
    {
        var name = Unique("d");
        foreach (var condition in (string[])[name, $"{name}/bulk", $"{name}/audience:customers", $"{name}2"])
        {
            await ReportAsync(condition, "throttled", "quota", null, 1);
        }

        Assert.That((await ReadAsync(db => Destinations.ListConditionsAsync(db, name, CancellationToken.None))).Select(condition => condition.Name), Is.EqualTo(new[] { name, $"{name}/audience:customers", $"{name}/bulk" }));
        Assert.That(await WriteAsync(db => Destinations.ClearAllAsync(db, name, CancellationToken.None)), Is.EqualTo(3));
        Assert.That(await FindAsync($"{name}2"), Is.Not.Null);
    }

    [Test]
    public async Task Should_keep_the_first_target_that_is_remembered()
    {
        var (name, audience) = (Unique("d"), Unique("a"));
        await RememberAsync(name, audience, "list-1");
        Assert.That((await RememberAsync(name, audience, "list-2")).RemoteRef, Is.EqualTo("list-1"));
    }

    [Test]
    public async Task Should_owe_memberships_again_once_their_list_is_forgotten()
    {
        var (name, audience) = (Unique("d"), Unique("a"));
        await WriteAsync(db => Ledger.RouteAudiencesAsync(db, [new AudienceRoute(audience, name)], CancellationToken.None));
        await ApplyAsync(audience, "full", 0, "p1", "p2", "p3");
        await PlanAsync(await StartRunAsync(audience, destination: name), audience, destination: name);
        await DeliverAllAsync(destination: name);
        await RememberAsync(name, audience, "list-1");

        Assert.That(await WriteAsync(db => Destinations.ForgetAudienceAsync(db, name, audience, "list-0", CancellationToken.None)), Is.Null, "another one");
        Assert.That(await WriteAsync(db => Destinations.ForgetAudienceAsync(db, name, audience, "list-1", CancellationToken.None)), Is.EqualTo(3));
        Assert.That(await WriteAsync(db => Destinations.ForgetAudienceAsync(db, name, audience, "list-1", CancellationToken.None)), Is.Null, "once");

        Assert.That((await ReadAsync(db => Destinations.FindAudienceAsync(db, name, audience, CancellationToken.None))), Is.Null);
        Assert.That(await CountAsync($"SELECT count(*) FROM audience_changes WHERE destination = '{name}'"), Is.EqualTo(3), "a delta adds them too");
        var run = await StartRunAsync(audience, destination: name);
        Assert.That((await PlanAsync(run, audience, destination: name)).ToAdd, Is.EqualTo(3));
    }

    private Task<StoredCondition> ReportAsync(string name, string trouble, string code, string? seen, int minutes) => WriteAsync(db =>
        Destinations.ReportAsync(db, new ConditionReport(name, trouble, code, Noon, seen), _ => Noon.AddMinutes(minutes), CancellationToken.None));

    private Task<StoredCondition?> FindAsync(string name) => ReadAsync(db => Destinations.FindConditionAsync(db, name, CancellationToken.None));

    private Task<bool> ProbeAsync(StoredCondition condition, int minute) =>
        WriteAsync(db => Destinations.TryProbeAsync(db, condition.Name, condition.Mark, Noon.AddMinutes(minute), Noon.AddMinutes(minute + 1), CancellationToken.None));

    private Task<StoredAudience> RememberAsync(string destination, string audience, string remoteRef) => WriteAsync(db =>
        Destinations.RememberAudienceAsync(db, new StoredAudience(destination, audience, remoteRef, "name:x"), Noon, CancellationToken.None));
}
