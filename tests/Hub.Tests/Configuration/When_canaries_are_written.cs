using System.Text.Json.Nodes;
using IntegrationHub.Identity;

namespace Hub.Tests.Configuration;

/// <summary><c>canaries.yaml</c>.</summary>
public sealed class When_canaries_are_written
{
    private const string Canaries = "canaries.yaml";
    private const string Keys = "external_id: canary-1, email: anna@birds.example";
    private const string Anna = $"canaries:\n  anna: {{ {Keys}, audience: customers, stamp: last_name, consents: {{ email_marketing: granted }} }}\n";

    [Test]
    public void Should_travel_every_hour_to_every_live_destination_where_nothing_is_said()
    {
        using var folder = new ConfigurationFixture();
        Assert.That(folder.LoadWell().Canaries, Is.Empty, "the file may be missing");
        var anna = Live(folder).Write(Canaries, Anna).LoadWell().Canaries["anna"];
        Assert.That((anna.Every, anna.ShownWithin, anna.Stamp, anna.Consents["email_marketing"]), Is.EqualTo((TimeSpan.FromHours(1), TimeSpan.FromMinutes(15), "last_name", ConsentWord.Granted)));
        Assert.That(anna.Destinations, Is.EqualTo(new[] { "braze", "hubspot" }), "marketo is not live");
        Assert.That((anna.Has(PersonKey.Of(KeyKind.Email, "Anna@birds.example")!.Value), anna.Has(PersonKey.Of(KeyKind.ExternalId, "canary-2")!.Value)), Is.EqualTo((true, false)));
    }

    [Test]
    public void Should_say_all_that_is_said_as_the_schema_says_it()
    {
        using var folder = new ConfigurationFixture();
        const string Text = $$"""
            canaries:
              anna: { {{Keys}}, phone: "+43 1 234567", audience: customers, stamp: last_name, attributes: { first_name: Anna, secret: blood type zero }, consents: { email_marketing: denied, "suppression:canary": denied }, event: { name: product_viewed, properties: { product_id: seeds } }, destinations: [braze], every_minutes: 10, shown_within_minutes: 2, expected_there: [score] }
            """;
        var anna = Live(folder).Write(Canaries, Text).LoadWell().Canaries["anna"];
        Assert.That((anna.Every, anna.ShownWithin, anna.Phone, anna.ExpectedThere.Single(), anna.Attributes["secret"]), Is.EqualTo((TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(2), "+43 1 234567", "score", "blood type zero")));
        Assert.That((anna.Event, anna.EventProperties["product_id"]), Is.EqualTo(("product_viewed", "seeds")));
        var schema = JsonNode.Parse(folder.Read("schemas/canaries.schema.json"))!;
        Assert.That(JsonSchemas.IsValid(schema, JsonSchemas.FromYaml(Text)), Is.True);
        Assert.That(JsonSchemas.IsValid(schema, JsonSchemas.FromYaml(Text.Replace("every_minutes", "every", StringComparison.Ordinal))), Is.False);
    }

    [TestCase("canaries:\n  anna: { audience: customers, stamp: last_name, email: a@b.example, consents: {} }\n", "canaries.anna.external_id is missing.", "external_id")]
    [TestCase($"canaries:\n  anna: {{ {Keys}, audience: customers, consents: {{}} }}\n", "canaries.anna.stamp is missing.", "stamp")]
    [TestCase($"canaries:\n  anna: {{ {Keys}, audience: clients, stamp: last_name, consents: {{}} }}\n", "There is no audience clients.", "customers")]
    [TestCase($"canaries:\n  anna: {{ {Keys}, audience: customers, stamp: last_name, consents: {{}}, destinations: [marketo] }}\n", "anna cannot travel to marketo: it is not told of changes", "live: on")]
    [TestCase($"canaries:\n  anna: {{ {Keys}, audience: customers, stamp: last_name, consents: {{}}, destinations: [mailchimp] }}\n", "anna cannot travel to mailchimp: her audience customers does not go there", "audiences/customers.yaml")]
    [TestCase($"canaries:\n  anna: {{ {Keys}, audience: customers, stamp: trip, consents: {{}} }}\n", "The mapping braze of braze writes trip into no field of type text", "Map trip there")]
    [TestCase($"canaries:\n  anna: {{ {Keys}, audience: customers, stamp: gender, consents: {{}} }}\n", "The mapping braze of braze writes gender into no field of type text", "without values")]
    [TestCase($"canaries:\n  anna: {{ {Keys}, audience: customers, stamp: last_name, attributes: {{ secret: abc }}, consents: {{}} }}\n", "secret must not leave for braze, and its value abc is too short", "6 characters")]
    [TestCase($"canaries:\n  anna: {{ {Keys}, audience: customers, stamp: last_name, attributes: {{ last_name: A }}, consents: {{}} }}\n", "canaries.anna.attributes gives last_name a value", "stamp")]
    [TestCase($"canaries:\n  anna: {{ {Keys}, audience: customers, stamp: last_name, consents: {{ email: granted }} }}\n", "There is no purpose email.", "consent.yaml")]
    [TestCase($"canaries:\n  anna: {{ {Keys}, audience: customers, stamp: last_name, consents: {{ email_marketing: yes }} }}\n", "canaries.anna.consents.email_marketing cannot be yes", "granted, denied")]
    [TestCase($"canaries:\n  anna: {{ {Keys}, audience: customers, stamp: last_name, consents: {{}}, every_minutes: 1 }}\n", "canaries.anna.every_minutes is not a number from 5", "5")]
    [TestCase($"canaries:\n  anna: {{ {Keys}, audience: customers, stamp: last_name, consents: {{}}, every_minutes: 10, shown_within_minutes: 20 }}\n", "canaries.anna.shown_within_minutes is not a number from 1 to 10", "10")]
    [TestCase($"canaries:\n  anna: {{ {Keys}, audience: customers, stamp: last_name, consents: {{}}, event: {{ name: product_seen }} }}\n", "anna does product_seen, of which braze is not told.", "product_viewed")]
    [TestCase($"canaries:\n  anna: {{ {Keys}, audience: customers, stamp: last_name, consents: {{}}, event: {{ properties: {{}} }} }}\n", "canaries.anna.event.name is missing.", "name")]
    [TestCase($"canaries:\n  anna: {{ {Keys}, audience: customers, stamp: last_name, consents: {{}}, often: true }}\n", "canaries.anna.often is not a known key.", "every_minutes")]
    [TestCase($"canaries:\n  anna: {{ {Keys}, audience: customers, stamp: last_name, consents: {{}} }}\n  ben: {{ {Keys}, audience: customers, stamp: last_name, consents: {{}} }}\n", "The canaries anna and ben have one external_id", "her own")]
    public void Should_say_what_is_wrong(string text, string problem, string fix)
    {
        using var folder = new ConfigurationFixture();
        var error = Live(folder).Write(Canaries, text).Load().Errors.First(e => e.File == Canaries);
        Assert.That(error.Problem, Does.StartWith(problem));
        Assert.That(error.Fix, Does.Contain(fix));
    }

    [Test]
    public void Should_not_grant_what_the_law_of_consent_does_not_let_her_grant()
    {
        using var folder = new ConfigurationFixture();
        var error = folder.Replace("destinations/braze.yaml", "# live: on", "live: on").Write(Canaries, Anna).LoadBadly();
        Assert.That((error.Problem, error.Fix), Is.EqualTo((
            "anna grants, and consent.yaml does not let the source hub.canary grant: she would be sent nowhere.",
            "Add under sources of consent.yaml: hub.canary: { may: [grant, deny], producers: [hub.canary] }")));
    }

    /// <summary>Of a canary whose values are not taken nothing new would arrive, and she would be told as lost.</summary>
    [TestCase("  last_name: { system_of_record: crm }\n", "last_name does not change with each trip of anna")]
    [TestCase("  last_name: { system_of_record: crm, conflict: newest, mutability: write_once }\n", "last_name does not change with each trip of anna")]
    [TestCase("  last_name: { system_of_record: crm, mutability: fill_empty }\n", "last_name does not change with each trip of anna")]
    [TestCase("  first_name: { system_of_record: crm, conflict: flag }\n", "first_name belongs to crm by ownership.yaml")]
    [TestCase("  last_name: { system_of_record: hub.canary }\n", null)]
    [TestCase("  last_name: { system_of_record: crm, conflict: newest }\n", null)]
    [TestCase("  first_name: { system_of_record: crm, mutability: fill_empty }\n", null)]
    public void Should_not_state_what_is_not_taken(string owned, string? problem)
    {
        using var folder = new ConfigurationFixture();
        var text = Anna.Replace("stamp: last_name", "stamp: last_name, attributes: { first_name: Annabella }", StringComparison.Ordinal);
        var errors = Live(folder).Write("ownership.yaml", $"attributes:\n{owned}").Write(Canaries, text).Load().Errors.Where(error => error.File == Canaries).Select(error => error.Problem).ToList();
        Assert.That(errors, problem is null ? Is.Empty : Has.One.StartsWith(problem));
    }

    /// <summary>What only grows is kept in one order: in another it would be shown as something else than she states.</summary>
    [TestCase("Bea;Annabella", "first_name only grows by ownership.yaml, which keeps Annabella;Bea of what anna states.")]
    [TestCase("Annabella;Bea", null)]
    [TestCase(" ; ", "first_name only grows by ownership.yaml, which keeps nothing of what anna states.")]
    public void Should_state_elements_as_they_are_kept(string value, string? problem)
    {
        using var folder = new ConfigurationFixture();
        var text = Anna.Replace("stamp: last_name", $"stamp: last_name, attributes: {{ first_name: \"{value}\" }}", StringComparison.Ordinal);
        var errors = Live(folder).Write("ownership.yaml", "attributes:\n  first_name: { system_of_record: hub.canary, mutability: append_only }\n").Write(Canaries, text).Load().Errors.Where(error => error.File == Canaries).Select(error => error.Problem).ToList();
        Assert.That(errors, problem is null ? Is.Empty : Is.EqualTo(new[] { problem }));
    }

    [Test]
    public void Should_not_travel_where_nothing_is_live()
    {
        using var folder = new ConfigurationFixture();
        Assert.That(folder.Write(Canaries, Anna.Replace("granted", "denied", StringComparison.Ordinal)).LoadBadly().Problem, Does.StartWith("No destination of customers is told of changes"));
    }

    private static ConfigurationFixture Live(ConfigurationFixture folder) => folder
        .Replace("destinations/braze.yaml", "# live: on", "live: on")
        .Write("destinations/hubspot.yaml", folder.Read("destinations/hubspot.yaml") + "live: on\n")
        .Replace("consent.yaml", "  \"*\": { may: [deny] }", "  hub.canary: { may: [grant, deny], producers: [hub.canary] }\n  \"*\": { may: [deny] }");
}
