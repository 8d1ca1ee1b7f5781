using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;

namespace IntegrationHub.Hub.Erasure;

/// <summary>
/// Deletes one person at one destination: looks who is there, duplicates too, deletes, and reads back. A vendor takes its time (Braze up to minutes), so nobody there is what counts, not the
/// answer to the deletion: HubSpot says 204 for somebody who was never there as well.
/// </summary>
internal sealed class PersonDeletion(OutboxTransaction transactions, PersonErasure own, TimeProvider time)
{
    /// <summary>Under the vendor's id of the person stands somebody with the key of another person whom the hub knows: nobody is deleted who may be that one.</summary>
    public const string IdOfAnother = "remote_id_of_another";

    /// <summary>Under the vendor's id of the person stands a record without a key to delete it by.</summary>
    public const string RecordWithoutKey = "record_without_key";

    /// <summary>The destination's connector cannot delete people.</summary>
    public const string NotSupported = "not_supported";

    /// <summary>The hub has no key that the destination knows people by: nothing can be there under it.</summary>
    public const string NoKey = "no_key_there";

    /// <summary>The connector cannot show profiles: that the vendor confirmed the deletion is all that is known.</summary>
    public const string NotReadBack = "not_read_back";

    /// <summary>The vendor's answer does not mention the person.</summary>
    public const string NotConfirmed = "not_confirmed";

    /// <summary>Nobody is there now, and a job that the vendor was given before the person was suppressed may bring them back: asked again when it has ended.</summary>
    public const string VendorJob = "vendor_job";

    /// <summary>It was told of the person, and no hub has it any more.</summary>
    public const string NotConfigured = "not_configured";

    /// <summary>The keys of the person are gone, so that nobody can be asked. Nothing may be certified then.</summary>
    public static string KeysGone(Guid requestId) =>
        $"The sealed keys of the person are gone, so no destination can be asked and nothing is certified. Ask for the person's erasure again by a key that the request named; what this one did shows 'erase show {requestId}'.";

    /// <summary>The law's time is over, and the vendor still shows the person or does not answer.</summary>
    public const string DeadlinePassed = "deadline_passed";

    /// <summary>Does what can be done now. Ids of the person that the destination shows and the hub did not know are kept before anybody is deleted.</summary>
    /// <param name="requestId">The erasure.</param>
    /// <param name="destination">Where.</param>
    /// <param name="person">Whom.</param>
    /// <param name="before">What was done there so far; null for nothing.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="DestinationException">The destination is in trouble; ask again later.</exception>
    public async Task<DestinationErasure> DeleteAsync(Guid requestId, Destination destination, ErasurePerson person, DestinationErasure? before, CancellationToken cancellationToken)
    {
        var erasure = before ?? new DestinationErasure(destination.Name, DestinationErasure.Deleting, null, 0, 0, time.GetUtcNow());
        erasure = erasure with { Attempts = erasure.Attempts + 1 };
        var connector = destination.ConnectorFor(Lane.Urgent);
        var (there, hindrance) = await FindByIdAsync(destination, connector, person, cancellationToken);
        string[] keys = [.. KeysOf(destination, person).Concat(there).Distinct(destination.KeyComparer)];
        if (keys.Length == 0 && hindrance is null)
        {
            return erasure with { Action = DestinationErasure.Deleted, Reason = NoKey };
        }

        if (!destination.Descriptor.Operations.TryGetValue(Operation.DeleteProfile, out var limits))
        {
            return erasure with { Action = DestinationErasure.NotPossible, Reason = NotSupported };
        }

        var reading = connector as IProfileReading;
        if (reading is not null)
        {
            var found = await ReadAsync(reading, keys, cancellationToken);
            erasure = erasure with { Found = Math.Max(erasure.Found, found.Count) };
            string[] learned = [.. found.Select(profile => profile.RemoteId).OfType<string>().Except(person.RemoteIds.GetValueOrDefault(destination.Name) ?? [], StringComparer.Ordinal)];
            if (learned.Length > 0)
            {
                await transactions.RunAsync((db, _) => own.LearnAsync(db, requestId, destination.Name, learned, ErasureAcceptance.Reason, time.GetUtcNow(), cancellationToken), cancellationToken);
            }
        }

        var refusal = await SendAsync(connector, keys, limits.MaxRecords, cancellationToken) ?? (hindrance is null ? null : (hindrance, true));
        erasure = erasure with { Action = refusal is null ? DestinationErasure.Deleted : refusal.Value.IsFinal ? DestinationErasure.NotPossible : DestinationErasure.Deleting, Reason = refusal?.Code };
        if (reading is null)
        {
            return refusal is null ? erasure with { Reason = NotReadBack } : erasure;
        }

        if (keys.FirstOrDefault(key => !reading.CanBeAskedFor(key)) is not null)
        {
            return refusal is null ? erasure with { Action = DestinationErasure.NotPossible, Reason = ReasonCode.KeyNotSearchable } : erasure;
        }

        var left = (await ReadAsync(reading, keys, cancellationToken)).Count;
        return erasure with
        {
            Action = refusal is null && left > 0 ? DestinationErasure.Deleting : erasure.Action,
            ReadBackAt = time.GetUtcNow(),
            Method = $"profiles by {destination.IdentityKeyKind}",
            Result = left == 0 ? DestinationErasure.Absent : DestinationErasure.Present,
        };
    }

    /// <summary>Every key of the person that the destination knows people by.</summary>
    public static IEnumerable<string> KeysOf(Destination destination, ErasurePerson person) => (destination.IdentityKeyKind == PersonKey.WordOf(KeyKind.Email)
            ? person.ValuesOf(KeyKind.Email).Select(email => destination.KeyOf(null, email))
            : person.ValuesOf(KeyKind.ExternalId).Select(id => destination.KeyOf(id, null)))
        .OfType<string>().Distinct(destination.KeyComparer);

    /// <summary>The keys under which the vendor has the records that it had of the person, whatever they were when the hub wrote them; and why one of these is not to be deleted.</summary>
    private async Task<(IReadOnlyList<string> Keys, string? Hindrance)> FindByIdAsync(Destination destination, IConnector connector, ErasurePerson person, CancellationToken cancellationToken)
    {
        if (connector is not IRecordLookup lookup || !person.RemoteIds.TryGetValue(destination.Name, out var ids))
        {
            return ([], null);
        }

        var found = new List<RemoteProfile>();
        foreach (var some in ids.Chunk(lookup.MaxIdsPerLookup))
        {
            found.AddRange(await lookup.FindRecordsAsync(some, cancellationToken));
        }

        var isEmail = destination.IdentityKeyKind == PersonKey.WordOf(KeyKind.Email);
        var own = KeysOf(destination, person).ToHashSet(destination.KeyComparer);
        var changed = found.Where(record => record.Key.Length > 0 && !own.Contains(record.Key)).ToList();
        var byNormal = changed.Select(record => (record.Key, Normal: isEmail ? NormalKey.OfEmail(record.Key) : NormalKey.OfId(record.Key))).Where(key => key.Normal is not null).ToList();
        var others = await transactions.ReadAsync(db => KeysOfOthers.FindAsync(db, person, isEmail ? KeyKind.Email : KeyKind.ExternalId, [.. byNormal.Select(key => key.Normal!).Distinct()], cancellationToken));
        return (
            [.. byNormal.Where(key => !others.Contains(key.Normal!)).Select(key => key.Key)],
            byNormal.Exists(key => others.Contains(key.Normal!)) ? IdOfAnother : found.Exists(record => record.Key.Length == 0) ? RecordWithoutKey : null);
    }

    private static async Task<List<RemoteProfile>> ReadAsync(IProfileReading reading, string[] keys, CancellationToken cancellationToken)
    {
        var found = new List<RemoteProfile>();
        foreach (var some in keys.Where(reading.CanBeAskedFor).Chunk(reading.MaxKeysPerRead))
        {
            found.AddRange(await reading.ReadProfilesAsync(some, [], cancellationToken));
        }

        return found;
    }

    /// <summary>Null when the vendor confirmed all; else the first thing that is in the way.</summary>
    private static async Task<(string Code, bool IsFinal)?> SendAsync(IConnector connector, string[] keys, int most, CancellationToken cancellationToken)
    {
        (string, bool)? refusal = null;
        foreach (var some in keys.Chunk(most))
        {
            var receipt = await connector.DeliverAsync(
                new Batch { Operation = Operation.DeleteProfile, Items = [.. some.Select((key, i) => new BatchItem { RecordId = i, Key = key })] }, cancellationToken);
            if (receipt.Condition is { } condition)
            {
                throw new DestinationException(condition);
            }

            if (receipt.Outcomes.Select(outcome => outcome.RecordId).Distinct().Count() < some.Length)
            {
                refusal ??= (NotConfirmed, false);
            }

            foreach (var outcome in receipt.Outcomes.Where(outcome => outcome.Outcome is not (Outcome.Delivered or Outcome.Unchanged)))
            {
                refusal ??= (outcome.Code ?? outcome.Outcome.ToString(), outcome.Outcome == Outcome.Rejected);
            }
        }

        return refusal;
    }
}
