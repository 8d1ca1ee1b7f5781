using IntegrationHub.Connectors.Abstractions;
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
