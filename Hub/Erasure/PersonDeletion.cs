using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;

namespace IntegrationHub.Hub.Erasure;

/// <summary>
/// Deletes one person at one destination: looks who is there, duplicates too, deletes, and reads back. A vendor takes its time (Braze up to minutes), so nobody there is what counts, not the
/// answer to the deletion: HubSpot says 204 for somebody who was never there as well.
/// </summary>
internal sealed class PersonDeletion(TimeProvider time)
{
    /// <summary>The destination's connector cannot delete people.</summary>
    public const string NotSupported = "not_supported";

    /// <summary>The hub has no key that the destination knows people by: nothing can be there under it.</summary>
    public const string NoKey = "no_key_there";

    /// <summary>The connector cannot show profiles: that the vendor confirmed the deletion is all that is known.</summary>
    public const string NotReadBack = "not_read_back";

    /// <summary>The law's time is over, and the vendor still shows the person or does not answer.</summary>
    public const string DeadlinePassed = "deadline_passed";

    /// <summary>Does what can be done now.</summary>
    /// <param name="destination">Where.</param>
    /// <param name="person">Whom.</param>
    /// <param name="before">What was done there so far; null for nothing.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="DestinationException">The destination is in trouble; ask again later.</exception>
    public async Task<DestinationErasure> DeleteAsync(Destination destination, ErasurePerson person, DestinationErasure? before, CancellationToken cancellationToken)
    {
        var erasure = before ?? new DestinationErasure(destination.Name, DestinationErasure.Deleting, null, 0, 0, time.GetUtcNow());
        erasure = erasure with { Attempts = erasure.Attempts + 1 };
        string[] keys = [.. KeysOf(destination, person)];
        var connector = destination.ConnectorFor(Lane.Urgent);
        if (keys.Length == 0)
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
            erasure = erasure with { Found = Math.Max(erasure.Found, await CountAsync(reading, keys, cancellationToken)) };
        }

        if (await SendAsync(connector, keys, limits.MaxRecords, cancellationToken) is { } refusal)
        {
            return erasure with { Action = refusal.IsFinal ? DestinationErasure.NotPossible : DestinationErasure.Deleting, Reason = refusal.Code };
        }

        if (reading is null)
        {
            return erasure with { Action = DestinationErasure.Deleted, Reason = NotReadBack };
        }

        var left = await CountAsync(reading, keys, cancellationToken);
        return erasure with
        {
            Action = left == 0 ? DestinationErasure.Deleted : DestinationErasure.Deleting,
            Reason = null,
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

    private static async Task<int> CountAsync(IProfileReading reading, string[] keys, CancellationToken cancellationToken)
    {
        var found = 0;
        foreach (var some in keys.Chunk(reading.MaxKeysPerRead))
        {
            found += (await reading.ReadProfilesAsync(some, [], cancellationToken)).Count;
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

            foreach (var outcome in receipt.Outcomes.Where(outcome => outcome.Outcome is not (Outcome.Delivered or Outcome.Unchanged)))
            {
                refusal ??= (outcome.Code ?? outcome.Outcome.ToString(), outcome.Outcome == Outcome.Rejected);
            }
        }

        return refusal;
    }
}
