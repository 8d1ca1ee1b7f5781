using System.Globalization;
using System.Text;
using System.Text.Json;
using Hub.Tests.Configuration;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Map;

namespace IntegrationHub.Hub.Tests.Docs;

/// <summary>The map says what the configuration says, and the reference shows it of the samples.</summary>
public sealed class When_the_map_is_read
{
    private const string Secret = "xoxb-a-secret";

    [Test]
    public void Should_say_how_often_by_which_way_who_answers_and_who_is_told()
    {
        using var folder = new ConfigurationFixture();
        Directory.CreateDirectory(Path.Combine(folder.Folder, "sources"));
        var map = Of(folder.SetEnvironment("SLACK", Secret).SetEnvironment("WEB", Secret)
            .Write("schedules.yaml", "schedules:\n  nightly: { sync: customers, destinations: [braze], cron: \"0 30 2 * * ?\", time_zone: Europe/Berlin }\n  compared: { reconcile: customers, cron: \"0 0 4 ? * MON\", time_zone: UTC }\n")
            .Write("sources/web.yaml", "dialect: segment\nowner: shop-team\nsignature: { scheme: segment, secret: { env: WEB } }\n")
            .Write("slo.yaml", "destinations:\n  braze:\n    bulk: { freshness_seconds: 600, lag_p95_seconds: 900 }\n")
            .Write("alerts.yaml", "routes:\n  night: { kind: pagerduty, routing_key: { env: SLACK }, severities: [critical], destinations: [braze] }\n")
            .Replace("destinations/braze.yaml", "mapping: braze", "mapping: braze\nlive: on"));

        var members = map.Flows.Single(flow => flow is { Kind: "members", Destination: "braze" });
        Assert.That((members.What, members.Frequency, members.Owner, members.FreshnessGoal, members.LagP95Goal), Is.EqualTo(("customers", "nightly: 0 30 2 * * ? Europe/Berlin; changes as it happens; on request", "crm-team", 600d, 900d)));
        Assert.That(members.Data, Does.Contain("dob").And.Not.Contain("date_of_birth"), "the vendor's fields");
        Assert.That(map.Flows.Single(flow => flow is { Kind: "members", Destination: "hubspot" }).Frequency, Is.EqualTo("on request"), "comparing brings nothing");
        Assert.That(map.Sources.Single(source => source.Kind == "webhook"), Has.Property("Owner").EqualTo("shop-team").And.Property("Method").EqualTo("segment, proven by segment"));
        var (braze, hubspot) = (map.Destinations.Single(destination => destination.Name == "braze"), map.Destinations.Single(destination => destination.Name == "hubspot"));
        Assert.That(braze.Alerts["critical"], Is.EqualTo(new[] { "night" }));
        Assert.That(braze.Alerts["high"].Concat(hubspot.Alerts.Values.SelectMany(routes => routes)), Is.Empty);
        Assert.That(JsonSerializer.Serialize(map), Does.Not.Contain(Secret).And.Not.Contain("SLACK"), "neither secrets nor where they are");
    }

    [Test]
    public void Should_leave_out_what_the_vendor_owns()
    {
        using var folder = new ConfigurationFixture();
        var map = Of(folder.Replace("mappings/braze.yaml", "    to: dob\n    type: date", "    to: dob\n    owner: vendor\n    type: date"));
        Assert.That(map.Flows.Single(flow => flow is { Kind: "members", Destination: "braze" }).Data, Does.Not.Contain("dob"));
        Assert.That(map.Destinations.Single(destination => destination.Name == "braze").Fields.Single(field => field.To == "dob").Owner, Is.EqualTo("vendor"), "the dictionary knows it");
    }

    [Test]
    public void Should_say_whose_attributes_are()
    {
        using var folder = new ConfigurationFixture();
        var fields = Of(folder.Write("ownership.yaml", "attributes:\n  date_of_birth: { system_of_record: crm, conflict: flag, mutability: write_once }\n")).Destinations.Single(destination => destination.Name == "braze").Fields;
        Assert.That(fields.Where(field => field.SystemOfRecord is not null).Select(field => (field.To, field.SystemOfRecord, field.Conflict, field.AttributeMutability)), Is.EqualTo(new[] { ("dob", "crm", "flag", "write_once") }));
    }

    [Test]
    public void Should_say_which_way_attributes_go()
    {
        using var folder = new ConfigurationFixture();
        var map = Of(folder.Write("ownership.yaml", "attributes:\n  date_of_birth: { system_of_record: crm, conflict: newest, mutability: append_only, direction: { braze: both, hubspot: out } }\n"));
        Assert.That(
            map.Destinations.Select(destination => (destination.Name, destination.Fields.Single(field => field.From == "date_of_birth").AttributeDirection)),
            Is.EquivalentTo(new[] { ("braze", "both"), ("hubspot", "out"), ("marketo", (string?)null) }));
        Assert.That(map.Destinations[0].Fields.Single(field => field.From == "date_of_birth").AttributeMutability, Is.EqualTo("append_only"));
    }

    /// <summary>A name that somebody writes into a file must not become a part of the drawing.</summary>
    [Test]
    public void Should_draw_names_as_names()
    {
        using var folder = new ConfigurationFixture();
        var drawn = MapDiagram.Of(Of(folder.Replace("destinations/braze.yaml", "owner: marketing-operations", "owner: \"a\\\"] --> evil<script>\"")));
        Assert.That(drawn, Does.Contain("a#quot;] --#gt; evil#lt;script#gt;").And.Not.Contain("<script>"));
    }

    [Test]
    public async Task Should_be_drawn_and_written_by_the_verb()
    {
        using var folder = new ConfigurationFixture();
        var drawn = await CallAsync("map", "--mermaid", $"--Hub:ConfigPath={folder.Folder}");
        Assert.That(drawn, Does.StartWith("flowchart LR\n").And.Contain("customers (members, "));
        using var json = JsonDocument.Parse(await CallAsync("map", "--json", $"--Hub:ConfigPath={folder.Folder}"));
        Assert.That(json.RootElement.GetProperty("flows").GetArrayLength(), Is.GreaterThan(5));
        Assert.That(await CallAsync("map", $"--Hub:ConfigPath={folder.Folder}"), Does.Contain("marketing_email").Or.Contain("email_marketing"));
    }

    [Test]
    public void Should_be_shown_of_the_samples()
    {
        var map = Samples();
        var page = new StringBuilder("# Integration map\n\nMade from the sample configuration by a test. Of your own: `map --Hub:ConfigPath=config`, with `--mermaid` or `--json`; of a hub that runs: `GET /v1/map`.\n\n```mermaid\n").Append(MapDiagram.Of(map)).Append("```\n\n## What comes in\n\n| Source | Kind | Way in | How often | Owner | Service level |\n|---|---|---|---|---|---|\n");
        foreach (var source in map.Sources)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {Cell(source.Name)} | {source.Kind} | {Cell(source.Method)} | {source.Frequency} | {Cell(source.Owner ?? "nobody named")} | {Cell(source.Slo ?? "")} |\n");
        }

        page.Append("\n## What goes out\n\n| What | Kind | Destination | Fields | Personal | At the vendor | How often | Lane, oldest, 95 of 100 within | Owner | Told of alerts |\n|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var flow in map.Flows)
        {
            var told = map.Destinations.Single(destination => destination.Name == flow.Destination).Alerts.Where(route => route.Value.Count > 0).Select(route => $"{route.Key}: {string.Join(", ", route.Value)}");
            page.Append(CultureInfo.InvariantCulture, $"| {Cell(flow.What)} | {flow.Kind} | {flow.Destination} | {flow.Data.Count} | {(flow.IsPersonal ? "yes" : "no")} | {Cell(flow.Method)} | {Cell(flow.Frequency)} | {flow.Lane}, {TimeSpan.FromSeconds(flow.FreshnessGoal):c}, {TimeSpan.FromSeconds(flow.LagP95Goal):c} | {Cell(flow.Owner ?? "nobody named")} | {Cell(string.Join("; ", told.DefaultIfEmpty("nobody: write alerts.yaml")))} |\n");
        }

        ReferencePage.ShouldBe("integration-map", page.ToString());
    }

    [Test]
    public void Should_show_the_data_dictionary_of_the_samples()
    {
        var page = new StringBuilder("# Data dictionary\n\nMade from the sample mappings by a test: each field that a destination has of a person, what it is made from and who owns it. Of your own: `map --json`, `destinations[].fields`. What a vendor owns is never sent.\n");
        foreach (var destination in Samples().Destinations)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {destination.Name} ({destination.Vendor})\nPeople are told by `{destination.IdentityKey}`; sent only with the purposes {string.Join(", ", destination.Purposes)}.\n\n| Attribute | Field there | Type | Made by | No value | Cannot be turned | Owner | May change | Class | Policy |\n|---|---|---|---|---|---|---|---|---|---|\n");
            foreach (var field in destination.Fields)
            {
                page.Append(CultureInfo.InvariantCulture, $"| `{field.From}` | `{field.To}` | {field.Type} | {Cell(field.MadeBy)} | {field.OnNull} | {field.OnError} | {field.Owner} | {field.Mutability} | {field.Classification} | {field.Policy} |\n");
            }
        }

        ReferencePage.ShouldBe("data-dictionary", page.ToString());
    }

    private static string Cell(string text) => ReferencePage.Cell(text);

    private static MapJson Samples()
    {
        using var folder = new ConfigurationFixture();
        return Of(folder);
    }

    private static MapJson Of(ConfigurationFixture folder) => IntegrationMap.Of(folder.LoadWell(), ConfigurationFixture.Connectors);

    private static async Task<string> CallAsync(params string[] args)
    {
        using StringWriter output = new(), error = new();
        var verbs = new HostVerbs { Serve = (_, _) => Task.CompletedTask, Demo = (_, _, _, _) => Task.CompletedTask, Validate = HubHost.ValidateAsync, Map = HubHost.Map };
        Assert.That(await CommandLine.RunAsync(args, verbs, new Terminal { Out = output, Error = error }), Is.Zero, error.ToString());
        return output.ToString();
    }
}
