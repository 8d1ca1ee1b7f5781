using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Tests.Docs;
using IntegrationHub.Storage.Deliveries;

namespace Hub.Tests.Configuration;

/// <summary><c>slo.yaml</c> and <c>alerts.yaml</c>.</summary>
public sealed partial class When_goals_and_alerts_are_written
{
    private const string Slo = "slo.yaml";
    private const string Alerts = "alerts.yaml";

    [Test]
    public void Should_keep_the_usual_where_nothing_is_said()
    {
        using var folder = new ConfigurationFixture();
        Assert.That(folder.LoadWell().Slo.Of("braze", Lane.Live).Freshness, Is.EqualTo(TimeSpan.FromMinutes(5)));
        var said = folder.Write(Slo, "lanes:\n  live: { error_share: 0.5 }\ndestinations:\n  hubspot:\n    live: { freshness_seconds: 900, backlog: 7 }\n").LoadWell().Slo;
        Assert.That(said.Of("braze", Lane.Live), Is.EqualTo(new SloGoal(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5), 0.5, null)));
        Assert.That(said.Of("hubspot", Lane.Live), Is.EqualTo(new SloGoal(TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(5), 0.5, 7)), "what it does not say is as for all");
        Assert.That(said.Of("hubspot", Lane.Bulk).Freshness, Is.EqualTo(TimeSpan.FromHours(1)));
    }

    [Test]
    public void Should_promise_something_of_half_and_of_nearly_all_where_it_is_said()
    {
        using var folder = new ConfigurationFixture();
        const string Text = "lanes:\n  live: { lag_p99_seconds: 600 }\ndestinations:\n  hubspot:\n    live: { lag_p50_seconds: 5 }\n";
        var said = folder.Write(Slo, Text).LoadWell().Slo;
        Assert.That(said.Of("braze", Lane.Live).Lags, Is.EqualTo(new[] { (95, TimeSpan.FromMinutes(5)), (99, TimeSpan.FromMinutes(10)) }));
        Assert.That(said.Of("hubspot", Lane.Live).Lags, Is.EqualTo(new[] { (50, TimeSpan.FromSeconds(5)), (95, TimeSpan.FromMinutes(5)), (99, TimeSpan.FromMinutes(10)) }));
        Assert.That(IsKnownToEditors(folder, Slo, Text), Is.True);
    }

    [Test]
    public void Should_know_whom_to_tell_of_what()
    {
        using var folder = new ConfigurationFixture();
        Assert.That(folder.LoadWell().AlertRoutes, Is.Empty, "the file may be missing");
        var routes = folder.Write(Alerts, "routes:\n  on_call: { kind: pagerduty, routing_key: { env: PD }, severities: [critical] }\n  mail: { kind: email, host: h, from: a@example.com, to: [b@example.com], destinations: [braze] }\n").LoadWell().AlertRoutes;
        Assert.That((routes[0].Takes("critical", null), routes[0].Takes("high", "braze")), Is.EqualTo((true, false)));
        Assert.That((routes[1].Takes("low", "braze"), routes[1].Takes("low", "hubspot"), routes[1].Takes("low", null)), Is.EqualTo((true, false, false)));
        Assert.That(routes[1].Mail!.Port, Is.EqualTo(587));
    }

    [Test]
    public void Should_know_what_a_webhook_is_signed_with_while_the_secret_is_replaced()
    {
        using var folder = new ConfigurationFixture();
        var route = folder.Write(Alerts, "routes:\n  own: { kind: webhook, url: 'https://ops.example.com/in', secrets: [{ env: NEW }, { env: OLD }] }\n").LoadWell().AlertRoutes.Single();
        Assert.That(route.Secrets.Select(secret => secret.EnvironmentVariable), Is.EqualTo(new[] { "NEW", "OLD" }));
    }

    /// <summary>What the guide shows is right for the hub and for an editor with the schemas.</summary>
    [Test]
    public void Should_be_what_the_guide_shows()
    {
        using var folder = new ConfigurationFixture();
        var shown = Example().Matches(File.ReadAllText(Path.Combine(Runbook.Root(), "Hub", "Docs", "guides", "alerts.md"))).Select(match => match.Groups[1].Value).ToList();
        var (alerts, slo) = (shown.Single(text => text.Contains("alerts.schema.json", StringComparison.Ordinal)), shown.Single(text => text.Contains("slo.schema.json", StringComparison.Ordinal)));
        Assert.That(folder.Write(Alerts, alerts).Write(Slo, slo).Load().Errors, Is.Empty);
        Assert.That((IsKnownToEditors(folder, Alerts, alerts), IsKnownToEditors(folder, Slo, slo)), Is.EqualTo((true, true)));
    }

    [TestCase(Slo, "lanes:\n  life: { backlog: 1 }\n", 2, "lanes.life is not a known key.", "live")]
    [TestCase(Slo, "lanes:\n  live: { error_share: 5 }\n", 2, "lanes.live.error_share is not a number from 0 to 1.", "from 0 to 1")]
    [TestCase(Slo, "destinations:\n  braze2: { live: { backlog: 1 } }\n", 2, "There is no destination braze2.", "braze")]
    [TestCase(Slo, "lanes:\n  live: { freshness: 5 }\n", 2, "lanes.live.freshness is not a known key.", "freshness_seconds")]
    [TestCase(Alerts, "routes:\n  team: { kind: slak, url: { env: X } }\n", 2, "routes.team.kind cannot be slak.", "slack")]
    [TestCase(Alerts, "routes:\n  team: { kind: slack }\n", 2, "routes.team.url is missing.", "url")]
    [TestCase(Alerts, "routes:\n  team: { kind: slack, url: https://hooks.slack.com/services/T/B/X }\n", 2, "routes.team.url is not a section.", "keys")]
    [TestCase(Alerts, "routes:\n  team: { kind: slack, url: { secret: X } }\n", 2, "routes.team.url.secret is not a known key.", "env, file")]
    [TestCase(Alerts, "routes:\n  own: { kind: webhook, secret: { env: X } }\n", 2, "routes.own.url is missing.", "url")]
    [TestCase(Alerts, "routes:\n  own: { kind: webhook, url: ops, secret: { env: X } }\n", 2, "routes.own.url is no address.", "https://")]
    [TestCase(Alerts, "routes:\n  team: { kind: slack, url: { env: X }, severities: [urgent] }\n", 2, "routes.team.severities cannot be urgent.", "critical, high, medium, low")]
    [TestCase(Alerts, "routes:\n  mail: { kind: email, host: h, from: a@example.com, to: ['not an address@'] }\n", 2, "routes.mail.to and from hold not an address@", "on-call@example.com")]
    [TestCase(Alerts, "routes:\n  own: { kind: webhook, url: 'https://ops.example.com/in', secret: { env: X }, secrets: [{ env: Y }] }\n", 2, "routes.own.secrets and secret are both there.", "Keep secrets")]
    [TestCase(Alerts, "routes:\n  mail: { kind: email, host: h, from: a@example.com, to: [b@example.com], routing_key: { env: X } }\n", 2, "routes.mail.routing_key is not a known key.", "host")]
    [TestCase(Alerts, "alerts: {}\n", 1, "routes is missing.", "routes")]
    public void Should_say_what_is_wrong_and_where(string file, string text, int line, string problem, string fix)
    {
        using var folder = new ConfigurationFixture();
        var error = folder.Write(file, text).Load().Errors.First(e => e.File == file);
        Assert.That(error.Line, Is.EqualTo(line));
        Assert.That(error.Problem, Does.StartWith(problem));
        Assert.That(error.Fix, Does.Contain(fix));
        if (!_namesAndAddresses.Any(problem.Contains))
        {
            Assert.That(IsKnownToEditors(folder, file, text), Is.False, "an editor says so too");
        }
    }

    /// <summary>What only the hub knows: its destinations, and what an address of mail is.</summary>
    private static readonly string[] _namesAndAddresses = ["There is no destination", "not an address@"];

    private static bool IsKnownToEditors(ConfigurationFixture folder, string file, string text) =>
        JsonSchemas.IsValid(JsonNode.Parse(folder.Read($"schemas/{file.Replace(".yaml", ".schema.json", StringComparison.Ordinal)}"))!, JsonSchemas.FromYaml(text));

    [GeneratedRegex("```yaml[^\n]*\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
