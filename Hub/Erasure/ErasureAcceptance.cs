using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;

namespace IntegrationHub.Hub.Erasure;

/// <summary>
/// The moment from which nothing about a person leaves is the answer to whoever had the last word: the request, or the agreement that it needed. So both suppress in their own transaction; the step of
/// the erasure does it once more, for what came in between.
/// </summary>
internal sealed class ErasureAcceptance(OutboxTransaction transactions, SealedPeople people, PersonErasure erasure, IDeliveryStore deliveries, DestinationDirectory destinations, TimeProvider time)
{
    /// <summary>Why there are tombstones.</summary>
    public const string Reason = "erasure";

    /// <summary>Takes the person for itself at every destination, so that no call that was let through before is under way when the word is answered; to be held until after the commit.</summary>
    /// <returns>Null when a call goes on for longer than a few seconds: the step of the erasure waits for it, and only then are destinations asked to delete.</returns>
    public Task<CallsAside?> HoldAsync(ErasurePerson person, CancellationToken cancellationToken) => CallsAside.HoldAsync(transactions, deliveries, destinations, person, time, cancellationToken);

    /// <summary>As the other one, of whoever is sealed under a request; null, too, when nobody is, or this hub lacks the secret.</summary>
    public async Task<CallsAside?> HoldAsync(Guid requestId, CancellationToken cancellationToken)
    {
        try
        {
            return await transactions.ReadAsync(db => people.FindAsync(db, requestId, cancellationToken)) is { } person ? await HoldAsync(person, cancellationToken) : null;
        }
        catch (UnknownTombstoneSecretException)
        {
            return null;
        }
    }

    /// <summary>Suppresses the person, in the caller's transaction; before whatever many wait for, such as the end of the audit log, for it takes the ledger's lock.</summary>
    /// <returns>The person; null when nobody is sealed under the id, or this hub lacks the secret: then a hub that has it takes the step up.</returns>
    public async Task<ErasurePerson?> SuppressAsync(HubDbContext db, Guid requestId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            return await erasure.SuppressAsync(db, requestId, Reason, now, cancellationToken);
        }
        catch (UnknownTombstoneSecretException)
        {
            return null;
        }
    }
}
