using System.Text.Json;
using System.Text.Json.Nodes;
using Contracts.Tests.Wire;
using IntegrationHub.Contracts.Events;
using Json.Schema;

namespace Contracts.Tests.Schemas;

[TestFixtureSource(typeof(FactSchema), nameof(FactSchema.Facts))]
public sealed class When_a_fact_is_described(Type fact)
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Test]
    public void Should_have_the_schema_that_was_approved() =>
        Approval.Verify($"Contracts/Schemas/{FactSchema.EventType(fact)}.v1.json", FactSchema.Of(fact).ToJsonString(_indented));

    [Test]
    public void Should_ship_its_schema_in_the_assembly() =>
        Assert.That(typeof(ICanonicalEvent).Assembly.GetManifestResourceNames(), Has.Some.EndsWith($"Schemas.{FactSchema.EventType(fact)}.v1.json"));

    [Test]
    public void Should_hold_of_what_it_sends() =>
        Assert.That(Refusals(JsonSerializer.SerializeToNode(Sample.Of(fact), fact)!), Is.Empty);

    [TestCase("/colour")]
    [TestCase("/subject/colour")]
    [TestCase("/payload/colour")]
    public void Should_refuse_a_name_that_it_does_not_know(string path)
    {
        var sample = JsonSerializer.SerializeToNode(Sample.Of(fact), fact)!;
        var names = path.Split('/')[1..];
        (names.Length == 1 ? sample : sample[names[0]]!)[names[^1]] = "red";
        Assert.That(Refusals(sample), Has.Some.EqualTo(path));
    }

    [Test]
    public void Should_refuse_names_it_does_not_know_and_require_the_envelope()
    {
        var schema = FactSchema.Of(fact);
        Assert.Multiple(() =>
        {
            Assert.That(schema["additionalProperties"]!.GetValue<bool>(), Is.False);
            Assert.That(schema["properties"]!["subject"]!["additionalProperties"]!.GetValue<bool>(), Is.False);
            Assert.That(schema["properties"]!["payload"]!["additionalProperties"]!.GetValue<bool>(), Is.False);
            Assert.That(
                schema["required"]!.AsArray().Select(name => name!.GetValue<string>()),
                Is.EquivalentTo(["event_id", "event_type", "schema_version", "occurred_at", "producer", "subject", "payload"]));
        });
    }

    [Test]
    public void Should_describe_every_field() =>
        Assert.That(Undescribed(FactSchema.Of(fact), "$"), Is.Empty);

    /// <summary>Where the schema says no.</summary>
    private IEnumerable<string> Refusals(JsonNode sample)
    {
        var schema = JsonSchema.FromText(FactSchema.Of(fact).ToJsonString(), new BuildOptions { SchemaRegistry = new SchemaRegistry() });
        var results = schema.Evaluate(JsonSerializer.SerializeToElement(sample), new EvaluationOptions { OutputFormat = OutputFormat.List });
        return results.IsValid ? [] : results.Details!.Where(detail => !detail.IsValid).Select(detail => detail.InstanceLocation.ToString()).Where(path => path.Length > 0).DefaultIfEmpty("/");
    }

    private static IEnumerable<string> Undescribed(JsonNode schema, string path) => schema["properties"] is not JsonObject properties
        ? []
        : properties.SelectMany(property => Undescribed(property.Value!, $"{path}.{property.Key}").Concat(property.Value!["description"] is null ? [$"{path}.{property.Key}"] : []));
}
