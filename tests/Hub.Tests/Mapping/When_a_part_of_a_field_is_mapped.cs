using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Mapping;

namespace Hub.Tests.Mapping;

/// <summary>A property of an object and an element of a list are fields with a single value; an element is in its list or not, and nothing third.</summary>
public sealed class When_a_part_of_a_field_is_mapped
{
    private const string Sports = "$.interests[sports]";

    [TestCase("true", NullRule.Omit, "true")]
    [TestCase("false", NullRule.Omit, "false")]
    [TestCase("\"Y\"", NullRule.Clear, "true")]
    [TestCase("null", NullRule.Omit, "(none)", Description = "nobody said anything: it stays as it is there")]
    [TestCase("null", NullRule.Clear, "false", Description = "whoever has no value is not in it")]
    [TestCase("\" \"", NullRule.Clear, "false")]
    [TestCase("null", NullRule.Reject, "!value_missing")]
    [TestCase("\"maybe\"", NullRule.Clear, "!boolean_malformed")]
    public void Should_be_in_its_list_or_not(string json, object onNull, string expected) => Assert.That(
        Mappings.Show(Mappings.MapAttribute(Mappings.Field("likes_sports", Sports, MappedType.Boolean) with { OnNull = (NullRule)onNull, TrueWords = ["Y"], FalseWords = ["N"] }, json)), Is.EqualTo(expected));

    [TestCase("true", "true")]
    [TestCase("false", "(none)")]
    [TestCase("null", "(none)")]
    [TestCase("\"maybe\"", "!boolean_malformed")]
    public void Should_only_be_put_in_where_it_is_never_taken_out(string json, string expected) => Assert.That(
        Mappings.Show(Mappings.MapAttribute(Mappings.Field("likes_sports", Sports, MappedType.Boolean) with { Mutability = FieldMutability.AppendOnly }, json)), Is.EqualTo(expected));

    [Test]
    public void Should_be_other_content_once_it_is_put_in()
    {
        var element = Mappings.Field("likes_sports", Sports, MappedType.Boolean) with { Mutability = FieldMutability.AppendOnly };
        var hashes = new[] { "true", "false", "null" }.Select(json => Mappings.MapAttribute(element, json).ContentHash).ToList();
        Assert.That((hashes[0] != hashes[1], hashes[1]), Is.EqualTo((true, hashes[2])), "nobody is told anything by a no");
    }

    [Test]
    public void Should_be_cleared_as_ever_where_it_is_a_field_of_its_own() =>
        Assert.That(Mappings.Show(Mappings.MapAttribute(Mappings.Field("likes_sports", "interests[sports]", MappedType.Boolean) with { OnNull = NullRule.Clear }, "null")), Is.EqualTo("(null)"));

    [Test]
    public void Should_be_told_from_other_parts_and_from_the_whole_by_its_name()
    {
        string[] names = ["address", "address.city", "$.address.city", "$.address.zip", "$.address[city]"];
        var hashes = names.Select(name => Mappings.MapAttribute(Mappings.Field("city", name, MappedType.Text), "\"Bonn\"").ContentHash).ToList();
        Assert.That(hashes, Is.Unique);
    }

    [Test]
    public void Should_end_with_its_day_and_be_replaced_by_the_other_that_holds_the_same()
    {
        var old = Mappings.Field("city", "city", MappedType.Text) with { Until = new DateOnly(2026, 11, 1) };
        var file = Mappings.File(false, Mappings.Identity, old, Mappings.Field("city", "$.address.city", MappedType.Text));
        Assert.That(MigrationWindows.ReplacementsOf(old, file), Is.EqualTo(new[] { "$.address.city" }));
        var mapping = DestinationMapping.Compile(file, Mappings.Connector(), "id", FieldPolicy.OfMappingAlone, at: new DateTimeOffset(2026, 11, 2, 0, 0, 0, TimeSpan.Zero));
        Assert.That(mapping.Map(new ProfileView("1", null, null, """{"city":"Bonn"}""")).Fields, Is.EqualTo(new[] { new Field("$.address.city", FieldValue.Of("Bonn")) }));
    }
}
