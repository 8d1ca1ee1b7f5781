using System.Text.Json.Nodes;
using IntegrationHub.Hub.Configuration;

namespace Hub.Tests.Configuration;

public sealed class When_a_source_is_configured
{
    private const string File = "sources/web.yaml";

    private const string Segment =
        """
        dialect: segment
        signature: { scheme: segment, secret: { env: SEGMENT_SECRET } }
        rename: { events: { "Product Viewed": product_viewed }, traits: { firstName: first_name } }
        page_views: true
        consent: { categories: { C0004: email_marketing }, authority: gate }
        audiences: { first_time_shopper: customers }
        integrations: { "Sales CRM": hubspot }
        violations: { unplanned_property: quarantine, type_mismatch: quarantine }

        """;

    private const string HubSpot =
        """
        dialect: hubspot
        signature: { scheme: hubspot, secrets: [{ env: SEGMENT_SECRET }, { file: sources/old }], tolerance: 60 }
        public_url: https://hub.example.com/v1/webhooks/web
        opt_outs: { hs_email_optout: { purpose: email_marketing, denied: ["true"] } }

        """;

    private const string Json =
        """
        dialect: json
        signature: { scheme: standard_webhooks, secret: { env: STANDARD_SECRET } }
        facts:
          - when: { /type: customer.updated }
            each: /data
            event_type: profile_updated
            event_id: /id
            occurred_at: /created
            subject: { external_id: /user }
            payload: { x: y }
            attributes: { first_name: /name }
            properties: { a: /b }
            purchase: { product_id: /p }
            merged: { external_id: /m }
            evidence: { method: form }
        ignore: [{ /type: ping }]

        """;

    private const string Rudderstack =
        """
        dialect: rudderstack
        signature: { scheme: secret_header, header: X-Hub-Token, secret: { env: SEGMENT_SECRET } }
        record: { audience: customers }

        """;

    private ConfigurationFixture _fixture = null!;

    [SetUp]
    public void Copy()
    {
        _fixture = new ConfigurationFixture().SetEnvironment("SEGMENT_SECRET", "s3cret").SetEnvironment("STANDARD_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").SetEnvironment("V1A", "whpk_AAAA");
        Directory.CreateDirectory(Path.Combine(_fixture.Folder, "sources"));
        _fixture.Write("sources/old", "old secret\n");
    }

    [TearDown]
    public void Delete() => _fixture.Dispose();

    [Test]
    public void Should_need_no_source() => Assert.That(_fixture.LoadWell().Sources, Is.Empty);

    [TestCase(Segment)]
    [TestCase(HubSpot)]
    [TestCase(Json)]
    [TestCase(Rudderstack)]
    public void Should_take_what_the_schema_takes(string text)
    {
        var source = _fixture.Write(File, text).LoadWell().Sources["web"];
        Assert.That((source.Name, source.Signature.Secrets[0].Read()), Is.EqualTo(("web", text == Json ? "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" : "s3cret")));
        Assert.That(MatchesSchema(), Is.True);
    }

    [Test]
    public void Should_read_every_secret_and_the_tolerance()
    {
        var signature = _fixture.Write(File, HubSpot).LoadWell().Sources["web"].Signature;
        Assert.That((signature.Secrets.Select(secret => secret.Read()), signature.Tolerance), Is.EqualTo((new[] { "s3cret", "old secret" }, TimeSpan.FromMinutes(1))));
    }

    /// <summary>Mistakes in the shape of the file: an editor with the schema sees them too.</summary>
    [TestCase(Segment, "dialect: segment\n", "", "Add dialect")]
    [TestCase(Segment, "dialect: segment", "dialect: segmant", "Did you mean segment?")]
    [TestCase(Segment, "scheme: segment", "scheme: sha1", "Write one of: standard_webhooks, hubspot")]
    [TestCase(Segment, "secret: { env: SEGMENT_SECRET }", "secret: s3cret", "keys and values below")]
    [TestCase(Segment, "secret: { env: SEGMENT_SECRET }", "secret: { env: A, file: b }", "{ env: NAME } or { file: PATH }")]
    [TestCase(Segment, ", secret: { env: SEGMENT_SECRET }", "", "{ env: NAME } or { file: PATH }")]
    [TestCase(Segment, "authority: gate", "authority: perhaps", "Write one of: gate, ledger.")]
    [TestCase(Segment, ", authority: gate", "", "Add authority")]
    [TestCase(Segment, "page_views: true", "page_views: sometimes", "true or false")]
    [TestCase(Segment, "audiences:", "audience:", "Did you mean audiences?")]
    [TestCase(Segment, "unplanned_property: quarantine", "unplanned_property: drop", "Write one of: omit, quarantine, allow.")]
    [TestCase(Segment, "type_mismatch: quarantine", "type_mismatch: omit", "Write one of: quarantine.")]
    [TestCase(Segment, "type_mismatch:", "type_missmatch:", "Did you mean type_mismatch?")]
    [TestCase(HubSpot, "tolerance: 60", "tolerance: 86400", "from 1 to 3600")]
    [TestCase(HubSpot, ", denied: [\"true\"]", "", "Add denied")]
    [TestCase(Json, "    occurred_at: /created\n", "", "Add occurred_at")]
    [TestCase(Json, "    subject: { external_id: /user }\n", "", "Add subject")]
    [TestCase(Json, "event_type: profile_updated", "event_type: profile_update", "Did you mean profile_updated?")]
    [TestCase(Json, "each: /data", "each: data", "/data/items")]
    [TestCase(Json, "{ /type: ping }", "{ type: ping }", "/type: customer.updated")]
    [TestCase(Rudderstack, "record: { audience: customers }", "record: {}", "Add audience")]
    public void Should_report_a_wrong_shape_as_the_schema_does(string text, string old, string replacement, string fix)
    {
        Assert.That(text, Does.Contain(old));
        var found = _fixture.Write(File, text.Replace(old, replacement, StringComparison.Ordinal)).Load().Errors;
        Assert.That(found.Select(error => error.Fix), Has.Some.Contains(fix), string.Join('\n', found));
        Assert.That(found, Is.All.Matches<ConfigurationError>(error => error is { File: File, Line: > 0 } && !error.ToString().Contains("s3cret\n", StringComparison.Ordinal)));
        Assert.That(MatchesSchema(), Is.False, "the schema accepts what the loader refuses");
    }

    /// <summary>Mistakes that only the whole configuration or the place of a secret shows.</summary>
    [TestCase(Segment, "env: SEGMENT_SECRET", "env: NOT_SET", "Set it, or remove the source's file.")]
    [TestCase(Segment, "C0004: email_marketing", "C0004: email_marketting", "Did you mean email_marketing?")]
    [TestCase(Segment, "first_time_shopper: customers", "first_time_shopper: customer", "Did you mean customers?")]
    [TestCase(Segment, "\"Sales CRM\": hubspot", "\"Sales CRM\": hubspott", "Did you mean hubspot?")]
    [TestCase(Segment, "dialect: segment", "dialect: hubspot", "segment or rudderstack")]
    [TestCase(Segment, "scheme: segment,", "scheme: segment, tolerance: 60,", "Remove tolerance.")]
    [TestCase(Segment, "scheme: segment,", "scheme: segment, version: v1,", "Remove version.")]
    [TestCase(Segment, "scheme: segment,", "scheme: segment, header: X-Y,", "secret_header")]
    [TestCase(HubSpot, "purpose: email_marketing", "purpose: mail", "Known:")]
    [TestCase(HubSpot, "public_url: https://hub.example.com/v1/webhooks/web\n", "", "exactly as it stands in HubSpot")]
    [TestCase(HubSpot, "https://hub.example.com/v1/webhooks/web", "hub.example.com", "https://hub.example.com/v1/webhooks/crm")]
    [TestCase(HubSpot, "tolerance: 60", "version: v1a", "Write v3")]
    [TestCase(Json, "env: STANDARD_SECRET", "env: SEGMENT_SECRET", "whsec_ and the key in base64")]
    [TestCase(Json, "env: STANDARD_SECRET", "env: V1A", "symmetric secret")]
    [TestCase(Json, "secret: { env: STANDARD_SECRET }", "version: v1a, secret: { env: STANDARD_SECRET }", "symmetric secret")]
    [TestCase(Rudderstack, ", header: X-Hub-Token", "", "header: X-Hub-Token")]
    [TestCase(Rudderstack, "audience: customers", "audience: everybody", "Known: customers")]
    public void Should_report_what_does_not_fit_together(string text, string old, string replacement, string fix)
    {
        Assert.That(text, Does.Contain(old));
        var found = _fixture.Write(File, text.Replace(old, replacement, StringComparison.Ordinal)).Load().Errors;
        Assert.That(found.Select(error => error.Fix), Has.Some.Contains(fix), string.Join('\n', found));
        Assert.That(found, Is.All.Matches<ConfigurationError>(error => error is { File: File, Line: > 0 }));
    }

    [Test]
    public void Should_know_which_products_are_the_hubs_destinations()
    {
        var source = _fixture.Write(File, Segment).LoadWell().Sources["web"];
        Assert.That((source.Integrations["Sales CRM"], source.Connectors["hubspot"], source.Unplanned), Is.EqualTo(("hubspot", "hubspot", (UnplannedProperty?)UnplannedProperty.Quarantine)));
    }

    [Test]
    public void Should_know_in_the_schema_the_keys_that_the_loader_knows()
    {
        var error = _fixture.Write(File, "zzzzzzzzzz: 1").Load().Errors.Single(static e => e.Problem.StartsWith("zzzzzzzzzz", StringComparison.Ordinal));
        Assert.That(error.Fix.Split("Known keys: ")[1].TrimEnd('.').Split(", ").Distinct(), Is.EquivalentTo(Schema()["properties"]!.AsObject().Select(static p => p.Key)));
    }

    private bool MatchesSchema() => JsonSchemas.IsValid(Schema(), JsonSchemas.FromYaml(_fixture.Read(File)));

    private JsonNode Schema() => JsonNode.Parse(_fixture.Read("schemas/source.schema.json"))!;
}
