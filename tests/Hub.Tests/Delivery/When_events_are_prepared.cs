using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A claim of events becomes batches of what the vendor may hear, in each person's order. Acme takes three records a batch.</summary>
public sealed class When_events_are_prepared
{
    private static readonly Dictionary<string, EventSection> Routes = new()
    {
        ["viewed"] = new("ACME_VIEW", "kind", new Dictionary<string, string> { ["product"] = "item", ["price"] = "cost", ["sold_out"] = "gone" }),
    };

    private readonly AcmeConnector _connector = new() { Descriptor = Acme.DescriptorOfWhatDoubles };

    [Test]
    public void Should_tell_the_vendor_what_its_route_names_and_nothing_else()
    {
        var delivery = Event(1, 1, """{"product":"p-1","price":12.5,"sold_out":true,"secret":"s"}""");

        var item = Prepare(delivery).Batches.Single().Records.Single().Item;

        Assert.Multiple(() =>
        {
            Assert.That((item.RecordId, item.Key, item.Event!.Id, item.Event.Name), Is.EqualTo((1L, "p1", delivery.EventId!.Value, "ACME_VIEW")));
            Assert.That(item.Event!.OccurredAt, Is.EqualTo(DateTimeOffset.UnixEpoch.AddSeconds(1)));
            Assert.That(string.Join(' ', item.Event.Properties.Select(field => $"{field.Name}={field.Value}")), Is.EqualTo("kind=viewed item=p-1 cost=12.5 gone=true"));
            Assert.That(item.Fields, Is.Empty);
        });
    }

    [Test]
    public void Should_carry_what_is_not_so() =>
        Assert.That(Prepare(Event(1, 1, """{"sold_out":false}""")).Batches.Single().Records.Single().Item.Event!.Properties.Select(field => $"{field.Name}={field.Value}"), Is.EqualTo(new[] { "kind=viewed", "gone=false" }));

    [Test]
    public void Should_carry_a_purchase()
    {
        var bought = new PurchasedProduct { ProductId = "p-1", Currency = "EUR", Price = 9.99m, Quantity = 2 };
        var item = Prepare(Event(1, 1, purchase: bought)).Batches.Single().Records.Single().Item;
        Assert.That(item.Event!.Purchase, Is.EqualTo(new Purchase("p-1", "EUR", 9.99m, 2)));
    }

    [Test]
    public void Should_leave_out_what_the_event_does_not_say() =>
        Assert.That(Prepare(Event(1, 1, """{"product":null}""")).Batches.Single().Records.Single().Item.Event!.Properties.Select(field => field.Name), Is.EqualTo(new[] { "kind" }));

    [Test]
    public void Should_decide_by_the_consent_of_now() =>
        ShouldSettle(Event(1, 1) with { ConsentJson = Acme.Denied }, LedgerOutcome.Suppressed, "consent_denied");

    [TestCase("denied", "consent_at_collection")]
    [TestCase("granted", null)]
    public void Should_not_tell_what_was_collected_under_a_denial_whatever_is_known_since(string status, string? code)
    {
        var tracked = JsonSerializer.Deserialize<BehaviorTracked>(Event(1, 1).EventJson!)! with
        {
            Consent = new CollectedConsent
            {
                Purposes = new Dictionary<string, string> { ["email_marketing"] = status, ["sms_marketing"] = "denied" },
                Source = "checkout",
                CheckedAt = DateTimeOffset.UnixEpoch,
            },
        };
        var preparation = Prepare(Event(1, 1) with { EventJson = JsonSerializer.Serialize(tracked) });
        Assert.That(preparation.Settled.Select(settlement => settlement.Code), Is.EqualTo(code is null ? Array.Empty<string>() : [code]));
        Assert.That(preparation.Batches, code is null ? Is.Not.Empty : Is.Empty);
    }

    [TestCase("""{"ACME":false}""", false)]
    [TestCase("""{"*":false}""", false)]
    [TestCase("""{"*":false,"other":true}""", false)]
    [TestCase("""{"*":false,"acme":true}""", true)]
    [TestCase("""{"acme":true,"Acme":false}""", false)]
    [TestCase("""{"other":false}""", true)]
    [TestCase("""{"acme":true}""", true)]
    public void Should_not_tell_where_the_event_shall_not_go(string destinations, bool isTold)
    {
        var tracked = JsonSerializer.Deserialize<BehaviorTracked>(Event(1, 1).EventJson!)! with
        {
            Consent = new CollectedConsent
            {
                Purposes = new Dictionary<string, string>(),
                Source = "web",
                CheckedAt = DateTimeOffset.UnixEpoch,
                Destinations = JsonSerializer.Deserialize<Dictionary<string, bool>>(destinations),
            },
        };
        var preparation = Prepare(Event(1, 1) with { EventJson = JsonSerializer.Serialize(tracked) });
        Assert.That((preparation.Batches.Count, preparation.Settled.Count == 0 ? null : preparation.Settled[0].Code), Is.EqualTo(isTold ? (1, null) : (0, "consent_at_collection")));
    }

    [Test]
    public void Should_suppress_what_is_not_routed_any_more() =>
        ShouldSettle(Event(1, 1, name: "forgotten"), LedgerOutcome.Suppressed, "event_not_routed");

    [TestCase("""{"price":1e40}""", "number_malformed")]
    [TestCase("""{"price":[1]}""", "value_not_scalar")]
    public void Should_reject_what_cannot_be_mapped(string properties, string code) => ShouldSettle(Event(1, 1, properties), LedgerOutcome.Rejected, code);

    [TestCase(null)]
    [TestCase("{")]
    [TestCase("{}")]
    public void Should_reject_what_cannot_be_read(string? body) => ShouldSettle(Event(1, 1) with { EventJson = body }, LedgerOutcome.Rejected, "event_unreadable");

    [Test]
    public void Should_reject_the_event_of_a_person_without_a_key() =>
        ShouldSettle(Event(1, 1) with { ExternalId = null }, LedgerOutcome.Rejected, ReasonCode.IdentityMissing);

    /// <summary>Whoever wrote the mark did not come back: the vendor may have it, and is not told again.</summary>
    [Test]
    public void Should_not_send_what_somebody_was_about_to_send() =>
        ShouldSettle(Event(1, 1) with { SendingSince = DateTimeOffset.UnixEpoch, ConsentJson = Acme.Denied }, LedgerOutcome.DeadLettered, ReasonCode.Ambiguous);

    [Test]
    public void Should_send_several_events_of_a_person_in_one_batch_and_in_order() =>
        Assert.That(Batches(Event(1, 1), Event(2, 2), Event(3, 1)), Is.EqualTo(new[] { "1 3 2" }));

    [Test]
    public void Should_leave_what_has_no_room_beside_the_persons_earlier_events_for_the_next_claim() =>
        Assert.That(Batches(Event(1, 1), Event(2, 1), Event(3, 2), Event(4, 2), Event(5, 3), Event(6, 2)), Is.EqualTo(new[] { "1 2 3", "5" }));

    [Test]
    public void Should_keep_two_people_with_one_key_in_one_batch() =>
        Assert.That(Batches(Event(1, 1), Event(2, 2), Event(3, 3), Event(4, 4) with { ExternalId = "p1" }, Event(5, 5)), Is.EqualTo(new[] { "1 2 3", "5" }));

    [Test]
    public void Should_stay_below_the_most_bytes_of_a_batch()
    {
        var limits = new OperationLimits(100, 2_000, RepeatIsHarmless: false);
        var large = $$"""{"product":"{{new string('x', 400)}}"}""";
        var preparation = ClaimPreparation.For(Acme.Destination(_connector, events: Routes), [Event(1, 1, large), Event(2, 2, large), Event(3, 3)], limits: limits);
        Assert.That(preparation.Batches.Select(batch => batch.Records.Count), Is.EqualTo(new[] { 1, 1 }).Or.EqualTo(new[] { 1, 2 }));
    }

    private static ClaimedDelivery Event(long delivery, long person, string properties = "{}", string name = "viewed", PurchasedProduct? purchase = null)
    {
        var happened = new BehaviorTracked
        {
            EventId = Guid.NewGuid(),
            OccurredAt = DateTimeOffset.UnixEpoch.AddSeconds(delivery),
            Producer = "shop",
            Subject = new Subject { ExternalId = $"p{person}" },
            Payload = new TrackedBehavior { Name = name, Properties = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(properties)!, Purchase = purchase },
        };
        return new ClaimedDelivery
        {
            DeliveryId = delivery,
            RunId = LiveStream.IdOf(Acme.Name, Lane.Live),
            Audience = "",
            Operation = Operation.TrackEvent,
            Attempt = 0,
            ProfileId = person,
            ExternalId = $"p{person}",
            AttributesJson = "{}",
            ConsentJson = Acme.Granted,
            ProfileVersion = 1,
            EventId = happened.EventId,
            EventJson = JsonSerializer.Serialize(happened),
        };
    }

    private ClaimPreparation Prepare(params ClaimedDelivery[] claim) => ClaimPreparation.For(Acme.Destination(_connector, events: Routes), claim);

    private IEnumerable<string> Batches(params ClaimedDelivery[] claim) =>
        Prepare(claim).Batches.Select(batch => string.Join(' ', batch.Records.Select(record => record.Delivery.DeliveryId)));

    private void ShouldSettle(ClaimedDelivery delivery, string outcome, string code)
    {
        var preparation = Prepare(delivery, Event(99, 99));
        Assert.Multiple(() =>
        {
            Assert.That(preparation.Settled.Select(settled => (settled.Delivery.DeliveryId, settled.Outcome, settled.Code)), Is.EqualTo(new[] { (delivery.DeliveryId, outcome, code) }));
            Assert.That(preparation.Batches.Single().Records.Single().Delivery.DeliveryId, Is.EqualTo(99));
        });
    }
}
