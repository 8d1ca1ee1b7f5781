using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;

namespace Connectors.Tests.HubSpot;

/// <summary>The answer has the shape of https://developers.hubspot.com/docs/api-reference/legacy/events/define-events/get-event-definitions, and of HubSpot's OpenAPI of the same version.</summary>
public sealed class When_event_definitions_are_inspected
{
    private const string Documented = """
        {
          "total": 2,
          "paging": { "next": { "link": "https://api.hubapi.com/events/v3/event-definitions?after=NTI1Cg%3D%3D", "after": "NTI1Cg==" } },
          "results": [
            {
              "archived": false, "associations": [], "fullyQualifiedName": "pe62515_purchase", "id": "1", "labels": { "singular": "Purchase", "plural": "Purchases" }, "name": "purchase", "objectTypeId": "6-1234567",
              "properties": [
                { "description": "", "fieldType": "text", "groupName": "purchase", "label": "Product", "name": "product_id", "options": [], "type": "string", "archived": false, "hubspotDefined": false },
                { "description": "", "fieldType": "number", "groupName": "purchase", "label": "Price", "name": "price", "options": [], "type": "number" },
                { "description": "", "fieldType": "text", "groupName": "purchase", "label": "Coupon", "name": "coupon", "options": [], "type": "string", "archived": true, "archivedAt": "2026-11-07T05:31:56Z" }
              ],
              "trackingType": "MANUAL", "primaryObject": "CONTACT", "createdAt": "2025-11-07T05:31:56Z"
            }
          ]
        }
        """;

    private const string Last = """{"total":2,"results":[{"archived":true,"fullyQualifiedName":"pe62515_refund","name":"refund","properties":[]}]}""";

    [Test]
    public async Task Should_find_nothing_where_all_is_defined_and_ask_on_until_the_end()
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, Documented).Answer(200, Last);
        Assert.That(await hubspot.Connect().InspectEventsAsync([new EventUse("pe62515_purchase", ["product_id", "price"])], default), Is.Empty);
        Assert.That(hubspot.Sent.Select(sent => $"{sent.Method} {sent.Uri.AbsoluteUri}"), Is.EqualTo(new[]
        {
            "GET https://api.hubapi.com/events/v3/event-definitions?includeProperties=true", "GET https://api.hubapi.com/events/v3/event-definitions?includeProperties=true&after=NTI1Cg%3D%3D",
        }));
        Assert.That(hubspot.Sent, Has.All.Property("Body").Empty);
    }

    [TestCase("pe62515_never_defined", "event_type_unknown", "no definition of a custom event pe62515_never_defined", "correct the name")]
    [TestCase("purchase", "event_type_unknown", "no definition of a custom event purchase", "Its full name is pe62515_purchase")]
    [TestCase("pe62515_Purchase", "event_type_unknown", "no definition of a custom event pe62515_Purchase", "correct the name")]
    [TestCase("pe62515_refund", "event_type_unknown", "The definition of the custom event pe62515_refund is archived", "Define it")]
    public async Task Should_find_an_event_that_would_be_refused(string name, string code, string problem, string fix)
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, Documented).Answer(200, Last);
        var finding = (await hubspot.Connect().InspectEventsAsync([new EventUse(name, ["anything"])], default)).Single();
        Assert.That((finding.Name, finding.Code, finding.IsUnknown), Is.EqualTo((name, code, false)));
        Assert.That(finding.Problem, Does.Contain(problem));
        Assert.That(finding.Fix, Does.Contain(fix));
    }

    [Test]
    public async Task Should_find_every_property_that_has_no_place()
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, Documented).Answer(200, Last);
        var finding = (await hubspot.Connect().InspectEventsAsync([new EventUse("pe62515_purchase", ["price", "colour", "coupon"])], default)).Single();
        Assert.That((finding.Name, finding.Code), Is.EqualTo(("pe62515_purchase", "event_attribute_unknown")));
        Assert.That(finding.Problem, Does.EndWith("has no property colour, coupon."), "what is archived is not there");
    }

    [Test]
    public async Task Should_judge_no_property_where_hubspot_tells_none()
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, """{"results":[{"fullyQualifiedName":"pe62515_purchase","name":"purchase"}]}""");
        Assert.That(await hubspot.Connect().InspectEventsAsync([new EventUse("pe62515_purchase", ["price"])], default), Is.Empty);
    }

    [Test]
    public async Task Should_say_that_the_look_needs_a_scope()
    {
        await using var account = await HubSpotAccount.StartAsync();
        var token = account.HubSpot.Credentials["access_token"];
        account.HubSpot.Tokens[token] = account.HubSpot.Tokens[token].Where(scope => scope != HubSpotEventDefinitions.Scope).ToHashSet();
        var finding = (await account.Connect().InspectEventsAsync([new EventUse("pe62515_purchase", []), new EventUse("nobody", [])], default)).Single();
        Assert.That((finding.Name, finding.Code, finding.IsUnknown, finding.FieldsNotInspected), Is.EqualTo((HubSpotEventDefinitions.Scope, FieldFinding.PermissionMissing, true, 2)));
        Assert.That(finding.Problem, Does.Contain("could not be checked").And.Contain(HubSpotEventDefinitions.Scope));
    }

    [TestCase(401, "{}", DestinationTrouble.Unauthorized, "hubspot_401")]
    [TestCase(503, "{}", DestinationTrouble.Unavailable, "hubspot_503")]
    [TestCase(200, "{}", DestinationTrouble.Unavailable, "malformed_answer")]
    [TestCase(200, """{"results":[],"paging":{"next":{"after":"round"}}}""", DestinationTrouble.Unavailable, "malformed_answer")]
    public async Task Should_say_why_it_cannot_tell(int status, string body, DestinationTrouble trouble, string code)
    {
        using var hubspot = new ScriptedHubSpot().Answer(status, body).Answer(status, body);
        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await hubspot.Connect().InspectEventsAsync([new EventUse("pe62515_purchase", [])], default));
        Assert.That((thrown!.Condition.Trouble, thrown.Condition.Code), Is.EqualTo((trouble, code)));
    }

    [Test]
    public async Task Should_tell_definitions_page_by_page()
    {
        await using var account = await HubSpotAccount.StartAsync();
        foreach (var number in Enumerable.Range(0, 250))
        {
            account.HubSpot.DefineEvent(string.Create(CultureInfo.InvariantCulture, $"pe62515_kind_{number:000}"), "size");
        }

        var connector = account.Connect();
        EventUse[] events = [new("pe62515_kind_000", ["size"]), new("pe62515_kind_249", ["size", "weight"]), new("pe62515_kind_250", []), new("pe62515_product_viewed", ["product_id", "category", "price"])];
        Assert.That((await connector.InspectEventsAsync(events, default)).Select(finding => $"{finding.Name} {finding.Code}"), Is.EqualTo(new[] { "pe62515_kind_249 event_attribute_unknown", "pe62515_kind_250 event_type_unknown" }));
    }
}
