using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Mapping;

namespace Hub.Tests.Mapping;

/// <summary>What a vendor is told of something that somebody did, as it happens and of the past.</summary>
public sealed class When_an_event_is_represented
{
    private static readonly EventSection _written = new("vendor_viewed", "what", new Dictionary<string, string> { ["page"] = "url", ["seconds"] = "time" });
    private static readonly QuietEvents _suffixed = new("_backfill", "Campaigns listen to names.");
    private static readonly QuietEvents _defined = new(null, "Workflows listen to definitions.");

    [Test]
    public void Should_tell_the_canonical_name_and_the_properties_that_are_mapped()
    {
        var told = Of(_written, null).Map(Happened("""{"page":"home","seconds":12.5,"secret":"x"}"""), isQuiet: false, out var code);
        Assert.That((code, told!.Name, told.IsQuiet, told.Purchase), Is.EqualTo((null as string, "vendor_viewed", false, null as Purchase)));
        Assert.That(told.Properties.Select(field => $"{field.Name}={field.Value}"), Is.EqualTo(new[] { "what=viewed", "url=home", "time=12.5" }));
    }

    [Test]
    public void Should_tell_no_name_where_no_property_holds_it() =>
        Assert.That(Of(_written with { NameProperty = null }, null).Map(Happened("""{"page":"home"}"""), isQuiet: false, out _)!.Properties.Select(field => field.Name), Is.EqualTo(new[] { "url" }));

    [TestCase("""{"page":null}""")]
    [TestCase("{}")]
    public void Should_leave_out_what_has_no_value(string properties) =>
        Assert.That(Of(_written, null).Map(Happened(properties), isQuiet: false, out _)!.Properties.Select(field => field.Name), Is.EqualTo(new[] { "what" }));

    [TestCase("""{"seconds":1e300}""", "number_malformed")]
    [TestCase("""{"page":["home"]}""", "value_not_scalar")]
    [TestCase("""{"page":{"is":"home"}}""", "value_not_scalar")]
    public void Should_say_why_it_cannot_be_told(string properties, string expected)
    {
        Assert.That(Of(_written, null).Map(Happened(properties), isQuiet: false, out var code), Is.Null);
        Assert.That(code, Is.EqualTo(expected));
    }

    [TestCase("true", "true")]
    [TestCase("false", "false")]
    [TestCase("\"\"", "")]
    [TestCase("7", "7")]
    public void Should_keep_the_kind_of_a_value(string json, string told)
    {
        var field = Of(_written, null).Map(Happened($$"""{"page":{{json}}}"""), isQuiet: false, out _)!.Properties[1];
        Assert.That((field.Name, field.Value.ToString(), field.Value.Kind), Is.EqualTo(("url", told, json[0] switch { 't' or 'f' => FieldKind.Boolean, '"' => FieldKind.Text, _ => FieldKind.Number })));
    }

    [Test]
    public void Should_tell_what_was_bought()
    {
        var told = Of(_written, null).Map(Happened("{}", new PurchasedProduct { ProductId = "sku-1", Currency = "EUR", Price = 12.50m, Quantity = 2 }), isQuiet: true, out _);
        Assert.That(told, Is.Null, "there is no quiet way");
        told = Of(_written, null).Map(Happened("{}", new PurchasedProduct { ProductId = "sku-1", Currency = "EUR", Price = 12.50m, Quantity = 2 }), isQuiet: false, out _);
        Assert.That(told!.Purchase, Is.EqualTo(new Purchase("sku-1", "EUR", 12.50m, 2)));
    }

    [Test]
    public void Should_not_tell_the_past_where_nothing_keeps_it_apart()
    {
        foreach (var quiet in new[] { null, _defined })
        {
            var events = Of(_written, quiet);
            Assert.That(events.Map(Happened("""{"page":["not even looked at"]}"""), isQuiet: true, out var code), Is.Null);
            Assert.That((code, events.QuietName), Is.EqualTo((EventRepresentation.NoQuietWay, null as string)));
            Assert.That(events.Uses.Select(Said), Is.EqualTo(new[] { "vendor_viewed: what url time" }));
        }
    }

    [Test]
    public void Should_tell_the_past_under_a_name_of_its_own()
    {
        foreach (var (events, name) in new[] { (Of(_written, _suffixed), "vendor_viewed_backfill"), (Of(_written with { BackfillName = "viewed_before" }, _suffixed), "viewed_before"), (Of(_written with { BackfillName = "viewed_before" }, _defined), "viewed_before") })
        {
            var told = events.Map(Happened("""{"page":"home"}"""), isQuiet: true, out var code);
            Assert.That((code, told!.Name, told.IsQuiet), Is.EqualTo((null as string, name, true)));
            Assert.That(told.Properties.Select(field => field.Name), Is.EqualTo(new[] { "what", "url" }));
            Assert.That(events.Map(Happened("{}"), isQuiet: false, out _)!.Name, Is.EqualTo("vendor_viewed"));
            Assert.That(events.Uses.Select(Said), Is.EqualTo(new[] { "vendor_viewed: what url time", $"{name}: what url time" }));
        }
    }

    [Test]
    public void Should_mark_the_past_by_a_property()
    {
        var events = Of(_written with { BackfillFlag = "of_the_past" }, _suffixed);
        var told = events.Map(Happened("""{"page":"home"}"""), isQuiet: true, out _);
        Assert.That((told!.Name, string.Join(' ', told.Properties.Select(field => $"{field.Name}={field.Value}"))), Is.EqualTo(("vendor_viewed", "of_the_past=true what=viewed url=home")));
        Assert.That(events.Map(Happened("""{"page":"home"}"""), isQuiet: false, out _)!.Properties.Select(field => field.Name), Is.EqualTo(new[] { "what", "url" }));
        Assert.That(events.Uses.Select(Said), Is.EqualTo(new[] { "vendor_viewed: what url time of_the_past" }));
        Assert.That((events.Flag, events.VendorName), Is.EqualTo(("of_the_past", "vendor_viewed")));
    }

    [Test]
    public void Should_ask_for_each_property_once() =>
        Assert.That(
            Of(new EventSection("v", "what", new Dictionary<string, string> { ["a"] = "what", ["b"] = "same", ["c"] = "same" }) { BackfillFlag = "same" }, null).Uses.Select(Said), Is.EqualTo(new[] { "v: what same" }));

    private static EventRepresentation Of(EventSection written, QuietEvents? quiet) => new(written, quiet, FieldPolicy.OfMappingAlone);

    private static string Said(EventUse use) => $"{use.Name}: {string.Join(' ', use.Properties)}";

    private static BehaviorTracked Happened(string properties, PurchasedProduct? bought = null) => new()
    {
        EventId = Guid.Empty, OccurredAt = DateTimeOffset.UnixEpoch, Producer = "shop", Subject = new Subject { ExternalId = "c-1" },
        Payload = new TrackedBehavior { Name = "viewed", Properties = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(properties)!, Purchase = bought },
    };
}
