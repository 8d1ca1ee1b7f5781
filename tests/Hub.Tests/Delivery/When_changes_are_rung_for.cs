using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Deliveries;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>Changes wait for one another as long as they may and no longer, and not at all when there are enough.</summary>
public sealed class When_changes_are_rung_for : DeliveryFixture
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow().AddHours(1));
    private string _name = null!;

    [SetUp]
    public async Task Owe_a_change()
    {
        (_name, var audience) = (Unique("dest"), Unique("aud"));
        await WriteAsync(db => Ledger.RouteLiveAsync(db, [new AudienceRoute(audience, _name)], partitions: 1, CancellationToken.None));
        await AppendAsync(Membership(Unique("p"), audience, true));
    }

    [Test]
    public async Task Should_ring_when_the_oldest_has_waited_as_long_as_it_may()
    {
        await using var bell = Bell(isLive: true);
        bell.Expect(1);
        _time.Advance(Options.LiveLatency - TimeSpan.FromMilliseconds(1));
        bell.Expect(1);
        Assert.That(Rung(), Is.Zero);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await bell.DisposeAsync();
        Assert.That(Rung(), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_ring_at_once_when_there_are_enough_to_fill_the_batches()
    {
        await using var bell = Bell(isLive: true);
        bell.Expect(Acme.Descriptor.Operations[Operation.UpsertProfile].MaxRecords * Options.Partitions);
        _time.Advance(TimeSpan.Zero);
        await bell.DisposeAsync();
        Assert.That(Rung(), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_not_ring_where_nothing_is_live_or_nothing_came()
    {
        await using (var bell = Bell(isLive: false))
        {
            bell.Expect(1_000_000);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        await using (var bell = Bell(isLive: true))
        {
            bell.Expect(0);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.That(Rung(), Is.Zero);
    }

    private LiveBell Bell(bool isLive) => new(
        new DestinationDirectory(new Dictionary<string, Destination> { [_name] = Acme.Destination(new AcmeConnector(), name: _name, live: isLive) }), Transactions, Deliveries, Doorbell,
        Microsoft.Extensions.Options.Options.Create(Options), _time, NullLogger<LiveBell>.Instance);

    private int Rung() => Harness.Sent.Select<DeliveryDue>().Count(due => due.Context.Message is { Lane: Lane.Live } message && message.Destination == _name);
}
