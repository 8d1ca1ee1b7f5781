using IntegrationHub.Storage;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Two hubs share a database; one has not heard yet that another configuration is in force.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_another_configuration_comes_into_force(StorageDatabase database) : StorageFixture(database)
{
    [Test]
    public async Task Should_give_the_work_of_runs_to_whoever_runs_it_and_lose_none()
    {
        var (audience, destination) = (Unique("aud"), Unique("dest"));
        await ApplyAsync(audience, "full", 0, Unique("p"), Unique("p"), Unique("p"));
        var run = await StartRunAsync(audience, destination: destination);
        await PlanAsync(run, audience, destination: destination);
        var behind = await LeaseAsync("behind", 0, destination) with { ConfigVersion = await ActivateAsync("one"), PolicyId = 1 };
        var pinned = await ClaimAsync(behind, 1);
        Assert.That(pinned, Has.Count.EqualTo(1), "it is in force");

        var version = await ActivateAsync("two");

        Assert.That(await ClaimAsync(behind), Is.Empty);
        Assert.That(await SettleAsync(behind, pinned.Select(Delivered)), Is.Not.Null, "what was claimed before is settled under the version that it was claimed by");
        Assert.That((await RecordsAsync(run, LedgerOutcome.Delivered)).Single().ConfigVersion, Is.EqualTo(behind.ConfigVersion), "and says so");
        await WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, behind, true, CancellationToken.None));
        var ahead = await LeaseAsync("ahead", 0, destination) with { ConfigVersion = version, PolicyId = 1 };
        var rest = await ClaimAsync(ahead);
        Assert.That(rest, Has.Count.EqualTo(2), "all the rest");
        await SettleAsync(ahead, [Ended(rest[0], LedgerOutcome.Rejected, "no")]);
        Assert.That((await RecordsAsync(run, LedgerOutcome.Rejected)).Single().ConfigVersion, Is.EqualTo(version), "of whom it did not reach, too");
        await WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, ahead, true, CancellationToken.None));
        Assert.That(await ClaimAsync(await LeaseAsync("behind", 0, destination) with { ConfigVersion = version }), Has.Count.EqualTo(1), "and by the one that was behind, once it looked");
    }

    [Test]
    public async Task Should_give_what_is_owed_live_to_whoever_runs_it()
    {
        var (audience, destination, person) = (Unique("aud"), Unique("dest"), Unique("p"));
        await WriteAsync(db => Ledger.RouteLiveAsync(db, [new AudienceRoute(audience, destination)], 1, CancellationToken.None));
        await AppendAsync(Membership(person, audience, true));
        var behind = await LeaseAsync("behind", 0, destination, Lane.Live) with { ConfigVersion = await ActivateAsync("one") };
        Assert.That(await ClaimSoonAsync(behind), Has.Count.EqualTo(1));
        var version = await ActivateAsync("two");
        Assert.That(await ClaimSoonAsync(behind), Is.Empty);
        Assert.That(await ClaimSoonAsync(behind with { ConfigVersion = version }), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_keep_every_version_as_it_was()
    {
        var first = await ActivateAsync("one: \"é\"\n");
        var second = await ActivateAsync("two");
        var (active, before, page) = await ReadAsync(async db => (
            await ConfigurationBook.ActiveAsync(db, CancellationToken.None),
            await ConfigurationBook.FindAsync(db, first, CancellationToken.None),
            await ConfigurationBook.ListAsync(db, new PageAsk(Limit: 1), CancellationToken.None)));
        Assert.That((active!.Version, active.ContentHash, active.ActivatedBy), Is.EqualTo((second, "two", "person:ben")));
        Assert.That(before!.Files["consent.yaml"], Is.EqualTo("one: \"é\"\n"));
        Assert.That(page.Items.Single().Version, Is.EqualTo(second), "newest first");
        Assert.That(await ReadAsync(db => ConfigurationBook.FindAsync(db, second + 1, CancellationToken.None)), Is.Null);
    }

    /// <summary>Of two that apply at once the second sees what the first put in force, and gets a number of its own.</summary>
    [Test]
    public async Task Should_put_one_after_the_other_in_force()
    {
        var versions = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => ActivateAsync($"at once {i}"))));
        Assert.That(versions.Order(), Is.EqualTo(Enumerable.Range(0, 4).Select(i => versions.Min() + i)));
        Assert.That((await ReadAsync(db => ConfigurationBook.ActiveAsync(db, CancellationToken.None)))!.Version, Is.EqualTo(versions.Max()));
    }

    private async Task<IReadOnlyList<RunRecord>> RecordsAsync(Guid run, string outcome) =>
        (await ReadAsync(db => Runs.ListRecordsAsync(db, run, outcome, null, new PageAsk(), CancellationToken.None))).Items;

    private Task<IReadOnlyList<ClaimedDelivery>> ClaimSoonAsync(Lease lease) => ReadAsync(db => Deliveries.ClaimAsync(db, lease, TimeProvider.System.GetUtcNow().AddHours(1), 100, CancellationToken.None));
}
