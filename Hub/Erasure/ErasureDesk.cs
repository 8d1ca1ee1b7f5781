using System.Text.Json;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Identity;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Erasure;

/// <summary>Takes requests for erasure: the person is sealed and, where nobody has to agree, suppressed; that, the request and its entry in the audit log stand in one transaction.</summary>
internal sealed class ErasureDesk(OutboxTransaction transactions, PersonSearch search, SealedPeople people, Tombstones tombstones, ErasureApproval approval, ErasureAcceptance acceptance, TimeProvider time)
{
    /// <summary>Asks. Where nobody has to agree, nothing about the person leaves once this has returned.</summary>
    /// <returns>The request; null when the key is no one person's.</returns>
    public async Task<ErasureJson?> RequestAsync(PersonKey key, string law, string reason, AuditEntry by, CancellationToken cancellationToken)
    {
        await using var held = approval.IsAsked || await transactions.ReadAsync(db => search.FindAsync(db, key, cancellationToken)) is not { } person
            ? null
            : await acceptance.HoldAsync(person, cancellationToken);
        return await RequestAsync(key, law, reason, by, held is not null, cancellationToken);
    }

    private Task<ErasureJson?> RequestAsync(PersonKey key, string law, string reason, AuditEntry by, bool areCallsOver, CancellationToken cancellationToken) => transactions.RunAsync<ErasureJson?>(
        async (db, bus) =>
        {
            if (await search.FindAsync(db, key, cancellationToken) is not { } person)
            {
                return (null, false);
            }

            var (requestId, now) = (Guid.CreateVersion7(time.GetUtcNow()), time.GetUtcNow());
            var earlier = await ErasureBook.EarlierAsync(db, requestId, tombstones.Secrets.All.Select(secret => secret.HashOf(key)), cancellationToken);
            foreach (var one in earlier)
            {
                person = await people.FindAsync(db, one, cancellationToken) is { } before ? person.Join(before) : person; // while its keys are kept
            }

            var name = tombstones.Secrets.NameOf(key);
            await people.KeepAsync(db, requestId, person, cancellationToken);
            var suppressed = approval.IsAsked ? null : await acceptance.SuppressAsync(db, requestId, now, cancellationToken);
            person = suppressed ?? person;
            var approvalId = await approval.AskAsync(db, requestId, name, law, by.Principal, cancellationToken);
            var request = new RequestErasure { RequestId = requestId, Law = law, Reason = reason, SubjectHash = name, By = by.Principal, At = now, ApprovalId = approvalId };
            await AskedRuns.AddAsync(db, requestId, AskedRuns.Erasure, JsonSerializer.Serialize(request), now, cancellationToken);
            await bus.Publish(request, cancellationToken);
            await AuditLog.AppendAsync(db, by with { At = now, Subject = $"erasure:{requestId}", Reason = reason }, cancellationToken);
            return (
                new ErasureJson
                {
                    RequestId = requestId, State = "Requested", Law = law, Reason = reason, SubjectHash = name, RequestedBy = by.Principal, RequestedAt = now, Deadline = ErasureLaw.DeadlineOf(law, now), ApprovalId = approvalId,
                    SuppressedAt = suppressed is not null && areCallsOver ? now : null,
                    SharedKeys = person.Shared.Count, UndecidedKeys = person.Contested.Count, Earlier = earlier.Count > 0 ? earlier : null,
                },
                true);
        },
        cancellationToken);

    /// <summary>Asks the destinations that refused, or are not done, once more and at once.</summary>
    /// <returns>The state of the erasure, and whether they are asked; null when there is none.</returns>
    public Task<(string State, bool IsAsked)?> RetryAsync(Guid requestId, AuditEntry by, CancellationToken cancellationToken) => transactions.RunAsync<(string, bool)?>(
        async (db, bus) =>
        {
            if (await ErasureBook.FindAsync(db, requestId, cancellationToken) is not { } erasure)
            {
                return (null, false);
            }

            if (erasure.CurrentState == ErasurePhase.ErasingDestinations)
            {
                await DestinationErasures.ReopenAsync(db, requestId, cancellationToken);
                await bus.Publish(new EraseAtDestinations { RequestId = requestId }, cancellationToken);
            }
            else if (erasure.CurrentState == ErasurePhase.Rechecking && (await DestinationErasures.LoadAsync(db, requestId, cancellationToken)).Any(RecheckDestinationsConsumer.Refused))
            {
                await bus.Publish(new RecheckDestinations { RequestId = requestId, Round = RecheckDestinations.AskedFor }, cancellationToken);
            }
            else
            {
                return ((erasure.CurrentState, false), false);
            }

            await AuditLog.AppendAsync(db, by with { At = time.GetUtcNow() }, cancellationToken);
            return ((erasure.CurrentState, true), true);
        },
        cancellationToken);
}
