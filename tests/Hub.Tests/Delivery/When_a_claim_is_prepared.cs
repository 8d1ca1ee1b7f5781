using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Tests.Delivery;

public sealed class When_a_claim_is_prepared
{
    private readonly AcmeConnector _connector = new();

    [TestCase(true, new[] { 3, 3 })]
    [TestCase(false, new[] { 3, 3, 1 })]
    public void Should_leave_what_fills_no_batch_for_the_next_claim_only_when_more_follows(bool mayWait, int[] batches)
    {
        var preparation = ClaimPreparation.For(Acme.Destination(_connector), Claim(7), mayWait);
        Assert.That(preparation.Batches.Select(batch => batch.Records.Count), Is.EqualTo(batches));
    }

    [Test]
    public void Should_send_less_than_a_batch_when_there_is_nothing_else_to_send() =>
        Assert.That(ClaimPreparation.For(Acme.Destination(_connector), Claim(2), mayWait: true).Batches.Single().Records, Has.Count.EqualTo(2));

    [Test]
    public void Should_leave_the_second_delivery_of_a_person_for_the_next_claim()
    {
        var claim = Claim(2);
        claim.Add(claim[0] with { DeliveryId = 99 });
        var preparation = ClaimPreparation.For(Acme.Destination(_connector), claim);
        Assert.That(preparation.Batches.Single().Records.Select(record => record.Delivery.DeliveryId), Is.EqualTo(new long[] { 1, 2 }));
        Assert.That(preparation.Settled, Is.Empty);
    }

    [Test]
    public void Should_settle_a_person_once_when_nothing_is_sent()
    {
        var claim = Claim(1);
        claim[0] = claim[0] with { ConsentJson = Acme.Denied };
        claim.Add(claim[0] with { DeliveryId = 99 });
        Assert.That(ClaimPreparation.For(Acme.Destination(_connector), claim).Settled.Select(settled => settled.Delivery.DeliveryId), Is.EqualTo(new long[] { 1 }));
    }

    [Test]
    public void Should_decide_by_the_consent_of_now()
    {
        var claim = Claim(2);
        claim[0] = claim[0] with { ConsentJson = Acme.Denied };
        var preparation = ClaimPreparation.For(Acme.Destination(_connector), claim);
        Assert.That(preparation.Settled.Select(settled => (settled.Delivery.DeliveryId, settled.Outcome, settled.Code)), Is.EqualTo(new[] { (1L, LedgerOutcome.Suppressed, "consent_denied") }));
        Assert.That(preparation.Batches.Single().Records.Single().Delivery.DeliveryId, Is.EqualTo(2));
    }

    [Test]
    public void Should_send_a_denial_as_what_the_person_said()
    {
        var claim = Claim(1, Operation.SetConsent);
        claim[0] = claim[0] with { ConsentJson = Acme.Denied };
        var record = ClaimPreparation.For(Acme.Destination(_connector), claim).Batches.Single().Records.Single();
        Assert.That(record.Item.Consent!.MarketingEmail, Is.False);
    }

    [Test]
    public void Should_note_everything_that_was_left_out()
    {
        var claim = Claim(1);
        claim[0] = claim[0] with { AttributesJson = """{"city":"Bonn","age":"old","born":"yesterday"}""" };
        var record = ClaimPreparation.For(Acme.Destination(_connector, extra: [Acme.Dropped("age", MappedType.Integer), Acme.Dropped("born", MappedType.Date) with { Formats = ["yyyy-MM-dd"] }]), claim).Batches.Single().Records.Single();
        Assert.That(record.Note, Is.EqualTo("dropped_age+born"));
    }

    [TestCase("(202) 555-0147", "+12025550147", null)]
    [TestCase("+44 (0)20 7946 0018", "+442079460018", null)]
    [TestCase("238-555-0100", null, "sms_left_out_phone_not_valid")]
    [TestCase("call me", null, "sms_left_out_phone_malformed")]
    public void Should_send_a_consent_to_text_messages_under_the_number_that_vendors_know(string phone, string? sent, string? note)
    {
        var claim = Claim(1, Operation.SetConsent);
        claim[0] = claim[0] with { Phone = phone, ConsentJson = """{"email_marketing":{"s":"denied","t":1700000000000,"src":"form"},"texts":{"s":"denied","t":1700000000000,"src":"form"}}""" };
        var record = ClaimPreparation.For(Acme.Destination(_connector, topics: Acme.Texts, country: "US"), claim).Batches.Single().Records.Single();
        Assert.That((record.Item.Consent!.Phone, record.Item.Consent.MarketingEmail, record.Item.Consent.Topics.Count, record.Note), Is.EqualTo((sent, (bool?)false, sent is null ? 0 : 1, note)));
    }

    [Test]
    public void Should_refuse_a_consent_of_which_nothing_can_be_said()
    {
        var claim = Claim(1, Operation.SetConsent);
        claim[0] = claim[0] with { Phone = "call me", ConsentJson = """{"texts":{"s":"denied","t":1700000000000,"src":"form"}}""" };
        var settled = ClaimPreparation.For(Acme.Destination(_connector, topics: Acme.Texts, country: "US"), claim).Settled.Single();
        Assert.That((settled.Outcome, settled.Code), Is.EqualTo((LedgerOutcome.Rejected, "phone_malformed")), "somebody sees it among the dead letters");
    }

    [Test]
    public void Should_call_a_consent_unchanged_that_the_destination_does_not_keep()
    {
        var preparation = ClaimPreparation.For(Acme.Destination(_connector, keepsConsent: false), Claim(1, Operation.SetConsent));
        Assert.That(preparation.Batches, Is.Empty);
        Assert.That((preparation.Settled.Single().Outcome, preparation.Settled.Single().Code), Is.EqualTo((LedgerOutcome.Unchanged, "consent_not_kept")));
    }

    private static List<ClaimedDelivery> Claim(int people, Operation operation = Operation.AddMember) =>
    [
        .. Enumerable.Range(1, people).Select(person => new ClaimedDelivery
        {
            DeliveryId = person,
            RunId = Guid.Empty,
            Audience = "customers",
            Operation = operation,
            Attempt = 0,
            ProfileId = person,
            ExternalId = $"p{person}",
            AttributesJson = """{"city":"Bonn"}""",
            ConsentJson = Acme.Granted,
            ProfileVersion = 1,
        }),
    ];
}
