using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Ownership;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Watch;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A truth value that goes back and forth costs no call for each time; what it is once it has stood still is written, whichever hub is there then.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_truth_value_goes_back_and_forth(StorageDatabase database) : DrainFixture(database)
{
    private static readonly FlappingRule _third = new(3, TimeSpan.FromHours(1));

    private static readonly OwnershipRules _ownership = new(new Dictionary<string, AttributeOwnership> { ["vip"] = new("crm", ConflictRule.Newest) { Flapping = _third } });

    private DateTimeOffset _start;

    [SetUp]
    public async Task Tell_changes_as_they_happen()
    {
        _start = new DateTimeOffset(Clock.Now.UtcTicks - (Clock.Now.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        await Destination.DisposeAsync();
        Destination = Acme.Destination(
            Vendor, name: Name, audience: Audience, live: true, ownership: _ownership, time: Clock,
            extra: [new FieldMapping { From = "vip", To = "vip", Type = MappedType.Boolean, Classification = FieldClassification.Personal }]);
        await WriteAsync(db => Ledger.RouteLiveAsync(db, [new AudienceRoute(Audience, Name)], partitions: 1, CancellationToken.None));
        await DrainAsync();
        await TellAsync(0, """{"vip":true,"city":"Bonn"}""");
        Vendor.Delivered.Clear();
    }

    protected override void AddServices(IServiceCollection services) => base.AddServices(services.AddSingleton(_ownership.InLedger));

    [Test]
    public async Task Should_be_held_from_the_change_that_is_one_too_many_and_written_when_it_has_stood_still()
    {
        foreach (var minute in Enumerable.Range(1, 7))
        {
            await TellAsync(minute, minute % 2 == 1 ? """{"vip":false}""" : """{"vip":true}""");
        }

        Assert.That(Calls, Is.EqualTo(new[] { "vip=False", "vip=True" }), "the third change and all after it are held");
        Assert.That(await CountAsync($"SELECT count(*) FROM deliveries WHERE destination = '{Name}' AND last_code = 'value_flapping'"), Is.EqualTo(1), "one waits");
        var waiting = (await ReadAsync(db => Situations.ReadAsync(db, Clock.Now, CancellationToken.None))).Pending.Single(work => work.Destination == Name && work.Lane == Lane.Live);
        Assert.That((waiting.Due, waiting.LastCode, waiting.NextAt), Is.EqualTo((0L, (string?)null, _start.AddMinutes(67))), "nobody takes it for what a vendor refused");

        await DrainAtAsync(66.9);
        Assert.That(Calls, Has.Count.EqualTo(2));
        await DrainAtAsync(67);
        Assert.That(Calls, Has.Count.EqualTo(3));
        Assert.That(Calls[^1], Is.EqualTo("vip=False"), "the last one");
        Assert.That(await CountRowsAsync("deliveries", LiveStream.IdOf(Name, Lane.Live)), Is.Zero);
        await TellAsync(68, """{"vip":true}""");
        Assert.That(Calls[^1], Is.EqualTo("vip=True"), "an unrest of its own");
    }

    [Test]
    public async Task Should_keep_nothing_else_from_being_written()
    {
        await FlapAsync();
        await TellAsync(4, """{"city":"Ulm"}""");
        Assert.That(Vendor.Delivered[^1].Items.Single().Fields.Select(field => $"{field.Name}={Text(field)}"), Is.EqualTo(new[] { "town=Ulm", "vip=True" }), "with what the destination has");
        await TellAsync(5, """{"vip":true}""");
        Assert.That(Vendor.Delivered, Has.Count.EqualTo(3), "held still");
        await DrainAtAsync(66);
        Assert.That(Vendor.Delivered, Has.Count.EqualTo(3), "it came to rest where it was");
        Assert.That(await CountRowsAsync("deliveries", LiveStream.IdOf(Name, Lane.Live)), Is.Zero);
    }

    [Test]
    public async Task Should_be_left_in_peace_by_whoever_clears_it_or_waits_long_enough()
    {
        await FlapAsync();
        await TellAsync(4, """{"vip":null}""");
        Assert.That(Calls, Has.Count.EqualTo(3), "it is no truth value any more");
        foreach (var hour in Enumerable.Range(1, 5))
        {
            await TellAsync(hour * 61, hour % 2 == 1 ? """{"vip":false}""" : """{"vip":true}""");
        }

        Assert.That(Calls, Has.Count.EqualTo(8), "each of them stood still before");
        Assert.That(await TextAsync("SELECT attributes_at FROM profiles WHERE external_id = @id", ("id", People[0])), Does.Not.Contain("$flips:vip\":2"));
    }

    [Test]
    public async Task Should_be_written_by_a_run_as_it_stands()
    {
        await FlapAsync();
        var claimed = (await ReadAsync(db => Deliveries.ClaimAsync(db, new Lease(Name, Lane.Live, 0, "one", 1), Clock.Now.AddDays(1), 10, CancellationToken.None))).Single();
        Assert.That(claimed.TimesJson, Does.Contain("$flip:vip"));
        var live = IntegrationHub.Hub.Delivery.ClaimPreparation.For(Destination, [claimed], at: Clock.Now);
        var ofRun = IntegrationHub.Hub.Delivery.ClaimPreparation.For(Destination, [claimed with { State = null, Operation = Operation.UpsertProfile }], at: Clock.Now);
        Assert.That((live.Batches.Count, live.Settled.Single().Code), Is.EqualTo((0, FlappingRule.Held)));
        Assert.That(ofRun.Batches.Single().Records.Single().Item.Fields.Single(field => field.Name == "vip").Value.Boolean, Is.False);
    }

    [Test]
    public void Should_see_a_person_in_every_way_that_the_destination_may_have_them()
    {
        const string Times = """{"$unrest:a":1,"$flip:a":2,"$flips:a":3,"$unrest:b":1,"$flip:b":2,"$flips:b":4,"$flip:c":2,"$flips:c":2}""";
        var rules = new[] { "a", "b", "c" }.ToDictionary(name => name, _ => _third);
        const string Person = """{"a":true,"b":true,"c":true,"d":1}""";
        var held = HeldValues.Of(rules, Person, Times, DateTimeOffset.FromUnixTimeMilliseconds(3));
        Assert.That(held.Told(Person), Is.EqualTo("""{"a":false,"b":true,"c":true,"d":1}"""));
        Assert.That(held.Either(Person).Distinct().Count(), Is.EqualTo(4));
        Assert.That(HeldValues.Of(rules, Person, Times, DateTimeOffset.FromUnixTimeMilliseconds(2) + _third.Within), Is.SameAs(HeldValues.None), "it has stood still");
    }

    /// <summary>A hub of the version before carries the marks along, and so do people who become one.</summary>
    [Test]
    public void Should_be_no_value_of_the_person()
    {
        var marked = new ProfileContent(null, null, """{"vip":true}""", """{"$unrest:vip":1,"$flip:vip":2,"$flips:vip":3,"$said:acme":4,"$upto:acme":5}""", _start);
        var folded = ProfileMerge.Fold([marked, new ProfileContent(null, null, """{"city":"Bonn"}""", "{}", _start)], _ownership.InLedger);
        Assert.That((ProfileMarks.UnrestOf(folded.AttributesAtJson), ProfileMarks.WordOf(folded.AttributesAtJson)), Is.EqualTo((new Dictionary<string, Unrest>(), (VendorsWord?)null)));
        Assert.That(ProfileMarks.UnrestOf(ProfileMerge.Merge(marked, new ProfileStatement(null, null, """{"city":"Bonn"}""", _start), _ownership.InLedger).Content.AttributesAtJson)["vip"], Is.EqualTo(new Unrest(1, 2, 3)));
    }

    private IReadOnlyList<string> Calls => [.. Vendor.Delivered.Select(batch => $"vip={Text(batch.Items.Single().Fields.SingleOrDefault(one => one.Name == "vip"))}")];

    private static string? Text(Field field) => field.Value.Kind switch
    {
        FieldKind.Boolean => field.Value.Boolean.ToString(),
        FieldKind.Text => field.Value.Text,
        _ => null,
    };

    private async Task FlapAsync()
    {
        await TellAsync(1, """{"vip":false}""");
        await TellAsync(2, """{"vip":true}""");
        await TellAsync(3, """{"vip":false}""");
        Assert.That(Calls, Is.EqualTo(new[] { "vip=False", "vip=True" }));
    }

    /// <summary>Something is stated, and a hub that knows nothing of before works on what is owed.</summary>
    private async Task TellAsync(int minute, string attributes)
    {
        await AppendAsync(Profile(People[0], attributes) with { OccurredAt = _start.AddMinutes(minute) });
        await DrainAtAsync(minute);
    }

    private async Task DrainAtAsync(double minute)
    {
        Clock.Now = _start.AddMinutes(minute);
        await DrainAsync(Lane.Live);
    }
}
