using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Watch;
using MassTransit;

namespace IntegrationHub.Hub.Erasure;

/// <summary>
/// Takes a person for itself at every destination, as a call does: while it holds them no call of any instance writes the person, and one that was on its way has ended. Whoever looks
/// after it sees what was committed meanwhile.
/// </summary>
internal sealed class CallsAside : IAsyncDisposable
{
    private const int MostLooks = 200;
    private const string Owner = "erasure";
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(2);

    private readonly List<Guid> _calls = [];
    private readonly OutboxTransaction _transactions;
    private readonly IDeliveryStore _deliveries;
    private readonly TimeProvider _time;

    private CallsAside(OutboxTransaction transactions, IDeliveryStore deliveries, TimeProvider time) => (_transactions, _deliveries, _time) = (transactions, deliveries, time);

    /// <summary>Waits until nobody writes the person; null when somebody goes on for longer than a few seconds.</summary>
    public static async Task<CallsAside?> HoldAsync(OutboxTransaction transactions, IDeliveryStore deliveries, DestinationDirectory destinations, ErasurePerson person, TimeProvider time, CancellationToken cancellationToken)
    {
        var held = new CallsAside(transactions, deliveries, time);
        var elsewhere = HubSighting.DestinationsOf(await transactions.ReadAsync(db => Heartbeats.ListAsync(db, cancellationToken)));
        foreach (var name in destinations.All.Select(destination => destination.Name).Union(elsewhere).ToList())
        {
            if (!await held.EnterAsync(name, destinations.Find(name), person, cancellationToken))
            {
                await held.DisposeAsync();
                return null;
            }
        }

        return held;
    }

    /// <param name="name">Name of the destination.</param>
    /// <param name="destination">Null when only other hubs have it: then nobody here knows how it writes keys.</param>
    /// <param name="person">Whom.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    private async Task<bool> EnterAsync(string name, Destination? destination, ErasurePerson person, CancellationToken cancellationToken)
    {
        var keys = destination is null
            ? person.Keys.Select(key => KeyHash.Of(key.Value))
            : PersonDeletion.KeysOf(destination, person).Select(key => destination.KeyHashOf(key) ?? KeyHash.Of(key));
        long[] names = [.. person.ProfileIds.Select(CallUnderWay.NameOf), .. keys.Select(CallUnderWay.NameOf).Distinct()];
        var call = new CallUnderWay(NewId.NextGuid(), name, Owner, NewId.NextGuid(), names, _longest);
        _calls.Add(call.CallId);
        for (var look = 0; look < MostLooks; look++)
        {
            if ((await _transactions.ReadAsync(db => _deliveries.EnterCallAsync(db, call, [], cancellationToken))).Busy.Count == 0)
            {
                return true;
            }

            await Task.Delay(_pause, _time, cancellationToken);
        }

        return false;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var call in _calls)
        {
            await _transactions.ReadAsync(async db =>
            {
                await _deliveries.LeaveCallAsync(db, call, CancellationToken.None);
                return true;
            });
        }
    }
}
