using System.Text;
using System.Text.Json.Nodes;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
using Lists = global::Hub.Tests.Intake.Snapshots;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>Only its system of record changes an attribute; what others state of it is counted and kept in the log, and everything else of their facts counts.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_attribute_belongs_to_a_source(StorageDatabase database) : DeliveryFixture(database)
{
    private string _crm = null!;
    private string _shop = null!;
    private string _person = null!;

    [SetUp]
    public void Name_everything_anew() => (_crm, _shop, _person) = (Unique("crm"), Unique("shop"), Unique("p"));

    [Test]
    public async Task Should_keep_the_owners_value_whoever_speaks_last()
    {
        var intake = Intake(Owned());
        await intake.TakeInAsync([Fact(_crm, 1, """{"tier":"gold"}""")], CancellationToken.None);
        var verdicts = await intake.TakeInAsync([Fact(_shop, 2, """{"tier":"none","city":"Bonn"}""")], CancellationToken.None);

        var held = await AttributesAsync();
        Assert.That(((string?)held["tier"], (string?)held["city"], held.Count), Is.EqualTo(("gold", "Bonn", 2)));
        var told = FactJson.From(verdicts[0], 0);
        Assert.That(told.Status, Is.EqualTo("accepted"));
        Assert.That(told.LeftOut, Is.EqualTo(new[] { "payload.attributes.tier" }));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = '{_shop}' AND body LIKE '%\"tier\":\"none\"%'"), Is.EqualTo(1), "the log keeps what was stated");
    }

    [Test]
    public async Task Should_take_nothing_of_others_when_the_owner_speaks_later_either()
    {
        var intake = Intake(Owned());
        await intake.TakeInAsync([Fact(_shop, 1, """{"tier":"none","city":"Bonn"}""")], CancellationToken.None);
        Assert.That((await AttributesAsync()).ContainsKey("tier"), Is.False);
        await intake.TakeInAsync([Fact(_crm, 0, """{"tier":"gold"}""")], CancellationToken.None);
        Assert.That((string?)(await AttributesAsync())["tier"], Is.EqualTo("gold"), "though it is the older statement");
    }

    [Test]
    public async Task Should_not_be_cleared_by_others()
    {
        var intake = Intake(Owned());
        await intake.TakeInAsync([Fact(_crm, 1, """{"tier":"gold"}"""), Fact(_shop, 2, """{"tier":null}""")], CancellationToken.None);
        Assert.That((string?)(await AttributesAsync())["tier"], Is.EqualTo("gold"));
    }

    [Test]
    public async Task Should_be_counted_by_producer_and_attribute_once()
    {
        var fact = Fact(_shop, 2, """{"tier":"none","city":"Bonn"}""");
        await Intake(Owned()).TakeInAsync([fact, Fact(_shop, 3, """{"tier":"silver"}"""), Fact(_crm, 1, """{"tier":"gold"}""")], CancellationToken.None);
        await Intake(Owned()).TakeInAsync([fact], CancellationToken.None);

        var tally = (await Transactions.ReadAsync(db => FactBook.ViolationsAsync(db, null, _shop, new PageAsk(), CancellationToken.None))).Items.Single();
        Assert.That((tally.Violation.Type, tally.Violation.EventType, tally.Violation.Path, tally.Violation.Found, tally.Violation.Action, tally.Count), Is.EqualTo(("not_owner", "profile_updated", "payload.attributes.tier", "string", "omit", 2L)));
        Assert.That((await Transactions.ReadAsync(db => FactBook.ViolationsAsync(db, null, _crm, new PageAsk(), CancellationToken.None))).Items, Is.Empty);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_be_changed_by_whoever_speaks_last_where_that_is_the_rule_or_there_is_none(bool hasRule)
    {
        var intake = Intake(hasRule ? Owned(ConflictRule.Newest) : null);
        await intake.TakeInAsync([Fact(_crm, 1, """{"tier":"gold"}"""), Fact(_shop, 2, """{"tier":"none"}""")], CancellationToken.None);
        Assert.That((string?)(await AttributesAsync())["tier"], Is.EqualTo("none"));
    }

    /// <summary>A vendor that tells of what it was just told states what the profile has: nobody is owed anything by it, so that it ends there.</summary>
    [Test]
    public async Task Should_be_no_change_when_a_vendor_says_back_what_it_was_told()
    {
        var intake = Intake(Owned(ConflictRule.Newest));
        await intake.TakeInAsync([Fact("vendor:acme", 1, """{"tier":"gold"}""")], CancellationToken.None);
        var before = await VersionAsync();
        await intake.TakeInAsync([Fact("vendor:acme", 2, """{"tier":"gold"}""")], CancellationToken.None);
        Assert.That(await VersionAsync(), Is.EqualTo(before));
        await intake.TakeInAsync([Fact("vendor:acme", 3, """{"tier":"none"}""")], CancellationToken.None);
        Assert.That(await VersionAsync(), Is.GreaterThan(before));
    }

    /// <summary>What only goes out to a vendor is not taken from it, though everybody else may state it.</summary>
    [Test]
    public async Task Should_not_be_taken_from_the_vendor_that_it_only_goes_out_to()
    {
        var vendor = Unique("vendor:acme");
        var owned = Owned(ConflictRule.Newest);
        var rules = owned.Ownership!;
        var intake = Intake(owned with
        {
            Ownership = new OwnershipRules(new Dictionary<string, AttributeOwnership> { ["tier"] = rules.Attributes["tier"] with { Directions = Directions.Unsaid with { Everywhere = Direction.Out } } }) { Vendors = new Dictionary<string, string> { [vendor] = "acme" } },
        });
        await intake.TakeInAsync([Fact(_shop, 1, """{"tier":"gold"}""")], CancellationToken.None);
        var verdicts = await intake.TakeInAsync([Fact(vendor, 2, """{"tier":"none","city":"Bonn"}""")], CancellationToken.None);

        var held = await AttributesAsync();
        Assert.That(((string?)held["tier"], (string?)held["city"]), Is.EqualTo(("gold", "Bonn")));
        Assert.That(FactJson.From(verdicts[0], 0).LeftOut, Is.EqualTo(new[] { "payload.attributes.tier" }));
        var tally = (await Transactions.ReadAsync(db => FactBook.ViolationsAsync(db, null, vendor, new PageAsk(), CancellationToken.None))).Items.Single();
        Assert.That((tally.Violation.Type, tally.Violation.Path, tally.Violation.Action, tally.Count), Is.EqualTo(("direction", "payload.attributes.tier", "omit", 1L)));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = '{vendor}' AND body LIKE '%\"tier\":\"none\"%'"), Is.EqualTo(1), "the log keeps what was stated");
    }

    [TestCase("list:people", true)]
    [TestCase("crm", false)]
    public async Task Should_be_changed_by_lists_only_when_they_own_it(string owner, bool isTaken)
    {
        var rules = new OwnershipRules(new Dictionary<string, AttributeOwnership> { ["first_name"] = new(owner, ConflictRule.OwnerWins) });
        const string Csv = "Id,Mail,Tel,Name,Shoe\n7,a@example.com,,Ann,40\n";
        var row = (await Lists.ReadCsv(Csv, rules.OwnedBy(Lists.Audience))).Single();
        var line = (await Lists.ReadNdjson("""{"Id":"7","Mail":"a@example.com","Tel":"","Name":"Ann","Shoe":40}""", rules.OwnedBy(Lists.Audience))).Single();
        Assert.That((row.Reject, row.Member.AttributesJson, line.Reject, line.Member.AttributesJson), Is.EqualTo(((SnapshotReject?)null, isTaken ? """{"first_name":"Ann"}""" : "{}", (SnapshotReject?)null, isTaken ? """{"first_name":"Ann"}""" : "{}")));
    }

    private HubConfiguration Owned(ConflictRule conflict = ConflictRule.OwnerWins) => Acme.Hub() with
    {
        Ownership = new OwnershipRules(new Dictionary<string, AttributeOwnership> { ["tier"] = new(_crm, conflict) }),
    };

    private Task<long> VersionAsync() => CountAsync($"SELECT version FROM profiles WHERE external_id = '{_person}'");

    private async Task<JsonObject> AttributesAsync() => JsonNode.Parse((await AttributesWhereAsync("external_id = @id", ("id", _person)))!)!.AsObject();

    private ReadOnlyMemory<byte> Fact(string producer, int minute, string attributes) => Encoding.UTF8.GetBytes(
        $$$$"""{"event_id":"{{{{Guid.NewGuid()}}}}","event_type":"profile_updated","occurred_at":"2026-11-20T10:0{{{{minute}}}}:00Z","producer":"{{{{producer}}}}","subject":{"external_id":"{{{{_person}}}}"},"payload":{"attributes":{{{{attributes}}}}}}""");
}
