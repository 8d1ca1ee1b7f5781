using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Canaries;

namespace IntegrationHub.Hub.Canaries;

/// <summary>Lets a canary set off: states what she is on the bus, where every producer states it, in one transaction with the note of her trips.</summary>
internal sealed class CanaryDeparture(OutboxTransaction transactions, TimeProvider time)
{
    /// <summary>Sets off now.</summary>
    /// <param name="canary">The canary.</param>
    /// <param name="also">What belongs into the same transaction; null for nothing.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Her trips, one per destination.</returns>
    public Task<IReadOnlyList<CanaryTrip>> SetOffAsync(CanaryConfiguration canary, Func<HubDbContext, Task>? also, CancellationToken cancellationToken) => transactions.RunAsync<IReadOnlyList<CanaryTrip>>(
        async (db, bus) =>
        {
            var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
            var stamp = CanaryFacts.StampOf(now);
            List<CanaryTrip> trips = [.. canary.Destinations.Select(destination => new CanaryTrip(canary.Name, destination, now, stamp, now + canary.ShownWithin) { NextLookAt = now + CanaryCourse.Shortest })];
            await CanaryTrips.AddAsync(db, trips, cancellationToken);
            foreach (var fact in CanaryFacts.Of(canary, stamp, now))
            {
                await bus.Publish(fact, fact.GetType(), cancellationToken);
            }

            // What somebody does makes nobody known: she does nothing before she has arrived somewhere.
            if (CanaryFacts.EventOf(canary, stamp, now) is { } happened && await CanaryTrips.HasArrivedAsync(db, canary.Name, null, now, cancellationToken))
            {
                await bus.Publish(happened, cancellationToken);
            }

            if (also is not null)
            {
                await also(db);
            }

            return trips;
        },
        cancellationToken);
}
