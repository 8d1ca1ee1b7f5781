using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Tests.Consent;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>An event that somebody tracked becomes a fact of the ledger, or is told what is wrong with it.</summary>
public sealed class When_a_behavior_comes_in
{
    [Test]
    public void Should_become_a_fact_that_holds_the_whole_event()
    {
        var happened = Event(new TrackedBehavior { Name = "bought", Properties = Properties("""{"size":41,"gift":true,"note":null,"color":"red"}"""), Purchase = Bought() });

        var fact = Read(happened).Fact!;

        Assert.Multiple(() =>
        {
            Assert.That((fact.EventId, fact.EventName, fact.ExternalId, fact.AttributesJson, fact.Membership), Is.EqualTo((happened.EventId, "bought", "p-1", (string?)null, (object?)null)));
            Assert.That(JsonSerializer.Serialize(JsonSerializer.Deserialize<BehaviorTracked>(fact.BodyJson)), Is.EqualTo(JsonSerializer.Serialize(happened)));
        });
    }

    [Test]
    public void Should_need_neither_properties_nor_a_purchase() =>
        Assert.That(Read(Event(new TrackedBehavior { Name = "opened" })).Fact, Is.Not.Null);

    [TestCaseSource(nameof(Mistakes))]
    public void Should_be_told_what_is_wrong(TrackedBehavior payload, string expected)
    {
        var verdict = Read(Event(payload));

        Assert.That(verdict.Fact, Is.Null);
        Assert.That(verdict.Quarantined!.Path, Is.EqualTo(expected));
        Assert.That(verdict.Quarantined.Problem, Is.Not.Empty);
    }

    private static IEnumerable<TestCaseData> Mistakes() =>
    [
        new(new TrackedBehavior { Name = "" }, "payload.name"),
        new(new TrackedBehavior { Name = new string('n', 256) }, "payload.name"),
        new(new TrackedBehavior { Name = "a\0b" }, "payload.name"),
        new(new TrackedBehavior { Name = "n", Properties = Properties("""{"ok":1,"deep":{"a":1}}""") }, "payload.properties.deep"),
        new(new TrackedBehavior { Name = "n", Properties = Properties("""{"list":[1]}""") }, "payload.properties.list"),
        new(new TrackedBehavior { Name = "n", Purchase = Bought() with { ProductId = "" } }, "payload.purchase.product_id"),
        new(new TrackedBehavior { Name = "n", Purchase = Bought() with { Currency = "eur" } }, "payload.purchase.currency"),
        new(new TrackedBehavior { Name = "n", Purchase = Bought() with { Currency = "EURO" } }, "payload.purchase.currency"),
        new(new TrackedBehavior { Name = "n", Purchase = Bought() with { Price = -1 } }, "payload.purchase.price"),
        new(new TrackedBehavior { Name = "n", Purchase = Bought() with { Quantity = 0 } }, "payload.purchase.quantity"),
    ];

    private static FactVerdict Read(BehaviorTracked happened) => FactReading.Read(JsonSerializer.SerializeToUtf8Bytes(happened), DateTimeOffset.UnixEpoch, Authorities.Everybody);

    private static PurchasedProduct Bought() => new() { ProductId = "p-7", Currency = "EUR", Price = 19.95m, Quantity = 2 };

    private static Dictionary<string, JsonElement> Properties(string json) => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;

    private static BehaviorTracked Event(TrackedBehavior payload) => new()
    {
        EventId = Guid.NewGuid(),
        OccurredAt = DateTimeOffset.UnixEpoch,
        Producer = "shop",
        Subject = new Subject { ExternalId = "p-1" },
        Payload = payload,
    };
}
