using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Marketo;

/// <summary>The list and the description of a type are as the vendor's page shows them: https://github.com/AdobeDocs/marketo-developer.en/blob/main/help/rest-api/activities.md</summary>
public sealed class When_marketo_activity_types_are_inspected
{
    private const string Draft = """{"id":100002,"apiName":"draft","name":"Draft","status":"draft"}""";
    private const string WithoutId = """{"id":100001,"apiName":"hubPurchase","status":"approved","primaryAttribute":{"apiName":"shop","dataType":"string"},"attributes":[{"apiName":"currency","dataType":"string"}]}""";

    [Test]
    public async Task Should_find_nothing_where_all_is_there()
    {
        using var marketo = new ScriptedMarketo().Rows(ScriptedMarketo.PurchaseType, Draft).Rows(ScriptedMarketo.PurchaseAttributes);
        Assert.That(await marketo.Connect().InspectEventsAsync([new EventUse("hubPurchase", ["currency", "price"])], default), Is.Empty, "the product is what a purchase has by itself");
    }

    [TestCase("nobody", "event_type_unknown", "nobody")]
    [TestCase("draft", "event_type_not_approved", "draft")]
    public async Task Should_find_a_type_that_cannot_be_used(string name, string code, string named)
    {
        using var marketo = new ScriptedMarketo().Rows(ScriptedMarketo.PurchaseType, Draft);
        var finding = (await marketo.Connect().InspectEventsAsync([new EventUse(name, [])], default)).Single();
        Assert.That((finding.Name, finding.Code), Is.EqualTo((name, code)));
        Assert.That((finding.Problem.Contains(named, StringComparison.Ordinal), finding.Fix.Contains("Admin, Marketo Custom Activities", StringComparison.Ordinal)), Is.EqualTo((true, true)));
    }

    [Test]
    public async Task Should_find_every_attribute_that_an_event_would_be_refused_for()
    {
        using var marketo = new ScriptedMarketo().Rows(ScriptedMarketo.PurchaseType).Rows(WithoutId);
        var findings = await marketo.Connect().InspectEventsAsync([new EventUse("hubPurchase", ["currency", "colour", "size"])], default);
        Assert.That(findings.Select(finding => finding.Code), Is.EqualTo(new[] { "event_id_attribute_missing", "event_attribute_unknown", "primary_attribute_missing" }));
        Assert.That(findings[1].Problem, Does.Contain("colour, size"));
        Assert.That(findings[2].Problem, Does.Contain("primary attribute shop"));
    }

    [Test]
    public async Task Should_be_the_trouble_of_the_destination_when_the_types_cannot_be_read()
    {
        using var marketo = new ScriptedMarketo().Fail("606");
        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await marketo.Connect().InspectEventsAsync([new EventUse("hubPurchase", [])], default));
        Assert.That(thrown!.Condition, Has.Property("Trouble").EqualTo(DestinationTrouble.Throttled).And.Property("Code").EqualTo("marketo_606"));
    }
}
