using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Hub.Tests.Runs;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Backfills;

/// <summary>The guards of quiet writing, each by itself: nobody is created, what is there is read and committed before it is written over, only what differs is written, and only what stayed so is taken back.</summary>
[TestFixture(StorageDatabase.Sqlite)]
[TestFixture(StorageDatabase.Postgres)]
public sealed class When_a_backfill_is_written(StorageDatabase database) : BackfillFixture(database)
{
    [Test]
    public async Task Should_create_nobody()
    {
        Knows(0);
        var run = await PlanAsync(Attributes(Town));
        await DeliverAsync();
        Assert.That((Shows(0).Town, Vendor.People.Count), Is.EqualTo(("Rome", 1)));
        Assert.That((await OutcomeAsync(run, 1), await OutcomeAsync(run, 2)), Is.EqualTo(((LedgerOutcome.Unchanged, "no_match"), (LedgerOutcome.Unchanged, "no_match"))));
        Assert.That(Vendor.Written.SelectMany(batch => batch.Items).Select(item => item.Key), Is.EqualTo(new[] { People[0] }), "they are not even sent");
    }

    [Test]
    public async Task Should_leave_what_the_vendor_has_in_a_field_that_is_only_filled()
    {
        await Destination.DisposeAsync();
        Destination = Acme.Destination(Vendor, name: Name, extra: [new FieldMapping { From = "nickname", To = Nick, Type = MappedType.Text, Mutability = FieldMutability.FillEmpty, Classification = FieldClassification.Personal }]);
        Knows(0);
        Vendor.Set(People[1], Town, "Paris");
        await PlanAsync(Attributes(Town, Nick));
        await DeliverAsync();
        Assert.That((Shows(0), Shows(1)), Is.EqualTo((("Rome", "old"), ("Rome", "new"))));
    }

    /// <summary>The hub has not heard yet; the database has.</summary>
    [Test]
    public async Task Should_write_nothing_by_a_configuration_that_is_not_in_force()
    {
        Knows(0);
        Running = new RunningConfiguration(ConfigurationFiles.Of(new Dictionary<string, string>()), await ActivateAsync("one"));
        await PlanAsync(Attributes(Town));
        var version = await ActivateAsync("two");
        await DeliverAsync();
        Assert.That(Vendor.Written, Is.Empty);
        Running.Became(version);
        await DeliverAsync();
        Assert.That(Shows(0).Town, Is.EqualTo("Rome"));
    }

    /// <summary>A run goes on for days: what a mapping gained meanwhile, nobody who agreed to the run has seen.</summary>
    [TestCase(BackfillKind.Attributes, "backfill plan")]
    [TestCase(BackfillKind.Rollback, "backfill rollback ")]
    public async Task Should_write_nothing_by_another_mapping_than_was_agreed_to(string kind, string again)
    {
        Knows(0, 1, 2);
        var run = await PlanAsync(Attributes(Town));
        if (kind == BackfillKind.Rollback)
        {
            await DeliverAsync();
            await EndAsync(run);
            (again, run) = ($"{again}{run}", await PlanAsync(new BackfillScope(BackfillKind.Rollback, RollsBack: run)));
        }

        var (agreed, written) = (Destination, Vendor.Written.Count);
        Destination = Acme.Destination(Vendor, name: Name, extra: [new FieldMapping { From = "pet", To = "pet", Type = MappedType.Text, Classification = FieldClassification.Personal }]);
        await DeliverAsync();
        Assert.That(Vendor.Written, Has.Count.EqualTo(written));
        await Poll.Until(async () => await Harness.Published.Any<PauseBackfill>(said => said.Context.Message.RunId == run), "the run to be held");
        var word = Harness.Published.Select<PauseBackfill>(said => said.Context.Message.RunId == run).First().Context.Message;
        Assert.That(word.By, Is.EqualTo("hub"));
        Assert.That(word.Reason, Does.Contain(Name).And.Contain($"'backfill cancel {run}'").And.Contain($"'{again}'"));

        await Destination.DisposeAsync();
        Destination = agreed;
        await DeliverAsync();
        Assert.That(Vendor.Written, Has.Count.GreaterThan(written), "it was put back");
    }

    /// <summary>Somebody may be deleted there between the read and the write: the vendor is told not to bring them back.</summary>
    [Test]
    public async Task Should_tell_the_vendor_to_create_nobody()
    {
        Knows(0, 1, 2);
        await PlanAsync(Attributes(Town));
        await DeliverAsync();
        Assert.That(Vendor.Written, Is.Not.Empty.And.All.Property(nameof(Batch.UpdateOnly)).True);
    }

    [Test]
    public async Task Should_read_before_it_writes()
    {
        Knows(0, 1, 2);
        await PlanAsync(Attributes(Town));
        await DeliverAsync();
        var read = new HashSet<string>();
        foreach (var asked in Vendor.Asked.Select(asked => asked.Split(' ')))
        {
            if (asked[0] == "read")
            {
                read.UnionWith(asked[1].Split(','));
            }
            else
            {
                Assert.That(asked[1].Split(','), Is.SubsetOf(read));
            }
        }

        Assert.That(read, Is.EquivalentTo(People));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_be_told_as_the_vendor_shows_it_in_the_round_that_was_asked_for(bool last)
    {
        Knows(0, 1, 2);
        var run = await PlanAsync(Attributes(Town));
        await DeliverAsync();
        Vendor.Set(People[0], Town, "Oslo");
        var bus = new StepBus(Scopes);
        await bus.ConsumeAsync(
            new VerifyBackfillConsumer(
                new DestinationDirectory(new Dictionary<string, Destination> { [Name] = Destination }), null!, Transactions, new StepPostponement(Health(), Clock, NullLogger<StepPostponement>.Instance), Clock,
                NullLogger<VerifyBackfillConsumer>.Instance),
            new VerifyBackfill { RunId = run, Destination = Name, Round = 2, IsLastRound = last });
        var said = bus.Said<BackfillVerified>(answer => answer.RunId == run).Single();
        Assert.That((said.Round, said.Expected, said.Found, said.Missing, said.IsLastRound), Is.EqualTo((2, 3L, 2L, 1L, last)));
    }

    [Test]
    public async Task Should_write_only_what_differs()
    {
        Knows(0, 1);
        Vendor.Set(People[0], Town, "Rome");
        (Vendor.People[People[2]], var nothing) = (new Dictionary<string, string> { [Town] = "\"Rome\"", [Nick] = "\"new\"" }, "");
        var run = await PlanAsync(Attributes(Town, Nick));
        await DeliverAsync();
        var sent = Vendor.Written.SelectMany(batch => batch.Items).ToDictionary(item => item.Key, item => string.Join(',', item.Fields.Select(field => field.Name).Order()));
        Assert.That(sent, Is.EquivalentTo(new Dictionary<string, string> { [People[0]] = Nick, [People[1]] = $"{Nick},{Town}" }), nothing);
        Assert.That(await OutcomeAsync(run, 2), Is.EqualTo((LedgerOutcome.Unchanged, nothing)).Or.EqualTo((LedgerOutcome.Unchanged, (string?)null)));
    }

    [Test]
    public async Task Should_commit_what_was_there_before_it_writes_over_it()
    {
        Knows(0);
        Vendor.People[People[0]].Remove(Nick);
        BeforeImage? seen = null;
        var run = await PlanAsync(Attributes(Town, Nick));
        Vendor.BeforeWrite = async _ => seen = await ImageAsync(run, 0);
        await DeliverAsync();
        Assert.That(seen, Is.Not.Null, "another connection sees it while the call is on its way");
        Assert.That((seen!.Fields[Town], seen.Fields[Nick], seen.Existed), Is.EqualTo((new[] { "\"Paris\"" }, Array.Empty<string>(), true)), "no value is not the value null");
    }

    [Test]
    public async Task Should_create_nobody_where_the_destination_never_does_however_loud_it_is()
    {
        Knows(0);
        await Destination.DisposeAsync();
        Destination = Acme.Destination(Vendor, name: Name, change: written => written with { Create = Hub.Configuration.CreationRule.Never });
        await PlanAsync(Attributes(Town) with { Loud = true });
        await DeliverAsync();
        Assert.That(Vendor.People.Keys, Is.EqualTo(new[] { People[0] }));
        Assert.That((Shows(0).Town, Vendor.Written.All(batch => batch.UpdateOnly)), Is.EqualTo(("Rome", true)));
        Assert.That(Vendor.Written.SelectMany(batch => batch.Items).Select(item => item.Key), Is.EqualTo(new[] { People[0] }), "nothing is sent of whoever is not there");
    }

    /// <summary>The process died between the write and its settlement, and the vendor shows the new value, or still the old one.</summary>
    [TestCase("Rome")]
    [TestCase("Paris")]
    public async Task Should_keep_what_was_there_first_however_often_it_is_repeated(string shown)
    {
        Knows(0);
        var run = await PlanAsync(Attributes(Town));
        await DeliverInVainAsync();
        Vendor.Set(People[0], Town, shown);
        await DeliverAsync();
        Assert.That((await ImageAsync(run, 0))!.Fields[Town], Is.EqualTo(new[] { "\"Paris\"" }));
        await EndAsync(run);
        await RollBackAsync(run);
        Assert.That(Shows(0).Town, Is.EqualTo("Paris"));
    }

    /// <summary>The process died after it had noted what was there, or after the write, and somebody wrote before the next attempt: that is what the run writes over.</summary>
    [TestCase(false)]
    [TestCase(true)]
    public async Task Should_restore_what_somebody_wrote_between_two_attempts(bool isCreated)
    {
        if (!isCreated)
        {
            Knows(0);
        }

        var run = await PlanAsync(Attributes(Town) with { Loud = isCreated });
        await DeliverInVainAsync();
        Vendor.Set(People[0], Town, "Oslo");
        await DeliverAsync();
        Assert.That((Shows(0).Town, (await ImageAsync(run, 0))!.Fields[Town][0]), Is.EqualTo(("Rome", "\"Oslo\"")));
        await EndAsync(run);
        await RollBackAsync(run);
        Assert.That(Shows(0).Town, Is.EqualTo("Oslo"));
    }

    /// <summary>The person moved twice while the run was repeated: what an attempt wrote is the run's own, though a later one wants something else.</summary>
    [Test]
    public async Task Should_not_take_what_an_earlier_attempt_wrote_for_what_was_there_before()
    {
        Knows(0);
        var run = await PlanAsync(Attributes(Town));
        await DeliverInVainAsync();
        await AppendAsync(Profile(People[0], """{ "city": "Bern" }""", 5));
        await DeliverInVainAsync();
        Vendor.Set(People[0], Town, "Rome"); // the second attempt did not reach the vendor
        await DeliverAsync();
        Assert.That((Shows(0).Town, (await ImageAsync(run, 0))!.Fields[Town][0]), Is.EqualTo(("Bern", "\"Paris\"")));
        await EndAsync(run);
        Vendor.Set(People[0], Town, "Rome"); // a call of before that came late
        await RollBackAsync(run);
        Assert.That(Shows(0).Town, Is.EqualTo("Paris"));
    }

    [Test]
    public async Task Should_take_back_only_what_nobody_changed_since_field_by_field()
    {
        Knows(0, 1, 2);
        Vendor.People[People[1]].Remove(Nick);
        var run = await PlanAsync(Attributes(Town, Nick));
        await DeliverAsync();
        await EndAsync(run);
        Assert.That(Enumerable.Range(0, 3).Select(Shows), Is.All.EqualTo(("Rome", "new")));
        Vendor.Set(People[0], Town, "Oslo");
        Vendor.Set(People[2], Town, "Oslo");
        Vendor.Set(People[2], Nick, "mine");
        var back = await RollBackAsync(run);
        Assert.That((Shows(0), Shows(1), Shows(2)), Is.EqualTo((("Oslo", "old"), ("Paris", (string?)null), ("Oslo", "mine"))));
        Assert.That(await OutcomeAsync(back, 0), Is.EqualTo((LedgerOutcome.Delivered, "changed_since")));
        Assert.That(await OutcomeAsync(back, 2), Is.EqualTo((LedgerOutcome.Unchanged, "changed_since")));
    }

    /// <summary>No vendor takes a property out of an object again; what stood in it before is written back.</summary>
    [Test]
    public async Task Should_leave_a_property_that_was_not_there_before_and_take_back_the_rest()
    {
        const string part = "$.names.nick", day = "$.names.since";
        await Destination.DisposeAsync();
        Destination = Acme.Destination(Vendor, name: Name, extra:
        [
            new FieldMapping { From = "nickname", To = part, Type = MappedType.Text, Classification = FieldClassification.Personal },
            new FieldMapping { From = "since", To = day, Type = MappedType.Date, Formats = ["yyyy-MM-dd"], Classification = FieldClassification.Personal },
        ]);
        await AppendAsync([.. People.Select(person => Profile(person, """{ "since": "2026-11-28" }""", 1))]);
        Knows(0, 1);
        Vendor.Set(People[1], part, "old");
        Vendor.Set(People[1], day, "1980-01-01");
        var run = await PlanAsync(Attributes(Town, part, day));
        await DeliverAsync();
        await EndAsync(run);
        Assert.That((Vendor.Value(People[0], part), Vendor.Value(People[1], part), Vendor.Value(People[1], day)), Is.EqualTo(("new", "new", "2026-11-28")));
        var back = await RollBackAsync(run);
        Assert.That((Shows(0).Town, Vendor.Value(People[0], part)), Is.EqualTo(("Paris", "new")));
        Assert.That((Shows(1).Town, Vendor.Value(People[1], part)), Is.EqualTo(("Paris", "old")));
        Assert.That(Vendor.Written[^1].Items.Concat(Vendor.Written[^2].Items).SelectMany(item => item.Fields).Where(field => field.Name == day).Select(field => field.Value), Has.Member(FieldValue.Of(new DateOnly(1980, 1, 1))), "a day within an object is written as one");
        Assert.That(await OutcomeAsync(back, 0), Is.EqualTo((LedgerOutcome.Delivered, "not_clearable")));
        Assert.That(await OutcomeAsync(back, 1), Is.EqualTo((LedgerOutcome.Delivered, (string?)null)));
    }

    /// <summary>What is taken back is what stood there, whatever the mapping makes of the person by now.</summary>
    [Test]
    public async Task Should_take_back_of_somebody_who_can_no_longer_be_mapped()
    {
        Knows(0);
        var run = await PlanAsync(Attributes(Town));
        await DeliverAsync();
        await EndAsync(run);
        await AppendAsync(Profile(People[0], """{ "city": ["Rome", "Bern"], "nickname": "new" }""", 5));
        var back = await RollBackAsync(run);
        Assert.That(Shows(0).Town, Is.EqualTo("Paris"));
        Assert.That(await OutcomeAsync(back, 0), Is.EqualTo((LedgerOutcome.Delivered, (string?)null)));
    }

    /// <summary>A second run wrote the same field to the same value as the first: what the first found is not what the second found.</summary>
    [Test]
    public async Task Should_leave_what_another_run_wrote_since()
    {
        Knows(0);
        var first = await PlanAsync(Attributes(Town));
        await DeliverAsync();
        await EndAsync(first);
        await AppendAsync(Profile(People[0], """{ "city": "Bern", "nickname": "new" }""", 5));
        var second = await PlanAsync(Attributes(Town));
        await DeliverAsync();
        await EndAsync(second);
        await RollBackAsync(first);
        Assert.That(Shows(0).Town, Is.EqualTo("Bern"));
        await RollBackAsync(second);
        Assert.That(Shows(0).Town, Is.EqualTo("Rome"));
    }

    [Test]
    public async Task Should_create_people_and_write_whole_when_it_is_loud()
    {
        Knows(0);
        Vendor.Set(People[0], Nick, "new");
        var run = await PlanAsync(Attributes(Town, Nick) with { Loud = true });
        await DeliverAsync();
        Assert.That(Enumerable.Range(0, 3).Select(Shows), Is.All.EqualTo(("Rome", "new")));
        Assert.That(Vendor.Written, Is.Not.Empty.And.All.Property(nameof(Batch.UpdateOnly)).False);
        Assert.That(Vendor.Written.SelectMany(batch => batch.Items).Select(item => item.Fields.Count), Is.All.EqualTo(2), "as a sync writes");
        Assert.That((await ImageAsync(run, 1))!.Existed, Is.False);
        await EndAsync(run);
        var back = await RollBackAsync(run);
        Assert.That((Shows(0), Shows(1)), Is.EqualTo((("Paris", "new"), ("Rome", "new"))), "whom it created it leaves");
        Assert.That((await OutcomeAsync(back, 0)).Outcome, Is.EqualTo(LedgerOutcome.Delivered));
        Assert.That(await OutcomeAsync(back, 1), Is.EqualTo(((string?)null, (string?)null)), "and does not count");
    }

    [Test]
    public async Task Should_not_begin_another_batch_once_it_is_held()
    {
        Knows(0, 1, 2);
        var run = await PlanAsync(Attributes(Town) with { Rate = "10/s" });
        Vendor.BeforeWrite = _ => MoveAsync(run, RunState.Paused);
        await DeliverAsync();
        Assert.That(Vendor.Written, Has.Count.EqualTo(1), "what is under way is finished");
        Vendor.BeforeWrite = _ => Task.CompletedTask;
        await MoveAsync(run, RunState.Delivering);
        await DeliverAsync();
        Assert.That(Enumerable.Range(0, 3).Select(person => Shows(person).Town), Is.All.EqualTo("Rome"));
    }

    [Test]
    public async Task Should_not_begin_another_batch_once_its_window_is_closed()
    {
        Knows(0, 1, 2);
        var run = await PlanAsync(Attributes(Town), (DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1)));
        Vendor.BeforeWrite = _ => SetWindowAsync(run, TimeSpan.FromHours(1), TimeSpan.FromHours(2));
        await DeliverAsync();
        Assert.That(Vendor.Written, Has.Count.EqualTo(1), "what is under way is finished");
        await SetWindowAsync(run, TimeSpan.FromHours(-1), TimeSpan.FromHours(1));
        Vendor.BeforeWrite = _ => Task.CompletedTask;
        await DeliverAsync();
        Assert.That(Enumerable.Range(0, 3).Select(person => Shows(person).Town), Is.All.EqualTo("Rome"));
    }

    private Task<BeforeImage?> ImageAsync(Guid run, int person) => ReadAsync(async db =>
    {
        var id = (await BeforeImages.ReadWrittenAsync(db, run, Name, 0, 10, CancellationToken.None)).FirstOrDefault(written => written.ExternalId == People[person])?.ProfileId
            ?? await ProfileIdAsync(db, person);
        return (await BeforeImages.FindAsync(db, run, Name, [id], CancellationToken.None)).GetValueOrDefault(id);
    });

    private async Task<long> ProfileIdAsync(HubDbContext db, int person)
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return (long)(await session.ScalarAsync("SELECT profile_id FROM profiles WHERE external_id = @person", CancellationToken.None, ("person", People[person])))!;
    }

    /// <summary>The vendor applies what it is sent, and its answer is lost; the next attempt is due.</summary>
    private async Task DeliverInVainAsync()
    {
        var answer = Vendor.Answer;
        Options.FirstRetryDelay = TimeSpan.FromMinutes(1);
        Vendor.Answer = batch => new Receipt { Outcomes = [.. batch.Items.Select(item => AcmeConnector.Told(item, Outcome.RetryLater))] };
        await DeliverAsync();
        Vendor.Answer = answer;
        Clock.Now += TimeSpan.FromHours(1);
    }

    private Task EndAsync(Guid run) => MoveAsync(run, RunState.Completed);

    private async Task<Guid> RollBackAsync(Guid run)
    {
        var back = await PlanAsync(new BackfillScope(BackfillKind.Rollback, RollsBack: run));
        await DeliverAsync();
        return back;
    }
}
