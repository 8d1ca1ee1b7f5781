using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;
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

    private CallsAside(OutboxTransaction transactions, IDeliveryStore deliveries) => (_transactions, _deliveries) = (transactions, deliveries);

    /// <summary>Waits until nobody writes the person; null when somebody goes on for longer than a few seconds.</summary>
    public static async Task<CallsAside?> HoldAsync(OutboxTransaction transactions, IDeliveryStore deliveries, DestinationDirectory destinations, ErasurePerson person, CancellationToken cancellationToken)
    {
        var held = new CallsAside(transactions, deliveries);
        foreach (var destination in destinations.All)
        {
            if (!await held.EnterAsync(destination, person, cancellationToken))
            {
                await held.DisposeAsync();
                return null;
            }
        }

        return held;
    }

    private async Task<bool> EnterAsync(Destination destination, ErasurePerson person, CancellationToken cancellationToken)
    {
        long[] names =
        [
            .. person.ProfileIds.Select(CallUnderWay.NameOf),
            .. PersonDeletion.KeysOf(destination, person).Select(key => CallUnderWay.NameOf(destination.KeyHashOf(key) ?? KeyHash.Of(key))),
        ];
        var call = new CallUnderWay(NewId.NextGuid(), destination.Name, Owner, NewId.NextGuid(), names, _longest);
        _calls.Add(call.CallId);
        for (var look = 0; look < MostLooks; look++)
        {
            if ((await _transactions.ReadAsync(db => _deliveries.EnterCallAsync(db, call, [], cancellationToken))).Busy.Count == 0)
            {
                return true;
            }

            await Task.Delay(_pause, TimeProvider.System, cancellationToken);
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
