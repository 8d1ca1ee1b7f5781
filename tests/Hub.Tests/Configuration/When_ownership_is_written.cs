using System.Text.Json.Nodes;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Ownership;
using IntegrationHub.Storage.Ledger;

namespace Hub.Tests.Configuration;

/// <summary><c>ownership.yaml</c>, and what holds without it.</summary>
public sealed class When_ownership_is_written
{
    private const string Ownership = "ownership.yaml";

    [Test]
    public void Should_be_nobodys_without_the_file()
    {
        using var folder = new ConfigurationFixture();
        var configuration = folder.LoadWell();
        Assert.That(configuration.Ownership, Is.Null);
        Assert.That(OwnershipWarnings.Of(configuration), Is.Empty);
    }

    [Test]
    public void Should_be_the_owners_unless_it_says_otherwise()
    {
        using var folder = new ConfigurationFixture();
        var text = "attributes:\n  occupation: { system_of_record: crm }\n  gender: { system_of_record: crm, conflict: newest }\n";
        var rules = folder.Write(Ownership, text).LoadWell().Ownership!;
        Assert.That(
            (rules.Admits("occupation", "crm"), rules.Admits("occupation", "CRM"), rules.Admits("occupation", "webshop"), rules.Admits("gender", "webshop"), rules.Admits("home_owner", "webshop")),
            Is.EqualTo((true, false, false, true, true)));
        Assert.That(JsonSchemas.IsValid(Schema(folder), JsonSchemas.FromYaml(text)), Is.True);
    }

    [Test]
    public void Should_say_how_attributes_may_change()
    {
        using var folder = new ConfigurationFixture();
        const string Text =
            """
            attributes:
              occupation: { system_of_record: crm, mutability: immutable }
              gender: { system_of_record: crm, mutability: fill_empty }
              home_owner: { system_of_record: crm, conflict: flag, mutability: mutable }

            """;
        var rules = folder.Write(Ownership, Text).LoadWell().Ownership!;
        Assert.That((rules.Admits("occupation", "webshop"), rules.Admits("gender", "webshop"), rules.Admits("home_owner", "webshop")), Is.EqualTo((false, true, true)), "the profile is asked what becomes of the last two");
        var inLedger = rules.InLedger;
        Assert.That(
            (inLedger.Of("occupation"), inLedger.Of("gender"), inLedger.Of("home_owner"), inLedger.Of("city")),
            Is.EqualTo((new AttributeRule("crm", AttributeMutability.Immutable), new AttributeRule("crm", AttributeMutability.FillEmpty), new AttributeRule("crm", AttributeMutability.Mutable, IsFlagged: true), AttributeRule.Latest)));
        Assert.That(JsonSchemas.IsValid(Schema(folder), JsonSchemas.FromYaml(Text)), Is.True);
    }

    [TestCase("90m", 90)]
    [TestCase("1h", 60)]
    [TestCase("7d", 7 * 24 * 60)]
    public void Should_say_when_truth_values_are_held(string within, int minutes)
    {
        using var folder = new ConfigurationFixture();
        var text = $"attributes:\n  home_owner: {{ system_of_record: crm, conflict: newest, flapping: {{ changes: 3, within: {within} }} }}\n";
        var rules = folder.Write(Ownership, text).LoadWell().Ownership!;
        Assert.That(rules.InLedger.Flapping, Is.EqualTo(new Dictionary<string, FlappingRule> { ["home_owner"] = new(3, TimeSpan.FromMinutes(minutes)) }));
        Assert.That(JsonSchemas.IsValid(Schema(folder), JsonSchemas.FromYaml(text)), Is.True);
    }

    [TestCase("\"y\"", true)]
    [TestCase("\" N \"", false)]
    [TestCase("true", true)]
    [TestCase("\"true\"", null)]
    [TestCase("1", null)]
    public void Should_take_for_truth_what_all_mappings_do(string value, bool? truth)
    {
        using var folder = new ConfigurationFixture();
        var configuration = folder.Write(Ownership, "attributes:\n  home_owner: { system_of_record: crm, flapping: { changes: 3, within: 1h } }\n").LoadWell();
        var rule = OwnershipRules.InLedgerOf(configuration).Flapping["home_owner"];
        Assert.That(rule.Words.TruthOf(System.Text.Json.JsonDocument.Parse(value).RootElement), Is.EqualTo(truth));
    }

    [Test]
    public void Should_know_which_vendors_speak_as_producers()
    {
        using var folder = new ConfigurationFixture();
        var configuration = folder.LoadWell();
        var vendors = OwnershipRules.InLedgerOf(configuration).Vendors;
        Assert.That(vendors["vendor:hubspot"], Is.EqualTo("hubspot"));
        var source = configuration.Sources.Values.FirstOrDefault(source => source.Destination is not null);
        Assert.That(source is null || vendors[source.Name] == source.Destination, Is.True);
    }

    [Test]
    public void Should_belong_to_a_version_of_the_configuration()
    {
        using var folder = new ConfigurationFixture();
        var before = folder.LoadWell().Version;
        var after = folder.Write(Ownership, "attributes:\n  occupation: { system_of_record: crm }\n").LoadWell().Version;
        Assert.That(after, Is.Not.EqualTo(before));
        var files = ConfigurationFiles.Of(ConfigurationFiles.ReadFolder(folder.Folder).Texts);
        Assert.That(files.Texts, Does.ContainKey(Ownership));
    }

    [Test]
    public void Should_name_producers_that_are_not_known_and_lists_that_are_not_heard()
    {
        using var folder = new ConfigurationFixture();
        var warnings = OwnershipWarnings.Of(folder.Write(Ownership, "attributes:\n  occupation: { system_of_record: crm }\n  gender: { system_of_record: list:customers }\n").LoadWell());
        Assert.That(warnings, Has.Count.EqualTo(2));
        Assert.That(warnings[0], Does.StartWith("ownership.yaml: crm, the system of record of occupation, is no source"));
        Assert.That(warnings[1], Does.StartWith("audiences/customers.yaml: its lists bring occupation, which belongs to crm by ownership.yaml: not taken."));
    }

    [TestCase("atributes: {}\n", 1, "attributes is missing.", "Add attributes")]
    [TestCase("shadows:\n  new: {}\n", 2, "shadows.new.of is missing.", "Add of")]
    [TestCase("shadows:\n  new: { of: new }\n", 2, "new cannot shadow itself.", "that counts")]
    [TestCase("shadows:\n  new: { of: old }\n  old: { of: crm }\n", 2, "old is a shadow itself", "that counts")]
    [TestCase("shadows:\n  new: { of: old }\n  other: { of: old }\n", 3, "new shadows old already", "one after the other")]
    [TestCase("shadows:\n  list:customers: { of: old }\n", 2, "list:… is no source", "source=NAME")]
    [TestCase("attributes:\n  occupation: {}\n", 2, "attributes.occupation.system_of_record is missing.", "Add system_of_record")]
    [TestCase("attributes:\n  occupation:\n    system_of_record: crm\n    conflict: oldest\n", 4, "attributes.occupation.conflict cannot be oldest.", "owner_wins, newest, flag")]
    [TestCase("attributes:\n  occupation:\n    system_of_record: crm\n    mutability: fixed\n", 4, "attributes.occupation.mutability cannot be fixed.", "mutable, fill_empty, write_once, append_only, immutable")]
    [TestCase("attributes:\n  occupation:\n    system_of_record: crm\n    separator: \",\"\n", 4, "separator stands between the elements of what only grows, and occupation is mutable.", "append_only")]
    [TestCase("attributes:\n  occupation:\n    system_of_record: crm\n    mutability: append_only\n    separator: and\n", 5, "attributes.occupation.separator cannot be and.", "one or two signs")]
    [TestCase("attributes:\n  home_owner:\n    system_of_record: crm\n    mutability: append_only\n    flapping: { changes: 3, within: 1h }\n", 5, "home_owner does not go back and forth: it only grows.", "Remove flapping")]
    [TestCase("attributes:\n  occupation:\n    system_of_record: crm\n    conflict: newest\n    mutability: fill_empty\n", 4, "occupation is fill_empty, which says itself", "Remove conflict")]
    [TestCase("attributes:\n  occupation:\n    system_of_record: crm\n    owner: x\n", 4, "attributes.occupation.owner is not a known key.", "system_of_record")]
    [TestCase("attributes:\n  home_owner:\n    system_of_record: crm\n    direction: inward\n", 4, "attributes.home_owner.direction cannot be inward.", "in, out, both")]
    [TestCase("attributes:\n  home_owner:\n    system_of_record: crm\n    direction: {}\n", 4, "attributes.home_owner.direction is empty.", "hubspot: in")]
    [TestCase("attributes:\n  home_owner:\n    system_of_record: crm\n    direction:\n      hubspot: back\n", 5, "attributes.home_owner.direction.hubspot cannot be back.", "in, out, both")]
    [TestCase("attributes:\n  home_owner:\n    system_of_record: crm\n    direction:\n      hubpot: out\n", 5, "There is no destination hubpot.", "Did you mean hubspot? Known: braze, hubspot, marketo.")]
    [TestCase("attributes:\n  home_owner:\n    system_of_record: crm\n    mutability: immutable\n    flapping: { changes: 3, within: 1h }\n", 5, "home_owner does not go back and forth", "Remove flapping")]
    [TestCase("attributes:\n  home_owner:\n    system_of_record: crm\n    flapping: { changes: 1, within: 1h }\n", 4, "attributes.home_owner.flapping.changes is not a whole number from 2 to 100.", "3")]
    [TestCase("attributes:\n  home_owner:\n    system_of_record: crm\n    flapping: { changes: 3, within: 8d }\n", 4, "attributes.home_owner.flapping.within is not a length of time.", "1h")]
    [TestCase("attributes:\n  home_owner:\n    system_of_record: crm\n    flapping: { changes: 3 }\n", 4, "attributes.home_owner.flapping.within is missing.", "within")]
    [TestCase("attributes:\n  occupation:\n    system_of_record: crm\n    flapping: { changes: 3, within: 1h }\n", 4, "Only truth values are held", "type: boolean")]
    [TestCase("attributes:\n  ocupation: { system_of_record: crm }\n", 2, "Nothing reads an attribute ocupation", "Did you mean occupation?")]
    [TestCase("attributes:\n  email: { system_of_record: crm }\n", 2, "email is a key of people and no attribute.", "identity.yaml")]
    [TestCase("attributes:\n  occupation:\n    system_of_record: vendor:hubspot\n", 3, "occupation comes from hubspot, and mappings/hubspot.yaml writes it back there as occupation.", "owner: vendor")]
    [TestCase("attributes:\n  occupation:\n    system_of_record: list:custmers\n", 3, "There is no audience custmers, so no list of it can own occupation.", "Did you mean customers? Known: customers.")]
    public void Should_say_what_is_wrong_and_where(string text, int line, string problem, string fix)
    {
        using var folder = new ConfigurationFixture();
        var error = folder.Write(Ownership, text).Load().Errors.First(e => e.File == Ownership);
        Assert.That(error.Line, Is.EqualTo(line));
        Assert.That(error.Problem, Does.StartWith(problem));
        Assert.That(error.Fix, Does.Contain(fix));
    }

    /// <summary>What somebody brings or reads can belong to somebody: a column of a list, what an event is told of its person.</summary>
    [TestCase("audiences/customers.yaml", "  HomeOwner: home_owner\n", "  HomeOwner: home_owner\n  Shoe: shoe_size\n", "shoe_size")]
    [TestCase("mappings/braze.yaml", "fields:", "event_attributes: [occupation]\nfields:", "occupation")]
    public void Should_know_what_lists_bring_and_mappings_read(string file, string old, string replacement, string attribute)
    {
        using var folder = new ConfigurationFixture();
        Assert.That(folder.Replace(file, old, replacement).Write(Ownership, $"attributes:\n  {attribute}: {{ system_of_record: crm }}\n").LoadWell().Ownership!.Attributes.Keys, Is.EqualTo(new[] { attribute }));
    }

    [Test]
    public void Should_not_take_a_column_of_consent_for_an_attribute()
    {
        using var folder = new ConfigurationFixture();
        folder.Replace("audiences/customers.yaml", "  HomeOwner: home_owner\n", "  HomeOwner: home_owner\n  News: consent.email_marketing\n").Write(Ownership, "attributes:\n  email_marketing: { system_of_record: crm }\n");
        Assert.That(folder.LoadBadly().Problem, Is.EqualTo("Nothing reads an attribute email_marketing: no mapping and no column of an audience."));
    }

    /// <summary>Where it would not be a truth value that is held, nothing could be.</summary>
    [TestCase("audiences/customers.yaml", "  HomeOwner: home_owner\n", "  HomeOwner: home_owner\n  Shoe: shoe_size\n", "shoe_size", Description = "nobody writes it")]
    [TestCase("mappings/braze.yaml", "  - from: home_owner\n", "  - from: [home_owner, prefix]\n    combine: first\n", "home_owner", Description = "it is written with another one")]
    public void Should_not_be_held_where_it_is_not_written_as_a_truth_value(string file, string old, string replacement, string attribute)
    {
        using var folder = new ConfigurationFixture();
        var error = folder.Replace(file, old, replacement).Write(Ownership, $"attributes:\n  {attribute}: {{ system_of_record: crm, flapping: {{ changes: 3, within: 1h }} }}\n").LoadBadly();
        Assert.That((error.Problem, error.Fix), Is.EqualTo((
            $"Only truth values are held while they go back and forth, and {attribute} is not written as nothing but one.",
            "Remove flapping, or write type: boolean, and from with one name, for each field in the mappings that is made of it.")));
    }

    /// <summary>A vendor speaks as itself and as the source of its webhooks.</summary>
    [TestCase("vendor:hubspot", "hubspot")]
    [TestCase("web", "hubspot")]
    [TestCase("vendor:braze", "braze")]
    public void Should_not_be_the_vendors_that_it_is_written_to(string owner, string destination)
    {
        using var folder = new ConfigurationFixture().SetEnvironment("HUBSPOT_SECRET", "s3cret");
        Directory.CreateDirectory(Path.Combine(folder.Folder, "sources"));
        folder.Write("sources/web.yaml", "dialect: hubspot\nsignature: { scheme: hubspot, secret: { env: HUBSPOT_SECRET } }\npublic_url: https://hub.example.com/v1/webhooks/web\ndestination: hubspot\n");
        var error = folder.Write(Ownership, $"attributes:\n  occupation:\n    conflict: newest\n    system_of_record: {owner}\n").LoadBadly();
        Assert.That(error.Line, Is.EqualTo(4));
        Assert.That((error.Problem, error.Fix), Is.EqualTo((
            $"occupation comes from {destination}, and mappings/{destination}.yaml writes it back there as occupation.",
            "Write owner: vendor for the field occupation, in a mapping of its own where other destinations are to have it, or name another system of record.")));
    }

    [Test]
    public void Should_name_all_lists_where_there_is_no_such_one()
    {
        using var folder = new ConfigurationFixture();
        var error = folder.Write("audiences/vips.yaml", folder.Read("audiences/customers.yaml")).Write(Ownership, "attributes:\n  occupation:\n    conflict: newest\n    system_of_record: list:nobody\n").LoadBadly();
        Assert.That((error.Line, error.Problem, error.Fix), Is.EqualTo((4, "There is no audience nobody, so no list of it can own occupation.", "Known: customers, vips.")));
    }

    [TestCase("attributes:\n  home_owner: { system_of_record: crm, flapping: { changes: 2, within: 7d } }\n", true)]
    [TestCase("attributes:\n  home_owner: { system_of_record: crm, flapping: { changes: 100, within: 1m } }\n", true)]
    [TestCase("attributes:\n  home_owner: { system_of_record: crm, flapping: { changes: 101, within: 1h } }\n", false)]
    [TestCase("attributes:\n  home_owner: { system_of_record: crm, flapping: { changes: 3, within: 0m } }\n", false)]
    [TestCase("attributes:\n  home_owner: { system_of_record: crm, flapping: { changes: 3, within: 3 } }\n", false)]
    [TestCase("attributes:\n  home_owner: { system_of_record: crm, flapping: { changes: 3, within: h } }\n", false)]
    [TestCase("attributes:\n  home_owner: { system_of_record: crm, flapping: { within: 1h } }\n", false)]
    [TestCase("attributes:\n  home_owner: { system_of_record: crm, flapping: { changes: 3, within: 1h, least: 2 } }\n", false)]
    [TestCase("attributes:\n  home_owner: { system_of_record: crm, mutability: write_once, flapping: { changes: 3, within: 1h } }\n", false)]
    [TestCase("attributes:\n  home_owner: { system_of_record: crm, mutability: fill_empty, conflict: flag }\n", false)]
    [TestCase("attributes:\n  home_owner: { system_of_record: crm }\nattributs: {}\n", false)]
    public void Should_be_taken_within_its_bounds(string text, bool isTaken)
    {
        using var folder = new ConfigurationFixture();
        Assert.That(folder.Write(Ownership, text).Load().Errors.Count(error => error.File == Ownership), isTaken ? Is.Zero : Is.EqualTo(1));
    }

    [TestCase("atributes: {}\n")]
    [TestCase("shadows: {}\n")]
    [TestCase("shadows: { new: {} }\n")]
    [TestCase("shadows: { \"list:customers\": { of: old } }\n")]
    [TestCase("attributes: { occupation: {} }\n")]
    [TestCase("attributes: { occupation: { system_of_record: crm, conflict: oldest } }\n")]
    [TestCase("attributes: { occupation: { system_of_record: crm, separator: \",\" } }\n")]
    [TestCase("attributes: { occupation: { system_of_record: crm, mutability: append_only, separator: and } }\n")]
    [TestCase("attributes: { occupation: { system_of_record: crm, mutability: append_only, flapping: { changes: 3, within: 1h } } }\n")]
    [TestCase("attributes: { occupation: { system_of_record: crm, mutability: fill_empty, conflict: newest } }\n")]
    [TestCase("attributes: { email: { system_of_record: crm } }\n")]
    [TestCase("attributes: { home_owner: { system_of_record: crm, direction: inward } }\n")]
    [TestCase("attributes: { home_owner: { system_of_record: crm, direction: {} } }\n")]
    [TestCase("attributes: { home_owner: { system_of_record: crm, direction: { hubspot: back } } }\n")]
    [TestCase("attributes: { home_owner: { system_of_record: crm, mutability: write_once, flapping: { changes: 3, within: 1h } } }\n")]
    [TestCase("attributes: { home_owner: { system_of_record: crm, flapping: { changes: 3, within: soon } } }\n")]
    public void Should_be_marked_by_an_editor_too(string text)
    {
        using var folder = new ConfigurationFixture();
        Assert.That(JsonSchemas.IsValid(Schema(folder), JsonSchemas.FromYaml(text)), Is.False);
    }

    /// <summary>What a vendor owns comes in from there and goes to all others.</summary>
    [Test]
    public void Should_not_be_written_back_to_where_it_comes_from()
    {
        using var folder = new ConfigurationFixture();
        var rules = folder.Write(Ownership, "attributes:\n  occupation: { system_of_record: vendor:hubspot }\n")
            .Replace("mappings/hubspot.yaml", "  - from: occupation\n", "  - from: occupation\n    owner: vendor\n").LoadWell().Ownership!;
        Assert.That((rules.Admits("occupation", "vendor:hubspot"), rules.Admits("occupation", "crm")), Is.EqualTo((true, false)));
    }

    /// <summary>To change places is to change one line: what belongs to a source belongs to the one that it shadows, and a shadow is heard in the place of whom it shadows.</summary>
    [Test]
    public void Should_let_sources_change_places_in_one_line()
    {
        using var folder = new ConfigurationFixture();
        const string Attributes = "attributes:\n  occupation: { system_of_record: old }\n";
        var before = folder.Write(Ownership, "shadows: { new: { of: old } }\n" + Attributes).LoadWell().Ownership!;
        var after = folder.Write(Ownership, "shadows: { old: { of: new } }\n" + Attributes).LoadWell().Ownership!;
        Assert.That((before.Attributes["occupation"].SystemOfRecord, after.Attributes["occupation"].SystemOfRecord), Is.EqualTo(("old", "new")));
        Assert.That(new[] { before, after }.Select(rules => (rules.Admits("occupation", "old"), rules.Admits("occupation", "new"), rules.Admits("occupation", "crm"))), Is.All.EqualTo((true, true, false)));
        Assert.That(folder.Write(Ownership, "shadows: { new: { of: old } }\n").LoadWell().Ownership!.Shadows, Is.EqualTo(new Dictionary<string, string> { ["new"] = "old" }), "nothing has to belong to anybody");
        Assert.That(JsonSchemas.IsValid(Schema(folder), JsonSchemas.FromYaml("shadows: { new: { of: old } }\n")), Is.True);
    }

    private static JsonNode Schema(ConfigurationFixture folder) => JsonNode.Parse(folder.Read("schemas/ownership.schema.json"))!;
}
