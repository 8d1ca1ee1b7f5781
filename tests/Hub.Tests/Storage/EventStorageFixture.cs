using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>A destination of its own for every test, with a route for one event, and the words to speak of events.</summary>
public abstract class EventStorageFixture(StorageDatabase database) : StorageFixture(database)
{
    protected const string Viewed = "product_viewed";
    protected static readonly DateTimeOffset Soon = TimeProvider.System.GetUtcNow().AddHours(1);

    protected string Destination { get; private set; } = null!;

    protected Guid Stream => LiveStream.IdOf(Destination, Lane.Live);

    [SetUp]
    public Task Route()
    {
        Destination = Unique("dest");
        return RouteAsync(new EventRoute(Destination, Viewed));
    }

    protected Task RouteAsync(params EventRoute[] routes) => WriteAsync(db => Ledger.RouteEventsAsync(db, routes, partitions: 1, CancellationToken.None));

    protected static LedgerFact Event(string person, int minute = 0, string name = Viewed) => new()
    {
        EventId = Guid.NewGuid(),
        EventType = "behavior_tracked",
        OccurredAt = Noon.AddMinutes(minute),
        Producer = "test",
        ExternalId = person,
        EventName = name,
        BodyJson = $$"""{"minute":{{minute}}}""",
    };

    /// <summary>A person whom the destination knows.</summary>
    protected async Task<string> KnownAsync()
    {
        var (person, audience) = (Unique("p"), Unique("aud"));
        await ApplyAsync(audience, "full", 0, person);
        var run = await StartRunAsync(audience, "Delivering", Destination);
        await PlanAsync(run, audience, destination: Destination);
        await DeliverAllAsync(destination: Destination);
        await SetStateAsync(run, "Completed");
        return person;
    }

    protected Task<Lease> LiveLeaseAsync(string owner = "one", string lane = Lane.Live) => LeaseAsync(owner, 0, Destination, lane);

    protected Task<IReadOnlyList<ClaimedDelivery>> ClaimLiveAsync(Lease lease) => ReadAsync(db => Deliveries.ClaimAsync(db, lease, Soon, 100, CancellationToken.None));

    protected async Task<IReadOnlyList<ClaimedDelivery>> ClaimLiveAsync() => await ClaimLiveAsync(await LiveLeaseAsync());

    protected Task<IReadOnlySet<long>> MarkAsync(Lease lease, IEnumerable<ClaimedDelivery> deliveries) =>
        WriteAsync(db => Deliveries.MarkSendingAsync(db, lease, [.. deliveries], Soon, CancellationToken.None));

    protected Task<IReadOnlyList<PartitionWithWork>> FindLiveWorkAsync() => ReadAsync(db => Deliveries.FindLiveWorkAsync(db, Soon, CancellationToken.None));
}
