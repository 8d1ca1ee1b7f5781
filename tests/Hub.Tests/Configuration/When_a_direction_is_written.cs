using System.Text.Json.Nodes;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Storage.Ledger;

namespace Hub.Tests.Configuration;

/// <summary><c>direction</c> of an attribute in <c>ownership.yaml</c>: what it lets in, what it lets out, and what it cannot be said beside.</summary>
public sealed class When_a_direction_is_written
{
    private const string Ownership = "ownership.yaml";
    private const string Hook = "sources/web.yaml";
    private const string HookText = "dialect: hubspot\nsignature: { scheme: hubspot, secret: { env: HUBSPOT_SECRET } }\npublic_url: https://hub.example.com/v1/webhooks/web\ndestination: hubspot\n";

    private static readonly ConnectorDescriptor _hubSpot = ConfigurationFixture.Connectors.Single(factory => factory.Descriptor.Name == "hubspot").Descriptor;

    private ConfigurationFixture _folder = null!;

    [SetUp]
    public void Begin() => _folder = WithHook(new ConfigurationFixture().SetEnvironment("HUBSPOT_SECRET", "s3cret"));

    [TearDown]
    public void End() => _folder.Dispose();

    /// <summary>What a vendor states of what only goes out to it is not taken, as itself or by its webhooks; of others it is.</summary>
    [TestCase("out", "vendor:hubspot", Violation.Direction)]
    [TestCase("out", "web", Violation.Direction)]
    [TestCase("out", "vendor:braze", Violation.Direction)]
    [TestCase("out", "webshop", null)]
    [TestCase("out", "list:customers", null)]
    [TestCase("{ hubspot: out }", "web", Violation.Direction)]
    [TestCase("{ hubspot: out }", "vendor:braze", null)]
    [TestCase("both", "web", null)]
    [TestCase("{ braze: out }", "web", null)]
    public void Should_let_in_what_may_come_in(string direction, string producer, string? why)
    {
        var text = $"attributes:\n  occupation: {{ system_of_record: crm, conflict: newest, direction: {direction} }}\n";
        var rules = _folder.Write(Ownership, text).LoadWell().Ownership!;
        Assert.That((rules.WhyNot("occupation", producer), rules.Admits("occupation", producer)), Is.EqualTo((why, why is null)));
        Assert.That(JsonSchemas.IsValid(Schema(), JsonSchemas.FromYaml(text)), Is.True);
    }

    [Test]
    public void Should_say_first_that_it_is_not_the_owners()
    {
        var rules = _folder.Write(Ownership, "attributes:\n  occupation: { system_of_record: crm, direction: out }\n").LoadWell().Ownership!;
        Assert.That((rules.WhyNot("occupation", "web"), rules.WhyNot("occupation", "crm")), Is.EqualTo((Violation.NotOwner, (string?)null)));
    }

    [Test]
    public void Should_be_the_vendors_own_where_it_only_comes_in()
    {
        _folder.Replace("mappings/hubspot.yaml", "  - from: occupation\n", "  - from: occupation\n    owner: vendor\n");
        var rules = _folder.Write(Ownership, "attributes:\n  occupation: { system_of_record: crm, conflict: newest, direction: { hubspot: in, braze: out } }\n").LoadWell().Ownership!;
        Assert.That((rules.Admits("occupation", "web"), rules.Admits("occupation", "vendor:braze"), rules.Attributes["occupation"].Directions.Of("marketo")), Is.EqualTo((true, false, (Direction?)null)));
        Assert.That((rules.OnlyComesInFrom("hubspot", "occupation"), rules.OnlyComesInFrom("braze", "occupation"), rules.OnlyComesInFrom("hubspot", "gender")), Is.EqualTo((true, false, false)));
    }

    /// <summary>Whatever a field is made of the attribute by.</summary>
    [TestCase("  - from: occupation\n    to: occupation\n", "  - from: occupation\n    to: occupation\n", "occupation")]
    [TestCase("  - from: occupation\n    to: occupation\n", "  - from: [first_name, occupation]\n    combine: concat\n    to: occupation\n", "occupation")]
    [TestCase("  - from: occupation\n    to: occupation\n", "  - from: [first_name, occupation]\n    combine: first\n    default: none\n    to: occupation\n", "occupation")]
    public void Should_not_be_written_where_it_only_comes_in(string old, string field, string to)
    {
        _folder.Replace("mappings/hubspot.yaml", old, field);
        var error = _folder.Write(Ownership, "attributes:\n  occupation:\n    system_of_record: crm\n    conflict: newest\n    direction:\n      hubspot: in\n").LoadBadly();
        Assert.That((error.File, error.Line, error.Problem, error.Fix), Is.EqualTo((
            Ownership, 6, $"occupation only comes in from hubspot (direction), and mappings/hubspot.yaml writes the field {to} there, which is made of it.",
            $"Write owner: vendor for the field {to}, take occupation out of it, or write both or out for hubspot.")));
    }

    [Test]
    public void Should_not_tell_the_country_of_a_phone_number_either()
    {
        _folder.Replace("mappings/braze.yaml", "  - from: phone\n", "  - from: phone\n    country_from: occupation\n");
        Assert.That(
            _folder.Write(Ownership, "attributes:\n  occupation: { system_of_record: crm, conflict: newest, direction: { braze: in } }\n").Load().Errors.Select(error => error.Problem),
            Has.Some.EqualTo("occupation only comes in from braze (direction), and mappings/braze.yaml writes the field phone there, which is made of it."));
    }

    [TestCase("system_of_record: vendor:hubspot\n    direction: { hubspot: out }", "owner: vendor", "occupation comes from hubspot by system_of_record: vendor:hubspot, and direction says that nothing of it is taken from there.", "Write in for hubspot, or name another system of record.")]
    [TestCase("system_of_record: web\n    direction: { hubspot: both }", "owner: vendor", "occupation comes from hubspot by system_of_record: web, and direction says that it is written back there.", "Write in for hubspot, or name another system of record.")]
    [TestCase("system_of_record: crm\n    direction: { hubspot: out }", "owner: vendor", "occupation is written to hubspot (direction), and mappings/hubspot.yaml leaves the field occupation, which is made of it, to the vendor.", "Remove owner: vendor from the field occupation, or write in for hubspot.")]
    [TestCase("system_of_record: crm\n    conflict: newest\n    direction: { hubspot: both }", "owner: vendor", "occupation is written to hubspot (direction), and mappings/hubspot.yaml leaves the field occupation, which is made of it, to the vendor.", "Remove owner: vendor from the field occupation, or write in for hubspot.")]
    [TestCase("system_of_record: crm\n    direction: { hubspot: in }", "owner: vendor", "Nothing of occupation could come in from hubspot, as direction says: by conflict: owner_wins only crm changes it.", "Write conflict: newest, or out, or name vendor:hubspot as system_of_record.")]
    [TestCase("system_of_record: crm\n    conflict: flag\n    direction: { hubspot: both }", "owner: hub", "Nothing of occupation could come in from hubspot, as direction says: by conflict: flag only crm changes it.", "Write conflict: newest, or out, or name vendor:hubspot as system_of_record.")]
    [TestCase("system_of_record: crm\n    direction: both", "owner: hub", "Nothing of occupation could come in, as direction says: by conflict: owner_wins only crm changes it.", "Write conflict: newest, or out, or name vendor:braze as system_of_record.")]
    public void Should_not_contradict_what_is_said_elsewhere(string said, string owner, string problem, string fix)
    {
        _folder.Replace("mappings/hubspot.yaml", "  - from: occupation\n", $"  - from: occupation\n    {owner}\n");
        var errors = _folder.Write(Ownership, $"attributes:\n  occupation:\n    {said}\n").Load().Errors;
        Assert.That(errors.Where(error => error.File == Ownership).Select(error => (error.Problem, error.Fix)), Has.Some.EqualTo((problem, fix)));
    }

    [TestCase("system_of_record: vendor:hubspot\n    direction: { hubspot: in }")]
    [TestCase("system_of_record: web\n    direction: { hubspot: in, braze: out }")]
    [TestCase("system_of_record: crm\n    mutability: fill_empty\n    direction: { hubspot: in }")]
    public void Should_say_what_holds_anyway(string said)
    {
        _folder.Replace("mappings/hubspot.yaml", "  - from: occupation\n", "  - from: occupation\n    owner: vendor\n");
        Assert.That(_folder.Write(Ownership, $"attributes:\n  occupation:\n    {said}\n").Load().Errors, Is.Empty);
    }

    /// <summary>A version that came into force in whichever way: what only comes in is no field of the mapping that people are written by.</summary>
    [Test]
    public void Should_be_written_by_no_mapping_though_a_version_came_in_that_says_both()
    {
        var before = _folder.LoadWell();
        var after = Inward(before);
        var person = new ProfileView("c-1", "a@example.com", null, """{"occupation":"clerk"}""");
        Assert.That(RulesOf(before).Mapping.Map(person).Fields.Select(field => field.Name), Does.Contain("occupation"));
        Assert.That(RulesOf(after).Mapping.Map(person).Fields.Select(field => field.Name), Does.Not.Contain("occupation"));
        Assert.That(RulesOf(after).MappedFields.Select(field => field.To), Does.Not.Contain("occupation"), "nor is the vendor asked for it");
        Assert.That(RulesOf(after).Mapping.Version, Is.Not.EqualTo(RulesOf(before).Mapping.Version), "everybody is looked at anew");
        Assert.That(RulesOf(after).FieldPolicy.Decide("occupation").Code, Is.EqualTo("only_comes_in"));
        Assert.That(RulesOf(after).FieldPolicy.DecideProperty("occupation").Handling, Is.EqualTo(FieldHandling.Send), "what an event is told is no attribute");
    }

    [Test]
    public void Should_stand_in_a_plan_where_it_changes_what_leaves()
    {
        var before = _folder.LoadWell();
        var files = ConfigurationFiles.Of(ConfigurationFiles.ReadFolder(_folder.Folder).Texts);
        var stops = ConfigurationComparison.Of(before, files, Inward(before), files);
        Assert.That(stops.Breaking.Select(finding => (finding.Code, finding.Subject)), Is.EqualTo(new[] { ("field_stops", "hubspot.occupation") }));
        var leaves = ConfigurationComparison.Of(Inward(before), files, before, files);
        Assert.That(leaves.Privacy.Select(finding => (finding.Code, finding.Subject)), Is.EqualTo(new[] { ("leaves_anew", "hubspot.occupation") }));
    }

    private static HubConfiguration Inward(HubConfiguration configuration) => configuration with
    {
        Ownership = new OwnershipRules(new Dictionary<string, AttributeOwnership>
        {
            ["occupation"] = new("crm", ConflictRule.Newest) { Directions = Directions.Unsaid with { At = new Dictionary<string, Direction> { ["hubspot"] = Direction.In } } },
        }),
    };

    private static DestinationRules RulesOf(HubConfiguration configuration) => new(configuration.Destinations["hubspot"], configuration, _hubSpot, TimeProvider.System);

    private JsonNode Schema() => JsonNode.Parse(_folder.Read("schemas/ownership.schema.json"))!;

    private static ConfigurationFixture WithHook(ConfigurationFixture folder)
    {
        Directory.CreateDirectory(Path.Combine(folder.Folder, "sources"));
        return folder.Write(Hook, HookText);
    }
}
