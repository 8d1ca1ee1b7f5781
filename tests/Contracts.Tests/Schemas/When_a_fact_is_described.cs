using System.Text.Json;
using System.Text.Json.Nodes;
using Contracts.Tests.Wire;
using IntegrationHub.Contracts.Events;

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
    public void Should_name_every_field_that_it_sends()
    {
        var sample = JsonSerializer.SerializeToNode(Sample.Of(fact), fact)!;
        Assert.That(Unknown(sample, FactSchema.Of(fact), "$"), Is.Empty);
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

    private static IEnumerable<string> Unknown(JsonNode? value, JsonNode schema, string path) =>
        value is not JsonObject members || schema["properties"] is not JsonObject properties
            ? []
            : members.SelectMany(member => properties[member.Key] is { } known ? Unknown(member.Value, known, $"{path}.{member.Key}") : [$"{path}.{member.Key}"]);

    private static IEnumerable<string> Undescribed(JsonNode schema, string path) => schema["properties"] is not JsonObject properties
        ? []
        : properties.SelectMany(property => Undescribed(property.Value!, $"{path}.{property.Key}").Concat(property.Value!["description"] is null ? [$"{path}.{property.Key}"] : []));
}
