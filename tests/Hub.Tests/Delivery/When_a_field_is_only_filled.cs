using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Hub.Tests.Backfills;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Reconciliations;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary><c>mutability: fill_empty</c> of a field: what the vendor has there stays, and everything else of the record is written.</summary>
public sealed class When_a_field_is_only_filled() : DrainFixture(StorageDatabase.Sqlite)
{
    private static readonly FieldMapping[] _extra =
    [
        new() { From = "title", To = "title", Type = MappedType.Text, Mutability = FieldMutability.FillEmpty, Classification = FieldClassification.Personal },
    ];

    private RememberingVendor _vendor = null!;

    [SetUp]
    public async Task Only_fill_a_field()
    {
        await Destination.DisposeAsync();
        _vendor = new RememberingVendor();
        Destination = Acme.Destination(_vendor, name: Name, audience: Audience, extra: _extra);
        foreach (var person in People)
        {
            await AppendAsync(Profile(person, """{"city":"Bonn","title":"Dr"}""", 1));
        }
    }

    [Test]
    public async Task Should_write_it_where_the_vendor_has_nothing()
    {
        _vendor.Set(People[0], "title", "Prof");
        _vendor.Set(People[1], "town", "Paris");
        _vendor.Set(People[1], "title", "");
        await DrainAsync();
        Assert.That(People.Select(person => (_vendor.Value(person, "town"), _vendor.Value(person, "title"))), Is.EqualTo(new[] { ("Bonn", "Prof"), ("Bonn", "Dr"), ("Bonn", "Dr") }));
        Assert.That(await OutcomeAsync(People[0]), Is.EqualTo((LedgerOutcome.Delivered, EmptyFields.Filled)));
        Assert.That(await OutcomeAsync(People[1]), Is.EqualTo((LedgerOutcome.Delivered, (string?)null)));
        Assert.That((await RunAsync(Run)).Counts.Balances, Is.True);
    }

    /// <summary>What nobody can look at is not written over, and is not in the way of others.</summary>
    [Test]
    public async Task Should_refuse_whom_the_vendor_cannot_be_asked_for()
    {
        _vendor.Unaskable.Add(People[0]);
        await DrainAsync();
        Assert.That(await OutcomeAsync(People[0]), Is.EqualTo((LedgerOutcome.Rejected, ReasonCode.KeyNotSearchable)));
        Assert.That(await OutcomeAsync(People[1]), Is.EqualTo((LedgerOutcome.Delivered, (string?)null)));
        Assert.That(_vendor.Value(People[0], "title"), Is.Null);
    }

    [Test]
    public void Should_send_nothing_of_whom_nothing_is_left()
    {
        var (batch, settled) = EmptyFields.Split(Destination, Batch(new Field("title", FieldValue.Of("Dr"))), _ => [Shown("title", "\"Prof\"")]);
        Assert.That((batch.Records.Count, settled.Single().Outcome, settled[0].Code, settled[0].ConfirmedHash), Is.EqualTo((0, LedgerOutcome.Unchanged, EmptyFields.Filled, (Guid?)Guid.Empty)));
    }

    [Test]
    public void Should_take_nothing_away()
    {
        var (batch, _) = EmptyFields.Split(Destination, Batch(new Field("title", FieldValue.Null), new Field("town", FieldValue.Null)), _ => [Shown("title", "\"Prof\"")]);
        Assert.That((batch.Records.Single().Item.Fields.Select(field => field.Name).Single(), batch.Records.Single().Note), Is.EqualTo(("town", (string?)null)));
    }

    [Test]
    public void Should_be_no_difference_for_a_comparison()
    {
        var hash = Destination.Mapping.Map(new ProfileView("p1", null, null, """{"city":"Bonn","title":"Dr"}""")).ContentHash;
        var person = new PersonToCompare(1, 1, "r1", "p1", null, null, """{"city":"Bonn","title":"Dr"}""", "{}", hash, true, true);
        var found = FieldDifferences.Of(Destination, FieldDifferences.Expected(Destination, [person]), [new RemoteProfile("p1", "r1", new Dictionary<string, string> { ["town"] = "\"Ulm\"", ["title"] = "\"Prof\"" })]);
        Assert.That(found.Findings.Select(each => each.Finding.Field), Is.EqualTo(new[] { "town" }));
    }

    private static PreparedBatch Batch(params Field[] fields) => new(Operation.UpsertProfile, "",
        [new PreparedRecord(new ClaimedDelivery { DeliveryId = 1, RunId = Guid.Empty, Audience = "", Operation = Operation.UpsertProfile, Attempt = 0, ProfileId = 1, AttributesJson = "", ConsentJson = "{}", ProfileVersion = 1 }, new BatchItem { RecordId = 1, Key = "p1", Fields = fields }, Guid.Empty, null)]);

    private static RemoteProfile Shown(string field, string json) => new("p1", "r1", new Dictionary<string, string> { [field] = json });
}
