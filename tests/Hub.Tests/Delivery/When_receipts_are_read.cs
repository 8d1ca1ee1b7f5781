using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Storage.Deliveries;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>What a connector told of a record becomes one line of the ledger, or a later attempt.</summary>
public sealed class When_receipts_are_read : DeliveryFixture
{
    [TestCase(Outcome.Delivered, 0, LedgerOutcome.Delivered)]
    [TestCase(Outcome.Unchanged, 0, LedgerOutcome.Unchanged)]
    [TestCase(Outcome.Rejected, 0, LedgerOutcome.Rejected)]
    [TestCase(Outcome.Ambiguous, 0, LedgerOutcome.DeadLettered)]
    [TestCase(Outcome.RetryLater, 2, LedgerOutcome.DeadLettered)]
    public async Task Should_end_with_one_outcome(Outcome told, int attempt, string outcome)
    {
        var settlement = (await ReadAsync(attempt, delivery => new RecordOutcome { RecordId = delivery, Outcome = told, Code = "code" })).Single();
        Assert.That((settlement.Outcome, settlement.Code, settlement.DueAt), Is.EqualTo((outcome, "code", (DateTimeOffset?)null)));
    }

    [Test]
    public async Task Should_try_again_at_the_cost_of_an_attempt()
    {
        var settlement = (await ReadAsync(1, delivery => new RecordOutcome { RecordId = delivery, Outcome = Outcome.RetryLater })).Single();
        Assert.That((settlement.Outcome, settlement.CostsAttempt, settlement.DueAt), Is.EqualTo(((string?)null, true, (DateTimeOffset?)Noon)));
    }

    [Test]
    public async Task Should_try_again_what_the_receipt_does_not_mention()
    {
        var settlement = (await ReadAsync(0, delivery => new RecordOutcome { RecordId = delivery + 1, Outcome = Outcome.Delivered })).Single();
        Assert.That((settlement.Outcome, settlement.CostsAttempt, settlement.Code), Is.EqualTo(((string?)null, true, "not_mentioned")));
    }

    [TestCase(true, null, true)]
    [TestCase(true, "10", false, Description = "the vendor named another one")]
    [TestCase(false, null, false)]
    public async Task Should_forget_an_id_that_the_vendor_does_not_know_any_more(bool isGone, string? remoteId, bool forgets)
    {
        var settlement = (await ReadAsync(0, delivery => new RecordOutcome { RecordId = delivery, Outcome = Outcome.RetryLater, RemoteIdIsGone = isGone, RemoteId = remoteId })).Single();
        Assert.That((settlement.ForgetRemoteId, settlement.RemoteId), Is.EqualTo((forgets, remoteId)));
    }

    [Test]
    public async Task Should_leave_what_was_not_sent_as_it_is() =>
        Assert.That(await ReadAsync(0, delivery => new RecordOutcome { RecordId = delivery, Outcome = Outcome.NotSent }), Is.Empty);

    [Test]
    public async Task Should_let_only_the_batch_wait_when_the_vendor_holds_one_endpoint_back_for_a_moment()
    {
        var settlement = (await ReadAsync(
            0, delivery => new RecordOutcome { RecordId = delivery, Outcome = Outcome.NotSent }, new DestinationCondition(DestinationTrouble.Throttled, "braze_429", TimeSpan.FromSeconds(1)))).Single();
        Assert.That((settlement.Outcome, settlement.CostsAttempt, settlement.DueAt), Is.EqualTo(((string?)null, false, (DateTimeOffset?)Noon.AddSeconds(1))));
        Assert.That(await Health().FindBlockAsync(Acme.Name, "live", CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task Should_let_only_the_batch_wait_when_the_trouble_is_that_of_its_work_alone()
    {
        var condition = new DestinationCondition(DestinationTrouble.Throttled, "quota_general", TimeSpan.FromMinutes(5)) { ConcernsThisWorkOnly = true };
        var settlement = (await ReadAsync(0, delivery => new RecordOutcome { RecordId = delivery, Outcome = Outcome.NotSent }, condition)).Single();
        Assert.That(settlement.DueAt, Is.EqualTo(Noon.AddMinutes(5)));
        Assert.That(await Health().FindBlockAsync(Acme.Name, "live", CancellationToken.None), Is.Null);
    }

    private async Task<IReadOnlyList<Settlement>> ReadAsync(int attempt, Func<long, RecordOutcome> told, DestinationCondition? condition = null)
    {
        var delivery = new ClaimedDelivery
        {
            DeliveryId = 7, RunId = Guid.Empty, Audience = "customers", Operation = Operation.TrackEvent, Attempt = attempt, ProfileId = 1, ExternalId = "p", RemoteId = "9", AttributesJson = "{}", ConsentJson = "{}", ProfileVersion = 1,
        };
        var batch = new PreparedBatch(delivery.Operation, "", [new PreparedRecord(delivery, new BatchItem { RecordId = 7, Key = "p" }, null, null)]);
        var health = Health();
        await using var pass = await health.EnterAsync(Acme.Name, "live", "", CancellationToken.None);
        return await Sender(Targets(), health).ReadAsync(
            Acme.Destination(new AcmeConnector()), "live", batch, null, new Receipt { Outcomes = [told(7)], Condition = condition }, pass, null, CancellationToken.None);
    }
}
