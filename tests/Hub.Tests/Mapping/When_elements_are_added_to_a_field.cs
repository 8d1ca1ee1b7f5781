using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Policy;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage.Ledger;

namespace Hub.Tests.Mapping;

/// <summary>A text of elements is added to what a vendor's field has, where the vendor can: nothing that is there goes.</summary>
public sealed class When_elements_are_added_to_a_field
{
    private static readonly FieldMapping _field = Mappings.Field("interests", "topics", MappedType.Text) with { Mutability = FieldMutability.AppendOnly };
    private static readonly ConnectorDescriptor _adding = Mappings.Connector() with { AddsWith = ';' };

    [TestCase("\"b; a;;b\"", ";", ";a;b")]
    [TestCase("\"b, a\"", ",", ";a;b")]
    [TestCase("\"b, a;c\"", ",", ";a;b;c", Description = "the vendor's sign is of no element")]
    [TestCase("\";a\"", ";", ";a")]
    [TestCase("7", ";", ";7")]
    [TestCase("\" ; \"", ";", "(none)")]
    [TestCase("\"\"", ";", "(none)")]
    [TestCase("null", ";", "(none)")]
    public void Should_be_sent_as_what_is_added(string json, string separator, string expected) =>
        Assert.That(Mappings.Show(Map(_field with { ElementSeparator = separator }, json)), Is.EqualTo(expected));

    /// <summary>Where the vendor cannot, the text would take the place of what is there.</summary>
    [Test]
    public void Should_be_sent_to_no_vendor_that_would_put_it_in_the_place_of_what_is_there() =>
        Assert.That(Mappings.Show(Map(_field, "\"a\"", Mappings.Connector())), Is.EqualTo("(none)"));

    [Test]
    public void Should_be_the_same_content_whichever_order_it_is_stated_in()
    {
        var hashes = new[] { "\"a;b\"", "\"b;a\"", "\"a;b;c\"" }.Select(json => Map(_field, json).ContentHash).ToList();
        Assert.That((hashes[0] == hashes[1], hashes[0] == hashes[2]), Is.EqualTo((true, false)));
    }

    [Test]
    public void Should_be_another_mapping_where_something_else_stands_between_its_elements()
    {
        var versions = new[] { ";", "," }.Select(separator => DestinationMapping.Compile(Mappings.File(false, Mappings.Identity, _field with { ElementSeparator = separator }), _adding, "id", FieldPolicy.OfMappingAlone).Version);
        Assert.That(versions, Is.Unique);
    }

    [Test]
    public void Should_stand_apart_as_the_attributes_own_rule_says()
    {
        var hub = Acme.Hub(extra: [_field]) with
        {
            Ownership = new OwnershipRules(new Dictionary<string, AttributeOwnership> { ["interests"] = new("crm", ConflictRule.Newest) { Mutability = AttributeMutability.AppendOnly, Separator = "," } }),
        };
        var rules = new DestinationRules(hub.Destinations[Acme.Name], hub, Acme.Descriptor with { AddsWith = ';' }, TimeProvider.System);
        Assert.That(rules.Mapping.Map(new ProfileView("1", null, null, """{"city":"Bonn","interests":"a,b"}""")).Fields, Does.Contain(new Field("topics", FieldValue.Of(";a;b"))));
        Assert.That((rules.AddsWith("topics"), rules.AddsWith("town")), Is.EqualTo(((char?)';', (char?)null)));
    }

    /// <summary>The hash of the whole would be another element with each that is added.</summary>
    [Test]
    public void Should_be_hashed_element_by_element() =>
        Assert.That(AddedText.Of("b;a", ";", ';', isHashed: true)!.Split(';'), Is.EquivalentTo(new[] { "", HashedValue.Of("a"), HashedValue.Of("b") }));

    [TestCase("\"b;a;x\"", true, Description = "the vendor has more")]
    [TestCase("\"a;b\"", true)]
    [TestCase("\"b\"", false)]
    [TestCase("\"\"", false)]
    [TestCase(null, false)]
    public void Should_differ_only_where_an_element_is_missing(string? told, bool isSame) => Assert.That(FieldComparison.IsSame(FieldValue.Of(";a;b"), told, ';'), Is.EqualTo(isSame));

    [Test]
    public void Should_be_compared_as_a_text_where_nothing_is_added() => Assert.That(FieldComparison.IsSame(FieldValue.Of(";a"), "\"b;a\""), Is.False);

    [TestCase("x;b", ";a;b", "a;b;x")]
    [TestCase("", ";a", "a")]
    [TestCase("x;a", "x", "x", Description = "what is written back takes the place")]
    public void Should_know_what_becomes_of_what_is_there(string told, string written, string becomes) => Assert.That(AddedText.Over(told, written, ';'), Is.EqualTo(becomes));

    private static MappedRecord Map(FieldMapping field, string json, ConnectorDescriptor? connector = null) =>
        DestinationMapping.Compile(Mappings.File(false, Mappings.Identity, field), connector ?? _adding, "id", FieldPolicy.OfMappingAlone).Map(new ProfileView("1", null, null, $$"""{"interests":{{json}}}"""));
}
