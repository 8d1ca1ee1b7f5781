using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Tests.Configuration;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Catalog;
using IntegrationHub.Storage.Retention;
using Json.Schema;

namespace IntegrationHub.Hub.Tests.Intake.Catalog;

/// <summary>
/// Contracts as the Open Data Contract Standard 3.1 writes them. The schema beside this file is the one that its makers publish: github.com/bitol-io/open-data-contract-standard, Apache License 2.0.
/// </summary>
public sealed class When_a_contract_is_exported
{
    private static readonly FactRetention _retention = FactRetention.Default;

    [TestCaseSource(typeof(EventTypes), nameof(EventTypes.All))]
    public void Should_be_valid_by_the_published_schema(string type)
    {
        using var folder = new ConfigurationFixture();
        var contract = JsonSchemas.FromYaml(DataContract.Of(type, folder.LoadWell(), _retention));
        var schema = JsonSchema.FromText(File.ReadAllText(SchemaFile()), new BuildOptions { SchemaRegistry = new SchemaRegistry() });
        var result = schema.Evaluate(JsonSerializer.SerializeToElement(contract), new EvaluationOptions { OutputFormat = OutputFormat.List });
        Assert.That(result.IsValid, Is.True, string.Join('\n', result.Details?.Where(detail => detail.Errors is not null).Select(detail => $"{detail.InstanceLocation}: {string.Join(' ', detail.Errors!.Values)}") ?? []));
        Assert.That(contract!["id"]!.GetValue<string>(), Is.EqualTo($"urn:integrationhub:schema:{type}:v1"));
    }

    [Test]
    public void Should_say_what_the_annotations_and_the_files_say()
    {
        using var folder = new ConfigurationFixture();
        var contract = JsonSchemas.FromYaml(DataContract.Of("profile_updated", folder.LoadWell(), _retention))!;
        Assert.Multiple(() =>
        {
            Assert.That(contract["team"]!["name"]!.GetValue<string>(), Is.EqualTo("crm-team"));
            Assert.That(contract["slaProperties"]!.AsArray().Select(promise => promise!.ToJsonString()), Is.EqualTo(new[]
            {
                """{"property":"retention","value":400,"unit":"d"}""", """{"property":"latency","value":300,"unit":"s"}""",
            }));
            Assert.That(Shown(At(contract, "occurred_at")), Is.EqualTo("timestamp required no class"));
            Assert.That(Shown(At(contract, "subject", "email")), Is.EqualTo("string optional personal"), "what stands below personal data is personal");
            Assert.That(Shown(At(contract, "payload", "attributes", "gender")), Is.EqualTo("any optional sensitive"), "an attribute that the installation knows");
            Assert.That(Shown(At(contract, "payload", "attributes", "price")), Is.EqualTo("any optional public"));
        });
    }

    private static JsonNode At(JsonNode contract, params string[] path) =>
        path.Aggregate(contract["schema"]![0]!, (node, name) => node["properties"]!.AsArray().Single(property => property!["name"]!.GetValue<string>() == name)!);

    private static string Shown(JsonNode property) =>
        $"{property["logicalType"]?.GetValue<string>() ?? "any"} {(property["required"]!.GetValue<bool>() ? "required" : "optional")} {property["classification"]?.GetValue<string>() ?? "no class"}";

    private static string SchemaFile([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "odcs-json-schema-v3.1.0.json");
}
