using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Storage.Watch;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Diagnosis;

/// <summary>Whatever time its own machine has.</summary>
public sealed class When_a_hub_says_that_it_is_alive : DeliveryFixture
{
    [Test]
    public async Task Should_be_heard_by_the_databases_clock()
    {
        var name = Unique("hub");
        Clock.Now = DateTimeOffset.UtcNow.AddDays(-3);
        using var heart = new Heart(
            new HubInstance(name), Acme.Hub(), new RunningConfiguration(ConfigurationFiles.Of(new Dictionary<string, string>()), 7) { PendingSince = DateTimeOffset.UnixEpoch }, new DestinationDirectory(new Dictionary<string, Destination>()), Transactions, Scopes.CreateScope().ServiceProvider.GetRequiredService<IBusControl>(), Microsoft.Extensions.Options.Options.Create(new WatchOptions()), Clock, NullLogger<Heart>.Instance);
        Assert.That(await heart.BeatAsync(CancellationToken.None), Is.True);
        var hub = (await ReadAsync(db => Heartbeats.ListAsync(db, CancellationToken.None))).Single(known => known.Name == name);
        Assert.That((hub.IsAlive, hub.SeenAt > DateTimeOffset.UtcNow.AddMinutes(-10)), Is.EqualTo((true, true)));
        Assert.That((hub.ConfigVersion, hub.ConfigPendingSince), Is.EqualTo((7L, DateTimeOffset.UnixEpoch)), "what it runs, and that its folder waits");
    }
}
