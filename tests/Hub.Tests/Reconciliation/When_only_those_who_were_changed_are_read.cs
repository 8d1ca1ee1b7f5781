using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Reconciliations;

namespace IntegrationHub.Hub.Tests.Reconciliation;

/// <summary>Three members whose fields are compared again and again; to read all of them is always too much of the day's share.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_only_those_who_were_changed_are_read(StorageDatabase database) : DrainFixture(database)
{
    private static readonly ReadBackBudget Small = new(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, 5);

    private ChangingVendor _vendor = null!;
    private Destination _destination = null!;

    [SetUp]
    public async Task Deliver_and_compare_once()
    {
        Vendor.Deliver = batch => Task.FromResult(new Receipt { Outcomes = [.. batch.Items.Select(item => AcmeConnector.Told(item, Outcome.Delivered) with { RemoteId = ChangingVendor.IdOf(item.Key) })] });
        await LiveInBonnAsync();
        await DrainAsync();
        _vendor = new ChangingVendor();
        _destination = Acme.Destination(_vendor, name: Name, audience: Audience);
        foreach (var person in People)
        {
            _vendor.Towns[person] = "Bonn";
        }

        await MoveToDayAsync(isTurnOf: null);
        var first = await CompareAsync();
        Assert.That((first.Checked, first.FieldsSince, _vendor.Asked.Count), Is.EqualTo((3L, (DateTimeOffset?)null, 0)), "of nobody it is known how she was");
        Assert.That(_vendor.Read, Is.EquivalentTo(People));
        _vendor.Read.Clear();
        Clock.Now += TimeSpan.FromMinutes(10);
    }

    [TearDown]
    public async Task Dispose_the_destination() => await _destination.DisposeAsync();

    [Test]
    public async Task Should_read_nobody_when_nobody_was_changed()
    {
        var began = Clock.Now - TimeSpan.FromMinutes(10);
        var second = await CompareAsync();

        Assert.That((second.Checked, _vendor.Read.Count), Is.EqualTo((0L, 0)));
        Assert.That(second.FieldsSince, Is.EqualTo(began - _vendor.ChangesAreShownAfter).Within(TimeSpan.FromMilliseconds(1)), "and says since when");
        Clock.Now += TimeSpan.FromMinutes(10);
        await CompareAsync();
        Assert.That(_vendor.Asked[1] - _vendor.Asked[0], Is.EqualTo(TimeSpan.FromMinutes(10)).Within(TimeSpan.FromMilliseconds(1)), "the next question begins where this one did, less what is not shown at once");
    }

    [Test]
    public async Task Should_find_what_the_vendor_tells_and_find_it_again_until_it_is_healed()
    {
        _vendor.Towns[People[1]] = "Elsewhere";
        _vendor.Changed.AddRange(People);
        Assert.That(await FindingsAsync(await CompareAsync()), Is.EqualTo(new[] { (1, "town") }));
        Assert.That((_vendor.Read, _vendor.Asked.Count), Is.EqualTo((Array.Empty<string>(), 2)), "the pages told the fields");

        _vendor.Changed.Clear();
        Assert.That(await FindingsAsync(await CompareAsync()), Is.EqualTo(new[] { (1, "town") }), "nobody changed her since, and she is not as she should be");
        Assert.That(_vendor.Read, Is.EqualTo(new[] { People[1] }));
    }

    [Test]
    public async Task Should_read_those_by_key_of_whom_the_vendor_told_no_field()
    {
        (_vendor.TellsFields, _vendor.Towns[People[2]]) = (false, "Elsewhere");
        _vendor.Changed.Add(People[2]);
        Assert.That(await FindingsAsync(await CompareAsync()), Is.EqualTo(new[] { (2, "town") }));
        Assert.That(_vendor.Read, Is.EqualTo(new[] { People[2] }));
    }

    [TestCase("read_hash = NULL")]
    [TestCase("remote_id = 'r-of-another'")]
    [TestCase("remote_id = NULL")]
    public async Task Should_read_whoever_is_not_known_to_be_the_same(string change)
    {
        await SetAsync(change, People[0]);
        await CompareAsync();
        Assert.That(_vendor.Read, Is.EqualTo(new[] { People[0] }));
    }

    [Test]
    public async Task Should_read_everybody_once_in_thirty_days_whatever_the_vendor_tells()
    {
        _vendor.Towns[People[1]] = "Elsewhere"; // and it keeps that to itself
        Assert.That(await FindingsAsync(await CompareAsync()), Is.Empty);
        await MoveToDayAsync(People[1]);
        Assert.That(await FindingsAsync(await CompareAsync()), Is.EqualTo(new[] { (1, "town") }));
        await MoveToDayAsync(isTurnOf: null);
        Assert.That(await FindingsAsync(await CompareAsync()), Is.EqualTo(new[] { (1, "town") }), "who was found once is looked at until she is the same again");
    }

    [Test]
    public async Task Should_read_everybody_when_that_is_cheaper_than_to_hear_who_was_changed()
    {
        (_vendor.Left, _vendor.Towns[People[0]]) = (1_000, "Elsewhere");
        _vendor.Changed.AddRange(People);
        var second = await CompareAsync();
        Assert.That((second.Checked, second.FieldsSince), Is.EqualTo((3L, (DateTimeOffset?)null)));
        Assert.That(await FindingsAsync(second), Is.EqualTo(new[] { (0, "town") }));

        _vendor.Left = null;
        _vendor.Changed.Clear();
        _vendor.Read.Clear();
        await CompareAsync();
        Assert.That(_vendor.Read, Is.EqualTo(new[] { People[0] }), "the others were the same, and it is asked from there on");
    }

    /// <summary>
    /// Another comparison of the destination asks for changes after this one began: somebody whom this one read before that may have been changed in between, and only the other one was
    /// told. So this one takes nobody for the same.
    /// </summary>
    [Test]
    public async Task Should_take_nobody_for_the_same_whom_it_read_before_another_comparison_asked()
    {
        await SetAsync("read_hash = NULL", People[0]);
        _vendor.WhenAsked = async () =>
        {
            _vendor.WhenAsked = () => Task.CompletedTask;
            await WriteAsync(db => FieldMarks.AdvanceAsync(db, Name, Clock.Now.AddMinutes(5), CancellationToken.None));
        };
        await CompareAsync();
        Assert.That(_vendor.Read, Is.EqualTo(new[] { People[0] }));
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_profiles WHERE destination = '{Name}' AND read_hash IS NOT NULL"), Is.EqualTo(2), "she is read again the next time");
    }

    private async Task<ComparisonState> CompareAsync()
    {
        var run = new ComparisonState
        {
            RunId = Guid.CreateVersion7(), Audience = Audience, Destination = Name, Heal = HealingWord.Report, WholeFields = true, Sample = 1, RequestedBy = "test", RequestedAt = Clock.Now,
            Stage = ReconciliationStage.Changes, ReadSince = Clock.Now, Expected = People.Length,
        };
        await WriteAsync(db => ReconciliationBook.AddAsync(db, run, CancellationToken.None));
        var fields = new PersonFields(Transactions, Clock);
        while (run.Stage == ReconciliationStage.Changes)
        {
            run = await fields.ReadChangesAsync(_destination, run, Small, ReconciliationStage.Fields, CancellationToken.None);
        }

        while (run.Stage == ReconciliationStage.Fields)
        {
            run = await fields.ReadFieldsAsync(_destination, run, ReconciliationStage.Done, calls: 8, CancellationToken.None);
        }

        Assert.That((await ReadAsync(db => ReconciliationBook.FindAsync(db, run.RunId, CancellationToken.None)))!.FieldsSince, Is.EqualTo(run.FieldsSince).Within(TimeSpan.FromMilliseconds(1)), "kept with the run");
        return run;
    }

    private async Task<IEnumerable<(int Person, string? Field)>> FindingsAsync(ComparisonState run) =>
        (await ReadAsync(db => ReconciliationFindings.ListAsync(db, run.RunId, FindingKind.Different, new PageAsk(), CancellationToken.None))).Items.Select(finding => (Array.IndexOf(People, finding.Key), finding.Field));

    private Task LiveInBonnAsync() => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        foreach (var person in People)
        {
            await session.ExecuteAsync("UPDATE profiles SET attributes = '{\"city\":\"Bonn\"}' WHERE external_id = @person", CancellationToken.None, ("person", person));
        }
    });

    private Task SetAsync(string change, string person) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        var changed = await session.ExecuteAsync(
            $"UPDATE destination_profiles SET {change} WHERE destination = @destination AND profile_id = (SELECT profile_id FROM profiles WHERE external_id = @person)", CancellationToken.None, ("destination", Name), ("person", person));
        Assert.That(changed, Is.EqualTo(1));
    });

    /// <summary>Goes on to the next day on which it is the turn of a person, or of nobody of these.</summary>
    private async Task MoveToDayAsync(string? isTurnOf)
    {
        var turns = new List<long>();
        foreach (var person in People)
        {
            turns.Add(await CountAsync($"SELECT profile_id % 30 FROM profiles WHERE external_id = '{person}'"));
        }

        do
        {
            Clock.Now += TimeSpan.FromDays(1);
        }
        while (isTurnOf is null ? turns.Contains(Turn) : turns[Array.IndexOf(People, isTurnOf)] != Turn);
    }

    private long Turn => Clock.Now.UtcTicks / TimeSpan.TicksPerDay % 30;
}
