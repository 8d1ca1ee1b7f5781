using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;

namespace Contracts.Tests.Schemas;

/// <summary>What was released stands in <c>Contracts/Schemas/released</c> and is never edited; a new release adds a file, in a folder of its own when the version is the same.</summary>
public sealed partial class When_a_released_schema_changes
{
    private const int Samples = 40;

    private static readonly string _schemas = Path.Combine(Approval.Root, "Contracts", "Schemas");

    private static IEnumerable<TestCaseData> Released => Directory.EnumerateFiles(Path.Combine(_schemas, "released"), "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(file => new TestCaseData(Path.GetRelativePath(_schemas, file)));

    [TestCaseSource(nameof(Released))]
    public void Should_be_compatible_with_what_was_released(string file)
    {
        var (type, version) = NameOf(file);
        Assert.That(
            SchemaCompatibility.Between(Read(file), Read($"{type}.v{version}.json")).Where(change => change.NeedsVersion || !change.Backward).Select(change => change.Advice(type, version)),
            Is.Empty);
    }

    /// <summary>The rules are ours; the judge here is a library.</summary>
    [TestCaseSource(nameof(Released))]
    public void Should_take_whatever_the_released_schema_took(string file)
    {
        var (type, version) = NameOf(file);
        var (released, current) = (Judge(Read(file)), Judge(Read($"{type}.v{version}.json")));
        var random = new Random(20261127);
        for (var i = 0; i < Samples; i++)
        {
            var fact = JsonSerializer.SerializeToElement(ValidFact.Of(Read(file).AsObject(), random));
            Assert.That(released.Evaluate(fact).IsValid, Is.True, $"the sample is no fact of the released schema: {fact}");
            Assert.That(current.Evaluate(fact).IsValid, Is.True, $"{type} v{version} does not take: {fact}");
        }
    }

    /// <summary>Every rule with what it lets pass: nothing of it needs a new version.</summary>
    [TestCase("""{"type":"string","description":"a"}""", """{"type":"string","description":"b","examples":["x"],"default":"y","x-classification":"personal"}""", "", "")]
    [TestCase("""{"properties":{},"additionalProperties":false}""", """{"properties":{"a":{"type":"string"}},"additionalProperties":false}""", "a", "property_added")]
    [TestCase("""{"type":"integer"}""", """{"type":"number"}""", "", "type_widened")]
    [TestCase("""{"type":"string"}""", """{"type":["string","null"]}""", "", "type_widened")]
    [TestCase("""{"type":["string","number"]}""", """{"type":["integer","string","number"]}""", "", "")]
    [TestCase("""{"type":"string","maxLength":64}""", """{"type":"string","maxLength":128}""", "", "bound_widened")]
    [TestCase("""{"type":"number","minimum":1}""", """{"type":"number"}""", "", "bound_widened")]
    [TestCase("""{"type":"string","pattern":"^a"}""", """{"type":"string"}""", "", "pattern_removed")]
    [TestCase("""{"type":"string","format":"uuid"}""", """{"type":"string"}""", "", "format_removed")]
    [TestCase("""{"enum":["a","other"]}""", """{"enum":["a","b","other"]}""", "", "value_added")]
    [TestCase("""{"enum":["a","b"]}""", """{"enum":["b","a"]}""", "", "")]
    [TestCase("""{"enum":["a","other"]}""", """{}""", "", "values_opened")]
    [TestCase("""{"additionalProperties":false}""", """{"additionalProperties":{"type":"string"}}""", "", "object_opened")]
    [TestCase("""{"additionalProperties":{"type":"string"}}""", """{"additionalProperties":{"type":["string","number"]}}""", "*", "type_widened")]
    [TestCase("""{"type":"array","items":{"type":"integer"}}""", """{"type":"array","items":{"type":"number"}}""", "[]", "type_widened")]
    public void Should_let_pass(string before, string after, string path, string rule)
    {
        var changes = SchemaCompatibility.Between(JsonNode.Parse(before)!, JsonNode.Parse(after)!);
        Assert.That(changes.Select(change => (change.Path, change.Rule, change.NeedsVersion, change.Backward)), Is.EqualTo(rule.Length == 0 ? [] : new[] { (path, rule, false, true) }));
    }

    /// <summary>And with what it stops.</summary>
    [TestCase("""{"properties":{"a":{"type":"string"}}}""", """{"properties":{}}""", "a", "property_removed", false)]
    [TestCase("""{"properties":{"a":{}},"additionalProperties":false}""", """{"properties":{"a":{},"b":{"default":1}},"required":["b"],"additionalProperties":false}""", "b", "property_added", false)]
    [TestCase("""{"properties":{}}""", """{"properties":{"a":{"type":"string"}}}""", "a", "property_named", false)]
    [TestCase("""{"properties":{"a":{}}}""", """{"properties":{"a":{}},"required":["a"]}""", "a", "required_added", false)]
    [TestCase("""{"properties":{"a":{}},"required":["a"]}""", """{"properties":{"a":{}}}""", "a", "required_dropped", true)]
    [TestCase("""{"type":"number"}""", """{"type":"integer"}""", "", "type_narrowed", false)]
    [TestCase("""{"type":["string","null"]}""", """{"type":"string"}""", "", "type_narrowed", false)]
    [TestCase("""{}""", """{"type":"string"}""", "", "type_narrowed", false)]
    [TestCase("""{"maxLength":128}""", """{"maxLength":64}""", "", "bound_tightened", false)]
    [TestCase("""{}""", """{"minimum":0}""", "", "bound_tightened", false)]
    [TestCase("""{"minProperties":1}""", """{"minProperties":2}""", "", "bound_tightened", false)]
    [TestCase("""{"pattern":"^a"}""", """{"pattern":"^b"}""", "", "pattern_tightened", false)]
    [TestCase("""{}""", """{"format":"uuid"}""", "", "format_tightened", false)]
    [TestCase("""{"enum":["a","b"]}""", """{"enum":["a"]}""", "", "value_removed", false)]
    [TestCase("""{"const":1}""", """{"const":2}""", "", "value_removed", false)]
    [TestCase("""{"enum":["a"]}""", """{"enum":["a","b"]}""", "", "value_added", true)]
    [TestCase("""{"x-unit":"EUR"}""", """{"x-unit":"cent"}""", "", "meaning_changed", false)]
    [TestCase("""{"additionalProperties":{"type":"string"}}""", """{"additionalProperties":false}""", "", "object_closed", false)]
    [TestCase("""{"type":"array"}""", """{"type":"array","items":{"type":"string"}}""", "", "items_changed", false)]
    [TestCase("""{}""", """{"oneOf":[{"type":"string"}]}""", "", "keyword_unknown", false)]
    [TestCase("""{"properties":{"a":{"type":"object"}}}""", """{"properties":{"a":false}}""", "a", "schema_replaced", false)]
    public void Should_ask_for_a_new_version(string before, string after, string path, string rule, bool backward)
    {
        var change = SchemaCompatibility.Between(JsonNode.Parse(before)!, JsonNode.Parse(after)!).Single();
        Assert.That((change.Path, change.Rule, change.NeedsVersion, change.Backward), Is.EqualTo((path, rule, true, backward)));
    }

    [Test]
    public void Should_say_where_and_what_to_do()
    {
        var before = Read("released/consent_updated.v1.json");
        var after = before.DeepClone();
        after["properties"]!["payload"]!["properties"]!["purpose"]!["maxLength"] = 32;
        Assert.That(
            SchemaCompatibility.Between(before, after).Single().Advice("consent_updated", 1),
            Is.EqualTo("consent_updated v1, payload.purpose: bound_tightened: facts that maxLength allowed would be set aside. Take the change back, or keep v1 as it was released and put it into Schemas/consent_updated.v2.json, with an upcaster from v1 in Hub/Intake/Facts/Upcasters.cs."));
    }

    private static JsonNode Read(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(_schemas, file)))!;

    private static JsonSchema Judge(JsonNode schema) => JsonSchema.FromText(schema.ToJsonString(), new BuildOptions { SchemaRegistry = new SchemaRegistry() });

    private static (string Type, int Version) NameOf(string file) =>
        Name().Match(file) is { Success: true } name ? (name.Groups[1].Value, int.Parse(name.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture)) : throw new InvalidOperationException($"{file} is not named type.vN.json.");

    [GeneratedRegex(@"([a-z_]+)\.v(\d+)\.json$")]
    private static partial Regex Name();
}
