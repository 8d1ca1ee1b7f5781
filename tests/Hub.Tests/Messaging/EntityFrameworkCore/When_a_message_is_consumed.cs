using IntegrationHub.BridgeProcess;
using IntegrationHub.TestServers;
using MassTransit;
using MassTransit.EntityFrameworkCoreIntegration;

namespace IntegrationHub.Hub.Tests.Messaging.EntityFrameworkCore;

[TestFixtureSource(typeof(Platforms))]
internal sealed class When_a_message_is_consumed(Platform platform) : BridgeFixture(platform)
{
    [Test]
    public async Task Should_commit_changes_and_sends_together()
    {
        var chargeId = NewId.NextGuid();
        await PublishAsync(new Charge(chargeId, Copies: 3));

        await Poll.Until(() => Arrivals.Charged.Count == 3);
        await SettledAsync();
        Assert.Multiple(async () =>
        {
            Assert.That(Arrivals.Charged.Select(x => x.Copy), Is.EquivalentTo([0, 1, 2]));
            Assert.That(await EffectsAsync(chargeId), Is.EqualTo(1));
            Assert.That(await CountAsync<InboxState>(), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_swallow_duplicates()
    {
        var chargeId = NewId.NextGuid();
        var messageId = NewId.NextGuid();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => PublishAsync(new Charge(chargeId), messageId)));
        var next = NewId.NextGuid();
        await Poll.Until(() => !Arrivals.Charged.IsEmpty);
        await PublishAsync(new Charge(chargeId), messageId);
        await PublishAsync(new Charge(next));

        await Poll.Until(() => Arrivals.Charged.Any(x => x.ChargeId == next));
        await SettledAsync();
        Assert.Multiple(async () =>
        {
            Assert.That(await EffectsAsync(chargeId), Is.EqualTo(1));
            Assert.That(Arrivals.Charged.Count(x => x.ChargeId == chargeId), Is.EqualTo(1));
            Assert.That(Arrivals.Charges, Is.EqualTo(2), "the consumer is called once per message");
        });
    }

    [Test]
    public async Task Should_publish_and_change_nothing_when_the_consumer_throws()
    {
        var chargeId = NewId.NextGuid();
        await PublishAsync(new Charge(chargeId, Fails: true));
        await Poll.Until(() => Arrivals.Charges == 4, "the first attempt and three retries");
        var next = NewId.NextGuid();
        await PublishAsync(new Charge(next));

        await Poll.Until(() => Arrivals.Charged.Any(x => x.ChargeId == next));
        await SettledAsync();
        Assert.Multiple(async () =>
        {
            Assert.That(await EffectsAsync(chargeId), Is.Zero);
            Assert.That(Arrivals.Charged.Count(x => x.ChargeId == chargeId), Is.Zero);
            Assert.That(await CountAsync<InboxState>(), Is.EqualTo(1), "only the other message is consumed");
        });
    }
}
