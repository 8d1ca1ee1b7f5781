using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Hub.Tests.Reconciliation;

/// <summary>Three members; the last read-back of a run saw the first alone. The vendor has the second, whom somebody took off the list, and deleted the third.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_run_did_not_see_somebody(StorageDatabase database) : DrainFixture(database)
{
    private ChangingVendor _vendor = null!;
    private Destination _destination = null!;

    [SetUp]
    public async Task Deliver()
    {
        Vendor.Deliver = batch => Task.FromResult(new Receipt { Outcomes = [.. batch.Items.Select(item => AcmeConnector.Told(item, Outcome.Delivered) with { RemoteId = ChangingVendor.IdOf(item.Key) })] });
        await DrainAsync();
        _vendor = new ChangingVendor();
        _destination = Acme.Destination(_vendor, name: Name, audience: Audience);
        (_vendor.Towns[People[0]], _vendor.Towns[People[1]]) = ("Bonn", "Bonn");
    }

    [TearDown]
    public async Task Dispose_the_destination() => await _destination.DisposeAsync();

    [Test]
    public async Task Should_find_them_before_the_next_run_and_heal_who_was_deleted_by_all_alone()
    {
        await ReadBackAsync(Guid.NewGuid(), 1, final: true);
        string[] expected = ["1 removed_there", "2 deleted_there"];
        Assert.That(await FindingsAsync(await CompareAsync(HealingWord.Report)), Is.EqualTo(expected));
        var missing = await CompareAsync(HealingWord.Missing);
        Assert.That(await FindingsAsync(missing), Is.EqualTo(expected), "report heals nothing");
        Assert.That(await ScopeAsync(missing), Is.EqualTo(new[] { 1 }));
        var all = await CompareAsync(HealingWord.All);
        Assert.That(await FindingsAsync(all), Is.EqualTo(expected));
        Assert.That(await ScopeAsync(all), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_profiles WHERE destination = '{Name}' AND (unseen_since IS NOT NULL OR content_hash IS NULL)"), Is.EqualTo(2), "to be written anew, without a look whether they are there");
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_profiles WHERE destination = '{Name}' AND unseen_since IS NOT NULL"), Is.Zero);
    }

    [Test]
    public async Task Should_find_a_member_deleted_whom_no_run_missed()
    {
        var missing = await CompareAsync(HealingWord.Missing);
        Assert.That(await FindingsAsync(missing), Is.EqualTo(new[] { "1 removed_there", "2 deleted_there" }));
        Assert.That(await ScopeAsync(missing), Is.EqualTo(new[] { 1 }));
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_profiles WHERE destination = '{Name}' AND unseen_since IS NOT NULL"), Is.EqualTo(1), "who was deleted is looked for before the next sync writes");
    }

    [Test]
    public async Task Should_say_that_who_was_sent_and_never_seen_did_not_arrive()
    {
        await ReadBackAsync(Run, 1, final: true);
        var missing = await CompareAsync(HealingWord.Missing);
        Assert.That(await FindingsAsync(missing), Is.EqualTo(new[] { "1 never_delivered", "2 never_delivered" }));
        Assert.That(await ScopeAsync(missing), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public async Task Should_miss_nobody_who_may_not_be_sent_any_more()
    {
        await ReadBackAsync(Guid.NewGuid(), 1, final: true);
        await DenyAsync(People[1]);
        Assert.That(await FindingsAsync(await CompareAsync(HealingWord.Report)), Is.EqualTo(new[] { "2 deleted_there" }));
    }

    private async Task<ComparisonState> CompareAsync(string heal)
    {
        var run = new ComparisonState
        {
            RunId = Guid.CreateVersion7(), Audience = Audience, Destination = Name, Heal = heal, WholeFields = true, Sample = 1, RequestedBy = "test", RequestedAt = Clock.Now,
            Stage = ReconciliationStage.Missing, ReadSince = Clock.Now, Expected = People.Length,
        };
        await WriteAsync(db => ReconciliationBook.AddAsync(db, run, CancellationToken.None));
        await ReadBackAsync(run.RunId, 0, final: false);
        await WriteAsync(db => ReconciliationFindings.TakeAsync(db, run, "external_id", foldsKeys: false, CancellationToken.None));
        await WriteAsync(db => Verification.EndAsync(db, run.RunId, CancellationToken.None));
        var people = new PersonComparison(Transactions, Clock);
        while (run.Stage == ReconciliationStage.Missing)
        {
            run = await people.LookForMissingAsync(_destination, run, new AudienceTarget(Audience, "list-1"), ReconciliationStage.Owed, CancellationToken.None);
        }

        while (run.Stage == ReconciliationStage.Owed)
        {
            run = await people.FindOwedAsync(_destination, run, 100, ReconciliationStage.Done, CancellationToken.None);
        }

        await WriteAsync(db => FindingsToHeal.MarkDeletedAsync(db, run, CancellationToken.None));
        if (heal != HealingWord.Report)
        {
            await WriteAsync(db => FindingsToHeal.OweAsync(db, run, CancellationToken.None));
        }

        return run;
    }

    /// <summary>The vendor's list has the first person alone.</summary>
    private async Task ReadBackAsync(Guid run, int round, bool final)
    {
        await WriteAsync(db => Verification.BeginAsync(db, run, round, CancellationToken.None));
        await WriteAsync(db => Verification.StageAsync(db, run, round, Name, [new RemoteMember(ChangingVendor.IdOf(People[0]), People[0])], CancellationToken.None));
        await WriteAsync(db => Verification.CompareAsync(db, new ReadBack(run, round, Name, Audience), "external_id", strangersAreUnexpected: !final, final, CancellationToken.None));
    }

    private async Task<IEnumerable<string>> FindingsAsync(ComparisonState run) =>
        (await ReadAsync(db => ReconciliationFindings.ListAsync(db, run.RunId, null, new PageAsk(), CancellationToken.None))).Items
            .Select(finding => $"{Array.IndexOf(People, finding.Key)} {finding.Cause}").Order(StringComparer.Ordinal);

    private async Task<IEnumerable<int>> ScopeAsync(ComparisonState run)
    {
        var owed = new List<int>();
        foreach (var person in People)
        {
            if (await TextAsync(
                "SELECT p.external_id FROM run_scope s JOIN profiles p ON p.profile_id = s.profile_id WHERE s.run_id = @run AND p.external_id = @person", ("run", run.RunId), ("person", person)) is not null)
            {
                owed.Add(Array.IndexOf(People, person));
            }
        }

        return owed;
    }
}
