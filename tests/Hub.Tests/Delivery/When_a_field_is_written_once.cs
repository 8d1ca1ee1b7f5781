using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Reconciliations;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary><c>mutability: write_once</c> of a field: what a person was once given there is given to them never again, and what nobody knows of is not written over.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_field_is_written_once(StorageDatabase database) : DrainFixture(database)
{
    private static readonly FieldMapping[] _extra =
    [
        new() { From = "code", To = "code", Type = MappedType.Text, Mutability = FieldMutability.WriteOnce, Classification = FieldClassification.Personal },
    ];

    [SetUp]
    public async Task Write_a_field_once()
    {
        await Destination.DisposeAsync();
        Destination = Acme.Destination(Vendor, name: Name, audience: Audience, extra: _extra, live: true, time: Clock);
        await WriteAsync(db => Ledger.RouteLiveAsync(db, [new AudienceRoute(Audience, Name)], partitions: 1, CancellationToken.None));
        await AppendAsync([.. People.Select(person => Profile(person, """{"city":"Bonn","code":"A"}""", 1))]);
    }

    [Test]
    public async Task Should_be_left_out_of_everything_that_follows()
    {
        await DrainAsync();
        Assert.That(Written, Is.EqualTo(new[] { "town=Bonn code=A" }));
        Assert.That(await MarksAsync("written_at IS NOT NULL AND offered_hash IS NULL"), Is.EqualTo(3));

        await TellAsync(2, """{"city":"Ulm","code":"B"}""");
        Assert.That(Written, Is.EqualTo(new[] { "town=Bonn code=A", "town=Ulm" }));
        Assert.That(await MarksAsync("written_at IS NOT NULL"), Is.EqualTo(3));

        await TellAsync(3, """{"code":null}""");
        await TellAsync(4, """{"code":"C","city":"Bern"}""");
        Assert.That(Written[^1], Is.EqualTo("town=Bern"), "taken away and given anew");
    }

    /// <summary>The vendor's answer decides, not the hub's guess: a call that nobody answered may have written the one value, and nothing but that.</summary>
    [Test]
    public async Task Should_be_sent_again_with_the_same_value_alone_while_nobody_knows()
    {
        Options.FirstRetryDelay = TimeSpan.FromMinutes(1);
        Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.RetryLater, "timeout"));
        await DrainAsync();
        Assert.That(await MarksAsync("written_at IS NULL AND offered_hash IS NOT NULL"), Is.EqualTo(3));

        Vendor.Delivered.Clear();
        Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.Delivered));
        await AppendAsync(Profile(People[1], """{"code":"B"}""", 2));
        Clock.Now += TimeSpan.FromHours(1);
        await DrainAsync();
        Assert.That(
            Vendor.Delivered.SelectMany(batch => batch.Items).Select(item => (Array.IndexOf(People, item.Key), string.Join(' ', item.Fields.Select(field => $"{field.Name}={field.Value}")))).Order(),
            Is.EqualTo(new[] { (0, "town=Bonn code=A"), (1, "town=Bonn"), (2, "town=Bonn code=A") }));
        Assert.That((await OutcomeAsync(People[1]), await OutcomeAsync(People[2])), Is.EqualTo(((LedgerOutcome.Delivered, OnceFields.InDoubt), (LedgerOutcome.Delivered, (string?)null))));
        Assert.That((await MarksAsync("written_at IS NOT NULL"), await MarksAsync("offered_hash IS NOT NULL")), Is.EqualTo((2L, 1L)));
    }

    /// <summary>The hub that made the call is gone, and nobody ever settles it.</summary>
    [Test]
    public async Task Should_be_in_doubt_when_its_hub_died_before_it_settled()
    {
        var once = new OnceFields(Transactions);
        var (first, _) = await once.OfferAsync(Destination, await BatchAsync("A"), CancellationToken.None);
        var (again, _) = await once.OfferAsync(Destination, await BatchAsync("A"), CancellationToken.None);
        var (other, settled) = await once.OfferAsync(Destination, await BatchAsync("B"), CancellationToken.None);
        Assert.Multiple(() =>
        {
            Assert.That(first.Records.Single().Offered, Is.EqualTo(new[] { new OfferedField("code", IsFirst: true) }));
            Assert.That(again.Records.Single().Offered, Is.EqualTo(new[] { new OfferedField("code", IsFirst: false) }));
            Assert.That((other.Records.Count, settled.Single().Outcome, settled[0].Code), Is.EqualTo((0, LedgerOutcome.Unchanged, OnceFields.InDoubt)), "nothing is left of it");
        });
    }

    /// <summary>Somebody has looked there: what was not written is written with the next record, which is owed; what was written stays as it is.</summary>
    [TestCase(false, "town=Bonn code=B", 0)]
    [TestCase(true, null, 1)]
    public async Task Should_be_what_somebody_saw_at_the_vendor(bool isWritten, string? sent, int marks)
    {
        Options.FirstRetryDelay = TimeSpan.FromMinutes(1);
        Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.RetryLater, "timeout"));
        await DrainAsync();
        await AppendAsync([.. People.Select(person => Profile(person, """{"code":"B"}""", 2))]);
        Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.Delivered));
        Clock.Now += TimeSpan.FromHours(1);
        await DrainAsync();
        await DrainAsync(Lane.Live);
        Vendor.Delivered.Clear();

        var profiles = new List<long>();
        foreach (var person in People)
        {
            profiles.Add(await CountAsync($"SELECT profile_id FROM profiles WHERE external_id = '{person}'"));
        }

        Assert.That(await SettleAsync(profiles, isWritten), Is.True);
        Assert.That((await MarksAsync("written_at IS NOT NULL"), await MarksAsync("written_at IS NULL")), Is.EqualTo((marks * 3L, 0L)));
        Assert.That(await SettleAsync(profiles, isWritten), Is.False, "nobody doubts it any more");
        await DrainAsync(Lane.Live);
        Assert.That(Written, Is.EqualTo(sent is null ? [] : new[] { sent }));
        Assert.That(await MarksAsync("written_at IS NOT NULL"), Is.EqualTo(3));
    }

    [Test]
    public async Task Should_not_be_settled_where_the_vendor_confirmed_it()
    {
        await DrainAsync();
        var profile = await CountAsync($"SELECT profile_id FROM profiles WHERE external_id = '{People[0]}'");
        Assert.That((await SettleAsync([profile], isWritten: false), await MarksAsync("written_at IS NOT NULL")), Is.EqualTo((false, 3L)));
    }

    [TestCase(Outcome.Rejected, null)]
    [TestCase(Outcome.NotSent, DestinationTrouble.Throttled)]
    public async Task Should_not_be_taken_for_written_after_a_clear_no(Outcome outcome, DestinationTrouble? trouble)
    {
        Vendor.Deliver = batch => Task.FromResult(Told(batch, outcome, "no") with { Condition = trouble is { } met ? new DestinationCondition(met, "busy") : null });
        await DrainAsync();
        Assert.That((Vendor.Delivered.Count, await MarksAsync("true")), Is.EqualTo((1, 0L)));
    }

    [Test]
    public async Task Should_stay_in_doubt_after_a_no_that_says_nothing_of_an_earlier_call()
    {
        await new OnceFields(Transactions).OfferAsync(Destination, await BatchAsync("A"), CancellationToken.None);
        Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.Rejected, "no"));
        await DrainAsync();
        Assert.That(await MarksAsync("written_at IS NULL AND offered_hash IS NOT NULL"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_be_no_difference_for_a_comparison()
    {
        var mapped = Destination.Mapping.Map(new ProfileView("p1", null, null, """{"city":"Bonn","code":"A"}"""));
        var person = new PersonToCompare(1, 1, "r1", "p1", null, null, """{"city":"Bonn","code":"A"}""", "{}", mapped.ContentHash, true, true);
        var found = FieldDifferences.Of(Destination, FieldDifferences.Expected(Destination, [person]), [new RemoteProfile("p1", "r1", new Dictionary<string, string> { ["town"] = "\"Ulm\"", ["code"] = "\"Z\"" })]);
        Assert.That(found.Findings.Select(each => each.Finding.Field), Is.EqualTo(new[] { "town" }));
        await DrainAsync();
    }

    [Test]
    public async Task Should_cost_nothing_where_no_field_is()
    {
        await Destination.DisposeAsync();
        Destination = Acme.Destination(Vendor, name: Name, audience: Audience);
        await DrainAsync();
        Assert.That((Vendor.Delivered.Count, await MarksAsync("true")), Is.EqualTo((1, 0L)));
    }

    /// <summary>What was sent, batch by batch, the same for all people of a batch.</summary>
    private List<string> Written => [.. Vendor.Delivered.Select(batch => batch.Items.Select(item => string.Join(' ', item.Fields.Select(one => $"{one.Name}={one.Value}"))).Distinct().Single())];

    private async Task TellAsync(int minute, string attributes)
    {
        await AppendAsync([.. People.Select(person => Profile(person, attributes, minute))]);
        await DrainAsync(Lane.Live);
    }

    private Task<bool> SettleAsync(IReadOnlyCollection<long> profiles, bool isWritten) =>
        Transactions.RunAsync((db, _) => DoubtfulFields.SettleAsync(db, Name, profiles, "code", isWritten, Clock.Now, CancellationToken.None), CancellationToken.None);

    private Task<long> MarksAsync(string condition) => CountAsync($"SELECT count(*) FROM written_fields WHERE destination = '{Name}' AND field = 'code' AND {condition}");

    private async Task<PreparedBatch> BatchAsync(string code)
    {
        var profile = await CountAsync($"SELECT profile_id FROM profiles WHERE external_id = '{People[0]}'");
        var delivery = new ClaimedDelivery { DeliveryId = 1, RunId = Run, Audience = "", Operation = Operation.UpsertProfile, Attempt = 0, ProfileId = profile, AttributesJson = "", ConsentJson = "{}", ProfileVersion = 1 };
        return new PreparedBatch(Operation.UpsertProfile, "", [new PreparedRecord(delivery, new BatchItem { RecordId = 1, Key = People[0], Fields = [new Field("code", FieldValue.Of(code))] }, Guid.Empty, null)]);
    }
}
