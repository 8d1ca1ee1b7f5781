using IntegrationHub.Contracts.Deliveries;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using MassTransit;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A doorbell never ends in an error queue: the rows stay, and the sweeper rings again.</summary>
public sealed class When_a_doorbell_is_answered() : DrainFixture(StorageDatabase.Sqlite)
{
    [Test]
    public async Task Should_drain_its_partition()
    {
        Assert.That(await ConsumeAsync(), Is.Null);
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,1,2" }));
    }

    [TestCase(typeof(InvalidOperationException))]
    [TestCase(typeof(TaskCanceledException))]
    public async Task Should_never_fault_whatever_goes_wrong(Type fault)
    {
        Vendor.Ensure = _ => throw (Exception)Activator.CreateInstance(fault)!;
        Assert.That(await ConsumeAsync(), Is.Null);
    }

    /// <summary>What the consumer throws at the bus.</summary>
    private async Task<Exception?> ConsumeAsync()
    {
        await using var provider = new ServiceCollection()
            .AddSingleton(Hub()).AddSingleton<ILogger<DeliveryDueConsumer>>(NullLogger<DeliveryDueConsumer>.Instance)
            .AddMassTransitTestHarness(bus => bus.AddConsumer<DeliveryDueConsumer>())
            .BuildServiceProvider();
        var harness = provider.GetRequiredService<ITestHarness>();
        await harness.Start();
        await harness.Bus.Publish(new DeliveryDue { Destination = Name, Lane = Lane.Bulk, Partition = 0 });
        var consumed = await harness.Consumed.SelectAsync<DeliveryDue>().First();
        return consumed.Exception;
    }
}
