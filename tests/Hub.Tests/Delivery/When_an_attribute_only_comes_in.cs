using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>What only comes in from a destination is written there by no run and no live delivery, whatever a mapping names and however such a version came into force.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_attribute_only_comes_in(StorageDatabase database) : DrainFixture(database)
{
    [TestCase(Direction.In, "nick=Ann")]
    [TestCase(Direction.Out, "town=Bonn nick=Ann")]
    [TestCase(null, "town=Bonn nick=Ann")]
    public async Task Should_be_written_where_it_may_go_out(object? direction, string written)
    {
        await Destination.DisposeAsync();
        var rules = new OwnershipRules(new Dictionary<string, AttributeOwnership> { ["city"] = new("crm", ConflictRule.Newest) { Directions = Directions.Unsaid with { Everywhere = (Direction?)direction } } });
        Destination = Acme.Destination(
            Vendor, name: Name, audience: Audience, live: true, ownership: rules,
            extra: [new FieldMapping { From = "nickname", To = "nick", Type = MappedType.Text, Classification = FieldClassification.Personal }]);
        await WriteAsync(db => Ledger.RouteLiveAsync(db, [new AudienceRoute(Audience, Name)], partitions: 1, CancellationToken.None));
        await AppendAsync([.. People.Select(person => Profile(person, """{"city":"Bonn","nickname":"Ann"}""", 1))]);
        await DrainAsync();
        await AppendAsync([.. People.Select(person => Profile(person, """{"city":"Bonn","nickname":"Eve"}""", 2))]);
        await DrainAsync(Lane.Live);
        Assert.That(Written, Is.EqualTo(new[] { written, written.Replace("Ann", "Eve", StringComparison.Ordinal) }));
    }

    private List<string> Written => [.. Vendor.Delivered.Select(batch => batch.Items.Select(item => string.Join(' ', item.Fields.Select(one => $"{one.Name}={one.Value}"))).Distinct().Single())];
}
