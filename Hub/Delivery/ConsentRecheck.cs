using System.Collections.Concurrent;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using MassTransit;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// The last moment before a call's bytes are written, when it was admitted: its people are taken for it, so that no other call of any instance writes one of
/// them at that time, their consent is decided once more, and nothing of a run goes out that a person held or stopped. Between the claim and that moment lie the wait for a place, for quota, and the calls before.
/// One query per call finds whose profile moved; only they are decided again. When it cannot be asked, nobody is sent.
/// </summary>
internal sealed class ConsentRecheck(Destination destination, Lease lease, PreparedBatch batch, OutboxTransaction transactions, IDeliveryStore deliveries, TimeProvider time, CancellationToken stopping)
{
    private const int MostLooks = 40;

    /// <summary>Longer than any connector waits for the answer to a call that writes: a call of which nobody said that it ended may go on as long.</summary>
    private static readonly TimeSpan _longestCall = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(25);

    private readonly Dictionary<long, long[]> _names = batch.Records.ToDictionary(record => record.Delivery.DeliveryId, record => NamesOf(destination, record));
    private readonly Dictionary<long, PreparedRecord> _records = batch.Records.ToDictionary(record => record.Delivery.DeliveryId);
    private readonly ConcurrentDictionary<long, string?> _withheld = new();
    private readonly ConcurrentDictionary<long, WritingCall> _cleared = new();
    private readonly ConcurrentDictionary<long, bool> _busy = new();
    private readonly ConcurrentDictionary<long, bool> _unreadable = new();
    private readonly ConcurrentDictionary<IReadOnlyList<long>, Guid> _calls = new(ReferenceEqualityComparer.Instance);
    private readonly Guid _batchId = NewId.NextGuid();

    /// <summary>What a connector asks before a call.</summary>
    public LastLook Look => FindWithheldAsync;

    /// <summary>What a connector tells after a call.</summary>
    public CallEnded Ended => LeaveAsync;

    /// <summary>True when another call was writing the person: the record is to be claimed anew when that is over.</summary>
    public bool IsBusy(long deliveryId) => _busy.ContainsKey(deliveryId);

    /// <summary>True when a decision about who the person is cannot be read: the record waits until it can.</summary>
    public bool IsUnreadable(long deliveryId) => _unreadable.ContainsKey(deliveryId);

    /// <summary>True when the person's consent is why the record was withheld, and not that the hub stops or nobody could be asked.</summary>
    public bool IsWithheld(long deliveryId) => _withheld.ContainsKey(deliveryId);

    /// <summary>Why the person may not be sent any more; null when the record is to be claimed anew.</summary>
    public string? WhyWithheld(long deliveryId) => _withheld.GetValueOrDefault(deliveryId);

    /// <summary>True when a call that writes the record was let through, so that the vendor may have it.</summary>
    public bool WasCleared(long deliveryId) => _cleared.ContainsKey(deliveryId);

    /// <summary>The last call that was let through with the record; null when there was none.</summary>
    public WritingCall? CallOf(long deliveryId) => _cleared.GetValueOrDefault(deliveryId);

    private async ValueTask<IReadOnlySet<long>> FindWithheldAsync(IReadOnlyList<long> recordIds, CancellationToken cancellationToken)
    {
        try
        {
            var withheld = stopping.IsCancellationRequested ? recordIds.ToHashSet() : await EnterAsync(recordIds, cancellationToken);
            if (withheld.Count == 0)
            {
                var call = new WritingCall(time.GetUtcNow());
                foreach (var record in recordIds)
                {
                    _cleared[record] = call;
                }
            }
            else
            {
                await LeaveAsync(recordIds);
            }

            return withheld;
        }
        catch (OperationCanceledException)
        {
            await LeaveAsync(recordIds);
            throw;
        }
    }

    /// <summary>Gives back the people of calls of which nobody said that they ended.</summary>
    public async Task LeaveAllAsync()
    {
        foreach (var call in _calls.Keys)
        {
            await LeaveAsync(call);
        }
    }

    /// <summary>Takes the people of a call, waits a moment for those whom another call writes, and decides once more about those whose profile moved.</summary>
    /// <returns>The records that may not be sent now: of people whom another call goes on to write, or who may not be sent any more.</returns>
    private async Task<HashSet<long>> EnterAsync(IReadOnlyList<long> recordIds, CancellationToken cancellationToken)
    {
        var names = recordIds.Distinct().ToDictionary(record => record, record => _names[record]);
        var call = new CallUnderWay(NewId.NextGuid(), destination.Name, lease.Owner, _batchId, [.. names.Values.SelectMany(name => name).Distinct()], _longestCall) { Under = lease };
        List<ClaimedDelivery> claimed = [.. names.Keys.SelectMany(record => PeopleOf(_records[record].Delivery))];
        // Before it is asked: should the answer be lost, the people are given back all the same.
        _calls[recordIds] = call.CallId;
        try
        {
            CallEntry entry;
            for (var look = 0; (entry = await transactions.ReadAsync(db => deliveries.EnterCallAsync(db, call, claimed, cancellationToken))).Busy.Count > 0 && look < MostLooks; look++)
            {
                await Task.Delay(_pause, time, cancellationToken);
            }

            var busy = entry.Busy;
            if (entry.LostItsLease)
            {
                // Held up for longer than the lease lasts, and not told yet: whoever has it now sends these people as they are now.
                return [.. recordIds];
            }

            if (busy.Count == 0)
            {
                return [.. names.Keys.Where(record => IsHeld(_records[record].Delivery, entry.Held) || IsUnreadable(_records[record].Delivery, entry.Unreadable) || Withholds(_records[record], entry.Moved))];
            }

            _calls.TryRemove(recordIds, out _);
            var waiting = names.Where(record => Array.Exists(record.Value, busy.Contains)).Select(record => record.Key).ToHashSet();
            foreach (var record in waiting)
            {
                _busy[record] = true;
            }

            return waiting;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return [.. recordIds];
        }
    }

    /// <summary>Should the word be lost, the call's time runs out.</summary>
    private async ValueTask LeaveAsync(IReadOnlyList<long> recordIds)
    {
        if (!_calls.TryRemove(recordIds, out var callId))
        {
            return;
        }

        foreach (var call in recordIds.Select(_cleared.GetValueOrDefault).OfType<WritingCall>())
        {
            call.EndedAt ??= time.GetUtcNow();
        }

        try
        {
            await transactions.ReadAsync(async db =>
            {
                await deliveries.LeaveCallAsync(db, callId, CancellationToken.None);
                return true;
            });
        }
        catch (Exception)
        {
            _calls.TryAdd(recordIds, callId);
        }
    }

    /// <summary>Nothing of a run is sent that a person holds or stopped since the claim: its record stays as it is, for when the run goes on, or is settled with the run.</summary>
    private bool IsHeld(ClaimedDelivery delivery, IReadOnlySet<Guid> held)
    {
        if (!held.Contains(delivery.RunId))
        {
            return false;
        }

        _withheld[delivery.DeliveryId] = null;
        return true;
    }

    private bool IsUnreadable(ClaimedDelivery delivery, IReadOnlySet<long> unreadable) =>
        PeopleOf(delivery).Any(person => unreadable.Contains(person.ProfileId)) && (_unreadable[delivery.DeliveryId] = true);

    /// <summary>Nothing moved, but time went on: a grant may have ended since the claim.</summary>
    private bool HasEnded(ClaimedDelivery delivery)
    {
        if (delivery.Operation == Operation.SetConsent || !destination.GrantsEnd(delivery.ConsentJson) || destination.Decide(delivery.ConsentJson) is not { Allowed: false } decision)
        {
            return false;
        }

        _withheld[delivery.DeliveryId] = decision.Code;
        return true;
    }

    /// <summary>The person, and with two who are to be joined the other one.</summary>
    private static IEnumerable<ClaimedDelivery> PeopleOf(ClaimedDelivery delivery) =>
        delivery.Other is { } other ? [delivery, delivery with { ProfileId = other.ProfileId, ProfileVersion = other.Version }] : [delivery];

    /// <summary>True when the record is not to be sent as it was prepared.</summary>
    private bool Withholds(PreparedRecord record, IReadOnlyDictionary<long, MovedPerson> moved)
    {
        var delivery = record.Delivery;
        var dependsOnConsent = DependsOnConsent(batch.Operation);
        if (!PeopleOf(delivery).Any(person => moved.ContainsKey(person.ProfileId)))
        {
            return dependsOnConsent && HasEnded(delivery);
        }

        if (DueIdentity.Is(batch.Operation) || (moved[delivery.ProfileId] is var person && HasAnotherKey(record, person)))
        {
            // Who is who, or by which key, is to be looked at anew: the next claim has it.
            _withheld[delivery.DeliveryId] = null;
            return true;
        }

        return Withholds(delivery, moved[delivery.ProfileId].ConsentJson);
    }

    /// <summary>Written under the key of before, the person would be there twice.</summary>
    private bool HasAnotherKey(PreparedRecord record, MovedPerson person) =>
        destination.KeyOf(person.ExternalId, person.Email) is { } key && !destination.KeyComparer.Equals(key, record.Item.Key);

    private bool Withholds(ClaimedDelivery delivery, string? consent)
    {
        if (consent is not null && StoredConsent.IsErased(consent))
        {
            _withheld[delivery.DeliveryId] = ConsentCode.Erased;
            return true;
        }

        if (delivery is { LetterId: not null, State: not null } && consent is not null)
        {
            // A letter never writes what is older over what is newer: the next claim has it.
            _withheld[delivery.DeliveryId] = null;
            return true;
        }

        if (!DependsOnConsent(batch.Operation))
        {
            return false;
        }

        if (delivery.Operation == Operation.SetConsent)
        {
            // What is written has to be what stands: the next claim has it.
            if (consent == delivery.ConsentJson)
            {
                return false;
            }

            _withheld[delivery.DeliveryId] = null;
            return true;
        }

        var decision = consent is null ? default : destination.Decide(consent);
        if (consent is not null && decision.Allowed)
        {
            return false;
        }

        _withheld[delivery.DeliveryId] = consent is null ? null : decision.Code;
        return true;
    }

    /// <summary>Everybody whom the record writes: the person, by every key that the call gives them or takes from another.</summary>
    private static long[] NamesOf(Destination destination, PreparedRecord record) =>
    [
        CallUnderWay.NameOf(record.Delivery.ProfileId),
        .. record.Delivery.Other is { } other ? [CallUnderWay.NameOf(other.ProfileId)] : Array.Empty<long>(),
        .. new[] { record.Item.Key, record.Item.Identity?.NewKey, record.Item.Identity?.OtherKey }
            .OfType<string>().Select(key => CallUnderWay.NameOf(destination.KeyHashOf(key) ?? KeyHash.Of(key))),
    ];

    private static bool DependsOnConsent(Operation operation) => operation is not (Operation.RemoveMember or Operation.DeleteProfile);
}
