using System.Diagnostics;
using IntegrationHub.BridgeProcess;
using IntegrationHub.TestServers;
using MassTransit;
using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Messaging.EntityFrameworkCore;

[TestFixtureSource(typeof(Platforms))]
internal sealed class When_a_message_is_scheduled(Platform platform) : BridgeFixture(platform)
{
    private static readonly TimeSpan _soon = TimeSpan.FromMilliseconds(700);

    // Long enough that only the known due time can explain a delivery.
    protected override BridgeSettings Configure(BridgeSettings settings) => settings with { QueryDelay = TimeSpan.FromHours(1) };

    [Test]
    public async Task Should_reach_the_saga_when_it_is_due_and_not_earlier()
    {
        var orderId = NewId.NextGuid();
        var waited = Stopwatch.StartNew();
        await PublishAsync(new StartOrder(orderId, "expires", _soon));

        await OrderAsync(orderId, x => x.Expired);
        Assert.That(waited.Elapsed, Is.GreaterThanOrEqualTo(_soon - TimeSpan.FromMilliseconds(5)));
        await Poll.Until(async () => await CountAsync<ScheduledEnvelope>() == 0, "the sent message to be removed");
    }

    [Test]
    public async Task Should_not_reach_the_saga_that_unscheduled_it()
    {
        var orderId = NewId.NextGuid();
        await PublishAsync(new StartOrder(orderId, "kept", TimeSpan.FromMinutes(1)));
        await OrderAsync(orderId, x => x.ExpiryTokenId != null);
        Assert.That(await CountAsync<ScheduledEnvelope>(), Is.EqualTo(1));

        await PublishAsync(new KeepOrder(orderId));

        await OrderAsync(orderId, x => x.ExpiryTokenId == null);
        Assert.That(await CountAsync<ScheduledEnvelope>(), Is.Zero);
    }

    [Test]
    public async Task Should_survive_a_restart()
    {
        var orderId = NewId.NextGuid();
        await PublishAsync(new StartOrder(orderId, "restart", TimeSpan.FromSeconds(3)));
        await OrderAsync(orderId, x => x.ExpiryTokenId != null || x.Expired); // a machine that takes longer than it lasts shows nothing here, and fails nothing

        await StopAsync();
        await StartAsync();

        await OrderAsync(orderId, x => x.Expired);
    }

    [Test]
    public async Task Should_be_sent_from_outside_of_a_consumer()
    {
        var chargeId = NewId.NextGuid();
        await InScopeAsync((provider, _) => provider.GetRequiredService<IMessageScheduler>()
            .SchedulePublish(TimeProvider.System.GetUtcNow().UtcDateTime + _soon, new Charged(chargeId, 0)));

        await Poll.Until(() => Arrivals.Charged.Any(x => x.ChargeId == chargeId));
    }

    [Test]
    public async Task Should_vanish_with_the_transaction_that_scheduled_it()
    {
        await InScopeAsync(async (provider, dbContext) =>
        {
            await using var transaction = await dbContext.Database.BeginTransactionAsync();
            await provider.GetRequiredService<IMessageScheduler>()
                .SchedulePublish(TimeProvider.System.GetUtcNow().UtcDateTime, new Charged(NewId.NextGuid(), 0));
            Assert.That(await dbContext.Set<ScheduledEnvelope>().CountAsync(), Is.EqualTo(1));
        });

        Assert.That(await CountAsync<ScheduledEnvelope>(), Is.Zero);
    }

    [Test]
    public async Task Should_be_canceled_from_outside_of_a_consumer()
    {
        var destination = new Uri("queue:charged");
        await InScopeAsync(async (provider, _) =>
        {
            var scheduler = provider.GetRequiredService<IMessageScheduler>();
            var scheduled = await scheduler.ScheduleSend(destination, TimeProvider.System.GetUtcNow().UtcDateTime + TimeSpan.FromMinutes(1),
                new Charged(NewId.NextGuid(), 0));
            await scheduler.CancelScheduledSend(scheduled);
        });

        Assert.That(await CountAsync<ScheduledEnvelope>(), Is.Zero);
    }
}
