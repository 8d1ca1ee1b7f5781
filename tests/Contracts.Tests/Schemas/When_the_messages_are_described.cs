using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Contracts.Tests.Schemas;

public sealed class When_the_messages_are_described
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Test]
    public void Should_have_the_document_that_was_approved() => Approval.Verify("Contracts/asyncapi.json", AsyncApi.Document().ToJsonString(_indented));

    [Test]
    public void Should_refer_to_nothing_that_is_not_there()
    {
        var document = AsyncApi.Document();
        var references = References(document).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(references.Where(reference => reference[0] == '.').Where(file => !File.Exists(Path.Combine(Approval.Root, "Contracts", file))), Is.Empty);
            Assert.That(references.Where(reference => reference[0] == '#').Where(reference => reference[2..].Split('/').Aggregate((JsonNode?)document, (at, name) => at?[name]) is null), Is.Empty);
        });
    }

    /// <summary>The judge is the JSON Schema that the AsyncAPI initiative publishes, as its own parser takes it: https://www.npmjs.com/package/@asyncapi/specs. The whole parser is 169 packages.</summary>
    [Test]
    public async Task Should_be_a_document_of_AsyncAPI()
    {
        var folder = Directory.CreateTempSubdirectory("asyncapi-spec-").FullName;
        try
        {
            foreach (var file in new[] { "package.json", "package-lock.json" })
                File.Copy(Path.Combine(Approval.Root, "tests", "Contracts.Tests", "Schemas", "AsyncApiSpec", file), Path.Combine(folder, file));
            using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-timeout=20000", "--fetch-retries=5"]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var said = await npm.StandardError.ReadToEndAsync();
            await npm.WaitForExitAsync();
            Assert.That(npm.ExitCode, Is.Zero, $"npm could not install the schema: {said}");

            var spec = JsonSchema.FromText(await File.ReadAllTextAsync(Path.Combine(folder, "node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json")), new BuildOptions { SchemaRegistry = new SchemaRegistry() });
            var document = AsyncApi.Document();
            Assert.That(Refusals(spec, document), Is.Empty);
            document["operations"]!.AsObject().First().Value!["action"] = "listen";
            Assert.That(Refusals(spec, document), Is.Not.Empty, "the schema judges");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<string> Refusals(JsonSchema spec, JsonNode document)
    {
        var results = spec.Evaluate(JsonSerializer.SerializeToElement(document), new EvaluationOptions { OutputFormat = OutputFormat.List });
        return results.IsValid ? [] : results.Details!.Where(detail => detail.Errors is { Count: > 0 }).Select(detail => $"{detail.InstanceLocation}: {string.Join("; ", detail.Errors!.Values)}").DefaultIfEmpty("/");
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject parent => parent.SelectMany(property => property.Key == "$ref" ? [property.Value!.GetValue<string>()] : References(property.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };
}
