using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Fields;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Fields;
using IntegrationHub.Storage.Watch;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Fields;

/// <summary>A look keeps what is otherwise than it was, and only that; what a mapping writes is told before a delivery meets it.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_vendor_changes_its_fields(StorageDatabase database) : DeliveryFixture(database)
{
    private static readonly VendorField _town = new("town", "string") { Length = 255 };
    private static readonly VendorField _other = new("other", "string");

    private AcmeConnector _vendor = null!;
    private Destination _destination = null!;

    [SetUp]
    public void Connect() => (_vendor, _destination, Clock.Now) = (new AcmeConnector(), null!, Noon);

    [TearDown]
    public async Task Disconnect() => await _destination.DisposeAsync();

    [Test]
    public async Task Should_keep_what_changed_and_nothing_else()
    {
        Assert.That(await LookAsync(0, _town, _other), Is.EqualTo(new FieldNews(true, 2, 0, 0)));
        Assert.That(await LookAsync(1, _other, _town), Is.EqualTo(new FieldNews(false, 0, 0, 0)));
        Assert.That(await LookAsync(2, _town with { Type = "number", Length = null }, _other, new VendorField("new", "date")), Is.EqualTo(new FieldNews(false, 1, 1, 0)));
        Assert.That(await LookAsync(3, _other with { IsReadOnly = true }, new VendorField("new", "date")), Is.EqualTo(new FieldNews(false, 0, 1, 1)));
        Assert.That(await LookAsync(4, _other with { IsReadOnly = true }, new VendorField("new", "date")), Is.EqualTo(new FieldNews(false, 0, 0, 0)), "what is gone is gone once");
        Assert.That(await LookAsync(5, _other with { IsArchived = true }, new VendorField("new", "date"), _town), Is.EqualTo(new FieldNews(false, 1, 1, 0)));

        Assert.That((await ListAsync(withHistory: true)).Where(version => version.Name == "town").Select(version => (version.SeenAt, version.Shape, FieldWord.Of(version), version.IsCurrent)), Is.EqualTo(new[]
        {
            (Noon.AddDays(5), new FieldShape(FieldState.There, "string", 255, false), "was of type number and is of type string, takes 255 characters at most, is there again", true),
            (Noon.AddDays(3), new FieldShape(FieldState.Gone, "number", null, false), "is gone", false),
            (Noon.AddDays(2), new FieldShape(FieldState.There, "number", null, false), "was of type string and is of type number, took 255 characters and takes more", false),
            (Noon, new FieldShape(FieldState.There, "string", 255, false), (string?)null, false),
        }));
        Assert.That((await ListAsync(withHistory: false)).Select(version => (version.Name, version.Shape.State, FieldWord.Of(version))), Is.EqualTo(new[]
        {
            ("new", FieldState.There, null), ("other", FieldState.Archived, "is archived, what is written to it is dropped, can be written"), ("town", FieldState.There, "was of type number and is of type string, takes 255 characters at most, is there again"),
        }));
    }

    [Test]
    public async Task Should_be_told_of_what_the_mapping_writes_before_a_delivery_meets_it()
    {
        await LookAsync(0, _town, _other);
        await LookAsync(1, _other with { Type = "number" });
        var verdict = (await ExplainAsync()).Single();
        Assert.That((verdict.Code, verdict.Destination, verdict.Since, verdict.Action), Is.EqualTo((DiagnosisCode.VendorDrift, _destination.Name, (DateTimeOffset?)Noon.AddDays(1), $"destinations check {_destination.Name}")));
        Assert.That(verdict.Sentence, Does.StartWith($"{_destination.Name}: fields that its mapping writes are not as they were at the vendor: town is gone. 'destinations check"));

        await LookAsync(2, _town, _other);
        Assert.That(await ExplainAsync(), Is.Empty, "it is there again as it was");
    }

    /// <summary>A vendor lists the object, not the properties that a mapping writes into it.</summary>
    [Test]
    public async Task Should_be_told_of_the_object_into_which_the_mapping_writes()
    {
        _destination = Acme.Destination(_vendor, name: Unique("d"), extra:
        [
            new FieldMapping { From = "zip", To = "$.address.zip", Type = MappedType.Text, Classification = FieldClassification.Personal },
            new FieldMapping { From = "likes_sports", To = "$.interests[sports]", Type = MappedType.Boolean, Classification = FieldClassification.Personal },
        ]);
        var (address, interests) = (new VendorField("address", "object"), new VendorField("interests", "array"));
        await LookAsync(0, _town, address, interests, _other);
        await LookAsync(1, _town, address with { IsArchived = true }, _other);
        Assert.That((await ExplainAsync()).Single().Sentence, Does.Contain("address is archived").And.Contain("interests is gone"));
    }

    [Test]
    public async Task Should_keep_what_is_known_when_the_vendor_cannot_be_asked_or_tells_nothing()
    {
        await LookAsync(0, _town);
        _vendor.Fields = () => throw new DestinationException(new DestinationCondition(DestinationTrouble.Unavailable, "http_503"));
        await Assert.ThatAsync(() => Catalogue.ReadAsync(_destination, _vendor, CancellationToken.None), Throws.InstanceOf<DestinationException>());
        _vendor.Fields = () => [];
        Assert.That(await Catalogue.ReadAsync(_destination, _vendor, CancellationToken.None), Is.Null);
        Assert.That((await ListAsync(withHistory: false)).Single().Shape.State, Is.EqualTo(FieldState.There));
    }

    [Test]
    public async Task Should_be_looked_for_at_all_destinations_though_one_does_not_answer()
    {
        _destination = Acme.Destination(_vendor, name: Unique("d"));
        await using var away = Acme.Destination(new AcmeConnector { Fields = () => throw new DestinationException(new DestinationCondition(DestinationTrouble.Throttled, "quota_daily")) }, name: Unique("away"));
        var directory = new DestinationDirectory(new Dictionary<string, Destination> { [away.Name] = away, [_destination.Name] = _destination });
        _vendor.Fields = () => [_town, _other];
        var look = new FieldLook(Catalogue, directory, NullLogger<FieldLook>.Instance);
        Assert.That(await look.WorkAsync(CancellationToken.None), Is.EqualTo($"Looked at the fields of 1 destinations: 0 were otherwise than before. Could not be asked, and are asked at the next bell: {away.Name} (quota_daily)."));

        Clock.Now = Noon.AddDays(1);
        _vendor.Fields = () => [_other];
        Assert.That(await look.WorkAsync(CancellationToken.None), Does.StartWith("Looked at the fields of 1 destinations: 1 were otherwise than before."));
    }

    private FieldCatalogue Catalogue => new(Transactions, Clock);

    private async Task<FieldNews?> LookAsync(int day, params VendorField[] fields)
    {
        _destination ??= Acme.Destination(_vendor, name: Unique("d"));
        Clock.Now = Noon.AddDays(day);
        _vendor.Fields = () => fields;
        return await Catalogue.ReadAsync(_destination, _vendor, CancellationToken.None);
    }

    private async Task<IReadOnlyList<FieldVersion>> ListAsync(bool withHistory) => await ReadAsync(db => FieldVersions.ListAsync(db, _destination.Name, withHistory, CancellationToken.None));

    private async Task<List<Verdict>> ExplainAsync()
    {
        var situation = await ReadAsync(db => Situations.ReadAsync(db, Clock.Now, CancellationToken.None));
        var directory = new DestinationDirectory(new Dictionary<string, Destination> { [_destination.Name] = _destination });
        return [.. FieldDiagnoser.Explain(situation, directory.WrittenFields)];
    }
}
