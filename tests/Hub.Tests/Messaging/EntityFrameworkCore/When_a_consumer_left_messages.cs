using IntegrationHub.BridgeProcess;
using IntegrationHub.TestServers;
using MassTransit;
using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Hub.Tests.Messaging.EntityFrameworkCore;

/// <summary>Rows of a consumption whose message never comes back: it was moved to an error queue, or the broker lost it.</summary>
[TestFixtureSource(typeof(Platforms))]
internal sealed class When_a_consumer_left_messages(Platform platform) : BridgeFixture(platform)
{
    [Test]
    public async Task Should_send_them_and_finish_the_consumption()
    {
        var chargeId = NewId.NextGuid();
        var messageId = NewId.NextGuid();
        var consumerId = NewId.NextGuid();
        var longAgo = TimeProvider.System.GetUtcNow().UtcDateTime - TimeSpan.FromMinutes(5);
        await InScopeAsync(async (_, dbContext) =>
        {
            dbContext.Add(new InboxState { MessageId = messageId, ConsumerId = consumerId, Received = longAgo, Consumed = longAgo, ReceiveCount = 1 });
            dbContext.Add(new OutboxMessage
            {
                InboxMessageId = messageId,
                InboxConsumerId = consumerId,
                MessageId = NewId.NextGuid(),
                SentTime = longAgo,
                ContentType = "application/vnd.masstransit+json",
                MessageType = MessageUrn.ForTypeString<Charged>(),
                DestinationAddress = new Uri(Bus.Address, "charged"),
                Body = $$"""{"messageType":["{{MessageUrn.ForTypeString<Charged>()}}"],"message":{"chargeId":"{{chargeId}}","copy":7} }""",
            });
            await dbContext.SaveChangesAsync();
        });

        await Poll.Until(() => Arrivals.Charged.Contains(new Charged(chargeId, 7)));
        await SettledAsync();
        Assert.That(Arrivals.Charged, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_not_let_one_that_cannot_be_sent_stop_the_others()
    {
        var stuck = NewId.NextGuid();
        await InScopeAsync(async (_, dbContext) =>
        {
            dbContext.Add(new OutboxState { OutboxId = stuck, Created = DateTime.UnixEpoch });
            dbContext.Add(new OutboxMessage
            {
                OutboxId = stuck,
                MessageId = NewId.NextGuid(),
                SentTime = DateTime.UnixEpoch,
                ContentType = "application/vnd.masstransit+json",
                MessageType = MessageUrn.ForTypeString<Charged>(),
                Body = "{}",
            });
            await dbContext.SaveChangesAsync();
        });
        var chargeId = NewId.NextGuid();
        await PublishAsync(new Charge(chargeId));

        await Poll.Until(() => Arrivals.Charged.Any(x => x.ChargeId == chargeId));
        await Poll.Until(() => !Log.Warnings.IsEmpty, "a failed attempt is said");
        Assert.That(await InScopeAsync((_, dbContext) => dbContext.Set<OutboxMessage>().CountAsync(x => x.OutboxId == stuck)), Is.EqualTo(1), "it stays");
        Assert.That(Log.Warnings, Has.Count.LessThan(10), "no hot loop");
    }
}
