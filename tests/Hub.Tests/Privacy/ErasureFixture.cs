using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Erasure;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Hub.Tests.Runs;
using IntegrationHub.Identity;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Erasures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Privacy;

/// <summary>The steps of an erasure on a real database, at vendors in the test's hand.</summary>
public abstract class ErasureFixture(StorageDatabase database) : DeliveryFixture(database)
{
    private protected StepBus Bus => new(Scopes);

    private protected SealedPeople People => Scopes.CreateScope().ServiceProvider.GetRequiredService<SealedPeople>();

    private protected PersonDeletion Deletion => new(Transactions, Scopes.CreateScope().ServiceProvider.GetRequiredService<PersonErasure>(), Clock);

    private protected ErasureAcceptance Acceptance(DestinationDirectory destinations, TimeProvider? time = null) =>
        new(Transactions, People, Scopes.CreateScope().ServiceProvider.GetRequiredService<PersonErasure>(), Deliveries, destinations, time ?? Clock);

    /// <summary>The destinations of a hub, by name.</summary>
    private protected static DestinationDirectory Hub(params (string Name, PeopleVendor Vendor)[] destinations) =>
        new(destinations.ToDictionary(one => one.Name, one => Acme.Destination(one.Vendor, name: one.Name), StringComparer.Ordinal));

    /// <summary>An erasure in some state, of a person with some ids.</summary>
    private protected async Task<Guid> AskAsync(string state, string[] externalIds, string[]? toldAt = null, SealedPeople? people = null, Dictionary<string, IReadOnlyList<string>>? remoteIds = null)
    {
        var requestId = Guid.NewGuid();
        var person = new ErasurePerson
        {
            Keys = [.. externalIds.Select(id => new PersonKey(KeyKind.ExternalId, id))], ProfileIds = [], RemoteIds = remoteIds ?? [], Destinations = toldAt ?? [],
        };
        await WriteAsync(async db =>
        {
            db.Add(new ErasureState
            {
                CorrelationId = requestId, CurrentState = state, Law = ErasureLaw.Gdpr, Reason = "ticket 1", SubjectHash = "hmac:1:x", RequestedBy = "person:anna", RequestedAt = Noon, SuppressedAt = Noon, Deadline = Noon.AddMonths(1),
            });
            await (people ?? People).KeepAsync(db, requestId, person, CancellationToken.None);
        });
        return requestId;
    }

    private protected Task EraseAsync(Guid requestId, DestinationDirectory destinations, SealedPeople? people = null) => Bus.ConsumeAsync(
        new EraseAtDestinationsConsumer(Transactions, people ?? People, Deletion, destinations, Health(), Clock, NullLogger<EraseAtDestinationsConsumer>.Instance), new EraseAtDestinations { RequestId = requestId });

    private protected Task RecheckAsync(Guid requestId, int round, DestinationDirectory destinations) => Bus.ConsumeAsync(
        new RecheckDestinationsConsumer(
            Transactions, Scopes, People, Scopes.CreateScope().ServiceProvider.GetRequiredService<PersonErasure>(), Deletion, destinations, Microsoft.Extensions.Options.Options.Create(new ErasureOptions()), Clock),
        new RecheckDestinations { RequestId = requestId, Round = round });

    private protected Task<IReadOnlyList<DestinationErasure>> DoneAsync(Guid requestId) => ReadAsync(db => DestinationErasures.LoadAsync(db, requestId, CancellationToken.None));

    /// <summary>What was said when all destinations were through; null when it was not.</summary>
    private protected DestinationsErased? Erased(Guid requestId) => Bus.Said<DestinationsErased>(said => said.RequestId == requestId).SingleOrDefault();

    private protected IReadOnlyList<ErasureStepPostponed> Postponed(Guid requestId) => Bus.Said<ErasureStepPostponed>(said => said.RequestId == requestId);
}
