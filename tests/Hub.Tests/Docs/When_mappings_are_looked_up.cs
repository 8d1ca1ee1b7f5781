using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hub.Tests.Configuration;
using IntegrationHub.Hub.Tests.Docs;

namespace Hub.Tests.Docs;

/// <summary>The page about mappings says what the loader and the schema know.</summary>
public sealed partial class When_mappings_are_looked_up
{
    private static readonly string _page = File.ReadAllText(Path.Combine(Runbook.Root(), "Hub/Docs/reference/mapping.md"));

    [Test]
    public void Should_be_written_as_the_page_shows()
    {
        using var folder = new ConfigurationFixture();
        var example = Example().Match(_page).Groups[1].Value;
        Assert.That(folder.Delete("policy.yaml").Write("mappings/hubspot.yaml", example).LoadWell().Mappings["hubspot"].Fields, Has.Count.EqualTo(8));
        Assert.That(JsonSchemas.IsValid(Schema(folder), JsonSchemas.FromYaml(example)), Is.True);
    }

    [Test]
    public void Should_write_objects_and_lists_part_by_part_as_the_page_shows()
    {
        using var folder = new ConfigurationFixture();
        var example = Example().Matches(_page)[1].Groups[1].Value;
        var fields = folder.Delete("policy.yaml").Write("mappings/braze.yaml", example).LoadWell().Mappings["braze"].Fields;
        Assert.That(fields.Select(field => field.To), Is.EqualTo(new[] { "external_id", "$.address.city", "$.address.since", "$.interests[sports]", "$.interests[music]" }));
        Assert.That(JsonSchemas.IsValid(Schema(folder), JsonSchemas.FromYaml(example)), Is.True);
    }

    [Test]
    public void Should_find_every_key_that_there_is()
    {
        using var folder = new ConfigurationFixture();
        var keys = Schema(folder)["$defs"]!["field"]!["properties"]!.AsObject().Select(key => key.Key).Where(key => key != "to");
        Assert.That(keys.Where(key => !_page.Contains($"`{key}`", StringComparison.Ordinal)), Is.Empty);
    }

    private static JsonNode Schema(ConfigurationFixture folder) => JsonNode.Parse(folder.Read("schemas/mapping.schema.json"))!;

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
