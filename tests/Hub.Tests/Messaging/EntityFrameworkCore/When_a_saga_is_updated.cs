using IntegrationHub.BridgeProcess;
using IntegrationHub.TestServers;
using MassTransit;
using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Hub.Tests.Messaging.EntityFrameworkCore;

[TestFixtureSource(typeof(Modes))]
internal sealed class When_a_saga_is_updated(Platform platform, ConcurrencyMode mode) : BridgeFixture(platform)
{
    private const int Clashes = 12;

    protected override BridgeSettings Configure(BridgeSettings settings) =>
        settings with { ConcurrencyMode = mode, Retries = mode == ConcurrencyMode.Optimistic ? 50 : 0 };

    [Test]
    public async Task Should_serialize_clashing_updates()
    {
        var orderId = NewId.NextGuid();
        await PublishAsync(new StartOrder(orderId, "clash"));
        await OrderAsync(orderId, x => x.CurrentState == "Open");

        await Task.WhenAll(Enumerable.Range(0, Clashes).Select(_ => PublishAsync(new TouchOrder(orderId))));

        await OrderAsync(orderId, x => x.Touches == Clashes);
        await Poll.Until(() => Arrivals.Touched.Count == Clashes);
        Assert.That(Arrivals.Touched.Select(x => x.Touches), Is.EquivalentTo(Enumerable.Range(1, Clashes)), "each update saw the one before");
    }

    [Test]
    public async Task Should_serialize_concurrent_first_events()
    {
        var orderIds = Enumerable.Range(0, 5).Select(_ => NewId.NextGuid()).ToList();
        await Task.WhenAll(orderIds.SelectMany(id => Enumerable.Range(0, 4).Select(_ => PublishAsync(new TouchOrder(id)))));

        foreach (var orderId in orderIds)
            await OrderAsync(orderId, x => x.Touches == 4);
        Assert.That(await CountAsync<OrderState>(), Is.EqualTo(orderIds.Count));
    }

    [Test]
    public async Task Should_correlate_by_a_query()
    {
        var orderId = NewId.NextGuid();
        await PublishAsync(new StartOrder(orderId, "by-name"));
        await OrderAsync(orderId, x => x.CurrentState == "Open");

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => PublishAsync(new TouchOrderByName("by-name"))));

        await OrderAsync(orderId, x => x.Touches == 5);
        Assert.That(await CountAsync<OrderState>(), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_create_one_instance_from_concurrent_first_events_that_correlate_by_a_query()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => PublishAsync(new TouchOrderByName("new-name"))));

        await Poll.Until(async () => await InScopeAsync((_, db) => db.Orders.AnyAsync(x => x.Touches == 6)));
        Assert.That(await CountAsync<OrderState>(), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_remove_a_finalized_instance()
    {
        var orderId = NewId.NextGuid();
        await PublishAsync(new StartOrder(orderId, "closed"));
        await OrderAsync(orderId, x => x.CurrentState == "Open");

        await PublishAsync(new CloseOrder(orderId));

        await Poll.Until(async () => await FindOrderAsync(orderId) == null);
    }

    [Test]
    public async Task Should_change_and_publish_nothing_when_the_machine_throws()
    {
        var orderId = NewId.NextGuid();
        await PublishAsync(new StartOrder(orderId, "broken"));
        await OrderAsync(orderId, x => x.CurrentState == "Open");
        await PublishAsync(new BreakOrder(orderId));
        await Poll.Until(() => Faults > 0, "the broken message to fault");

        await PublishAsync(new TouchOrder(orderId));

        await Poll.Until(() => !Arrivals.Touched.IsEmpty);
        await SettledAsync();
        Assert.Multiple(async () =>
        {
            Assert.That((await FindOrderAsync(orderId))!.Touches, Is.EqualTo(1));
            Assert.That(Arrivals.Touched.Select(x => x.Touches), Is.EqualTo([1]));
        });
    }
}
