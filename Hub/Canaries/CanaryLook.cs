using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Canaries;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Canaries;

/// <summary>Looks at a canary at a destination: everything that the vendor shows of her, and which of the hub's audiences she is in. Takes a few calls of the live lane, whose promise it watches.</summary>
internal sealed class CanaryLook(HubConfiguration configuration, AudienceTargets targets, OutboxTransaction transactions, TimeProvider time)
{
    private const string NotOffered = "not_offered";

    /// <summary>The trip after the look.</summary>
    public async Task<CanaryTrip> LookAsync(Destination destination, CanaryConfiguration canary, CanaryTrip trip, CancellationToken cancellationToken)
    {
        var expected = CanaryExpectation.Of(destination, configuration.Destinations[destination.Name], canary, trip.Stamp, trip.StatedAt);
        IReadOnlyList<CanaryFinding> findings;
        try
        {
            findings = await FindAsync(destination, expected, trip, cancellationToken);
            if (findings.Count == 0)
            {
                findings = await FindEventAsync(destination, expected, trip, cancellationToken);
            }
        }
        catch (DestinationException trouble)
        {
            findings = [new CanaryFinding(CanaryFinding.Unreadable, trouble.Condition.Code)];
        }

        return CanaryCourse.After(trip, expected.IsAllowed, findings, time.GetUtcNow());
    }

    private async Task<IReadOnlyList<CanaryFinding>> FindAsync(Destination destination, CanaryExpectation expected, CanaryTrip trip, CancellationToken cancellationToken)
    {
        if (destination.ConnectorFor(Lane.Live) is not IWholeReading reading)
        {
            return [new CanaryFinding(CanaryFinding.Unreadable, NotOffered)];
        }

        var shown = expected.Key is { } key ? await reading.ReadWholeAsync(key, cancellationToken) : [];
        var stored = await targets.ListAsync(destination, cancellationToken);
        var memberOf = new HashSet<string>(StringComparer.Ordinal);
        if (shown.Count > 0 && reading is IMemberLookup lookup)
        {
            List<RemoteMember> people = [.. shown.Take(lookup.MaxPeoplePerLookup).Select(person => new RemoteMember(person.RemoteId, expected.Key))];
            foreach (var audience in stored)
            {
                if ((await lookup.LookUpMembersAsync(new AudienceTarget(audience.Audience, audience.RemoteRef), people, cancellationToken)).Count > 0)
                {
                    memberOf.Add(audience.Audience);
                }
            }
        }

        return CanaryComparison.Compare(expected, shown, memberOf, stored.Select(audience => audience.RemoteRef).ToHashSet(StringComparer.Ordinal), time.GetUtcNow() >= trip.GoalAt);
    }

    /// <summary>Asks for what she did where the vendor can be asked, once all else is as it should be: it takes calls of its own. Who must not be there cannot have done anything there.</summary>
    private async Task<IReadOnlyList<CanaryFinding>> FindEventAsync(Destination destination, CanaryExpectation expected, CanaryTrip trip, CancellationToken cancellationToken)
    {
        // What she did before she was known there is told to nobody.
        if (expected is not { IsAllowed: true, Happened: { } happened, Key: { } key } || destination.ConnectorFor(Lane.Live) is not IEventReading reading
            || !await transactions.ReadAsync(db => CanaryTrips.HasArrivedAsync(db, trip.Canary, trip.Destination, trip.StatedAt, cancellationToken)))
        {
            return [];
        }

        var sighting = (await reading.FindEventsAsync([new EventQuestion(0, key, null, happened, trip.StatedAt, time.GetUtcNow())], cancellationToken)).Single();
        return sighting.Presence switch
        {
            EventPresence.There => [],
            EventPresence.NotThere => [new CanaryFinding(CanaryFinding.EventNotThere, happened.Name)],
            _ => [new CanaryFinding(CanaryFinding.Unreadable, sighting.Code ?? ReasonCode.Ambiguous)],
        };
    }
}
