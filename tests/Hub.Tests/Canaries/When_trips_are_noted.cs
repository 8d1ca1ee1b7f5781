using IntegrationHub.Hub.Tests.Storage;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Canaries;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Tests.Canaries;

/// <summary>The book of trips, on either database.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_trips_are_noted(StorageDatabase database) : StorageFixture(database)
{
    [Test]
    public async Task Should_be_looked_for_until_the_next_trip_and_known_by_the_last_that_went_somehow()
    {
        var canary = Unique("anna");
        var first = Trip(canary, "acme", Noon);
        await WriteAsync(db => CanaryTrips.AddAsync(db, [first, Trip(canary, "other", Noon)], CancellationToken.None));
        Assert.That(await DueAsync(canary, Noon), Is.Empty, "nobody looks before it is time");
        Assert.That((await DueAsync(canary, Noon.AddSeconds(5))).Select(trip => trip.Destination), Is.EquivalentTo(new[] { "acme", "other" }));

        CanaryFinding[] findings = [new(CanaryFinding.NotAllowed, "notes")];
        var noted = first with { State = CanaryState.Leaked, LookedAt = Noon.AddMinutes(1), ShownAt = Noon.AddSeconds(7), Looks = 3, Findings = findings, NextLookAt = Noon.AddHours(2) };
        Assert.That(await WriteAsync(db => CanaryTrips.NoteAsync(db, noted, CancellationToken.None)), Is.True);
        var read = (await ReadAsync(db => CanaryTrips.LatestKnownAsync(db, CancellationToken.None))).Single(trip => trip.Canary == canary);
        Assert.That(read with { Findings = [] }, Is.EqualTo(noted with { Findings = [] }));
        Assert.That(read.Findings, Is.EqualTo(findings));
        Assert.That((await ReadAsync(db => CanaryTrips.LatestAsync(db, CancellationToken.None))).Where(trip => trip.Canary == canary).Select(trip => trip.State), Is.EqualTo(new[] { CanaryState.Leaked, CanaryState.Travelling }));

        await WriteAsync(db => CanaryTrips.AddAsync(db, [Trip(canary, "acme", Noon.AddHours(1)), Trip(canary, "other", Noon.AddHours(1))], CancellationToken.None));
        Assert.That(await WriteAsync(db => CanaryTrips.NoteAsync(db, noted with { State = CanaryState.Fine }, CancellationToken.None)), Is.False, "who looked too long says nothing of the trip before");
        Assert.That((await DueAsync(canary, Noon.AddDays(1))).Select(trip => trip.StatedAt), Is.All.EqualTo(Noon.AddHours(1)));
        var listed = await ReadAsync(db => CanaryTrips.ListAsync(db, canary, 10, CancellationToken.None));
        Assert.That(listed.Select(trip => (trip.Destination, trip.State)), Is.EqualTo(new[]
        {
            ("acme", CanaryState.Travelling), ("other", CanaryState.Travelling), ("acme", CanaryState.Leaked), ("other", CanaryState.Unread),
        }));
        var situation = await ReadAsync(db => Situations.ReadAsync(db, Noon, CancellationToken.None));
        Assert.That(situation.Canaries.Where(trip => trip.Canary == canary).Select(trip => (trip.StatedAt, trip.State)), Is.EqualTo(new[] { (Noon, CanaryState.Leaked) }), "the next one is still on its way");
    }

    private static CanaryTrip Trip(string canary, string destination, DateTimeOffset at) => new(canary, destination, at, "Trip 1", at.AddMinutes(15)) { NextLookAt = at.AddSeconds(5) };

    private async Task<IReadOnlyList<CanaryTrip>> DueAsync(string canary, DateTimeOffset now) =>
        [.. (await ReadAsync(db => CanaryTrips.DueAsync(db, now, 1_000, CancellationToken.None))).Where(trip => trip.Canary == canary)];
}
