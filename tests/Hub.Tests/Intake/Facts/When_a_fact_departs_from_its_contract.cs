using System.Text;
using System.Text.Json.Nodes;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Tests.Consent;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>What a schema does not know is left out and said, what is wrong is counted by kind, and no value is told of either.</summary>
public sealed class When_a_fact_departs_from_its_contract
{
    private const string Secret = "s3cret-value";

    [TestCase("colour")]
    [TestCase("subject.colour")]
    [TestCase("consent.colour")]
    [TestCase("consent.signals.colour")]
    [TestCase("payload.colour")]
    [TestCase("payload.purchase.colour")]
    public void Should_be_taken_in_without_what_its_schema_does_not_know(string path)
    {
        var fact = ApprovedFact.Of(typeof(BehaviorTracked));
        Parent(fact, path)["colour"] = new JsonObject { ["value"] = Secret };

        var verdict = Read(fact);

        Assert.That(verdict.Quarantined, Is.Null);
        Assert.That(verdict.Fact!.BodyJson, Does.Not.Contain("colour").And.Contain("loyalty_points"), "what is planned stays");
        Assert.That(verdict.Violations.Single(), Is.EqualTo(new Violation("unplanned_property", "behavior_tracked", "sample Name", path, "webshop") { Action = "omit", Found = "object", SampleEventId = (string)fact["event_id"]! }));
        Assert.That(verdict.Violations.Single().ToString(), Does.Not.Contain(Secret));
    }

    [TestCase(UnplannedProperty.Omit, null, "payload.colour", "omit")]
    [TestCase(UnplannedProperty.Allow, null, "payload.purchase.colour", "allow")]
    [TestCase(UnplannedProperty.Allow, null, "subject.colour", "omit")]
    [TestCase(UnplannedProperty.Quarantine, null, "payload.colour", "quarantine")]
    [TestCase(null, UnplannedProperty.Quarantine, "payload.colour", "quarantine")]
    [TestCase(UnplannedProperty.Omit, UnplannedProperty.Quarantine, "payload.colour", "omit")]
    public void Should_be_treated_as_its_source_or_else_its_type_says(object? ofProducer, object? ofType, string path, string action)
    {
        var fact = ApprovedFact.Of(typeof(BehaviorTracked));
        Parent(fact, path)["colour"] = Secret;
        var rules = new FactRules
        {
            UnplannedOfProducers = ofProducer is UnplannedProperty said ? new Dictionary<string, UnplannedProperty> { ["webshop"] = said, ["crm"] = UnplannedProperty.Quarantine } : new Dictionary<string, UnplannedProperty>(),
            UnplannedOfTypes = ofType is UnplannedProperty type ? new Dictionary<string, UnplannedProperty> { ["behavior_tracked"] = type } : new Dictionary<string, UnplannedProperty>(),
        };

        var verdict = Read(fact, rules);

        Assert.That((verdict.Violations.Single().Path, verdict.Violations.Single().Action), Is.EqualTo((path, action)));
        Assert.That(verdict.Fact?.BodyJson.Contains(Secret, StringComparison.Ordinal), Is.EqualTo(action == "quarantine" ? null : action == "allow"));
        Assert.That((verdict.Quarantined?.Path, verdict.Quarantined?.Code), Is.EqualTo(action == "quarantine" ? (path, "property_unplanned") : (null, (string?)null)));
        Assert.That(verdict.Quarantined is not null || FactJson.From(verdict, 0).LeftOut?.Single() == (action == "omit" ? path : null), Is.True, "the answer names what was left out");
    }

    [TestCaseSource(typeof(ApprovedFact), nameof(ApprovedFact.Contracts))]
    public void Should_be_kept_whole_when_it_departs_in_nothing(Type contract)
    {
        var verdict = Read(ApprovedFact.Of(contract));
        Assert.That(verdict.Violations, Is.Empty);
        Assert.That(JsonNode.DeepEquals(Without(JsonNode.Parse(verdict.Fact!.BodyJson)!), Without(ApprovedFact.Of(contract))), Is.True);
    }

    [TestCase("event_type", "\"profile_upgraded\"", "unplanned_event", "profile_upgraded", null, "string")]
    [TestCase("event_type", "\"kai@example.test\"", "unplanned_event", "?.test", null, "string")]
    [TestCase("schema_version", "7", "unplanned_event", "opportunity_created", "1", "number")]
    [TestCase("payload.opportunity_id", null, "required_missing", "opportunity_created", "string", null)]
    [TestCase("payload.stage", "17", "type_mismatch", "opportunity_created", "string", "number")]
    [TestCase("payload.expected_close_on", "\"soon\"", "type_mismatch", "opportunity_created", "string or null", "string")]
    [TestCase("subject", "[]", "type_mismatch", "opportunity_created", "object", "array")]
    public void Should_be_counted_as_one_of_four_kinds(string path, string? value, string kind, string type, string? expected, string? found)
    {
        var fact = ApprovedFact.Of(typeof(OpportunityCreated));
        var parent = Parent(fact, path);
        parent.Remove(path.Split('.')[^1]);
        if (value is not null)
        {
            parent[path.Split('.')[^1]] = JsonNode.Parse(value);
        }

        var verdict = Read(fact);

        Assert.That(verdict.Quarantined, Is.Not.Null);
        var violation = verdict.Violations.Single();
        Assert.That((violation.Type, violation.EventType, violation.Path, violation.Expected, violation.Found, violation.Action), Is.EqualTo((kind, type, path, expected, found, "quarantine")));
    }

    [Test]
    public void Should_not_be_counted_when_it_is_only_late_or_early()
    {
        var fact = ApprovedFact.Of(typeof(OpportunityCreated));
        fact["occurred_at"] = "2099-01-01T00:00:00Z";
        Assert.That((Read(fact).Quarantined!.Code, Read(fact).Violations.Count), Is.EqualTo(("in_the_future", 0)));
    }

    [Test]
    public void Should_name_what_is_left_out_of_a_cloud_event_in_its_words_and_not_more_than_can_be_read()
    {
        var fact = ApprovedFact.Of(typeof(ProfileUpdated));
        var payload = fact["payload"]!.DeepClone().AsObject();
        for (var i = 0; i < 50; i++)
        {
            payload[$"colour{(char)('a' + (i % 26))}{(char)('a' + (i / 26))}"] = Secret;
        }

        var cloud = new JsonObject
        {
            ["specversion"] = "1.0", ["id"] = Guid.NewGuid().ToString(), ["source"] = "shop", ["type"] = "integrationhub.profile_updated.v1", ["time"] = "2026-11-26T10:00:00Z",
            ["data"] = new JsonObject { ["subject"] = fact["subject"]!.DeepClone(), ["payload"] = payload },
        };
        Assert.That(Read(cloud).Violations.Select(violation => violation.Path).ToList(), Has.Count.EqualTo(FactPlan.MaxNamed).And.All.StartsWith("data.payload.colour"));
    }

    private static JsonObject Parent(JsonObject fact, string path) => path.Split('.')[..^1].Aggregate(fact, (node, step) =>
    {
        node[step] ??= new JsonObject();
        return node[step]!.AsObject();
    });

    private static JsonNode Without(JsonNode fact)
    {
        fact.AsObject().Remove("occurred_at"); // spelled anew
        return fact;
    }

    private static FactVerdict Read(JsonNode fact, FactRules? rules = null) => FactReading.Read(Encoding.UTF8.GetBytes(fact.ToJsonString()), new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero), Authorities.Everybody, rules: rules);
}
