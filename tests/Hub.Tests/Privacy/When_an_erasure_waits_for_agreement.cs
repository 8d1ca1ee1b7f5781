using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Erasure;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Identity;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Approvals;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Privacy;

/// <summary>The law's time runs while nobody decides: a person's request is refused by somebody, or waits.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_erasure_waits_for_agreement(StorageDatabase database) : ErasureFixture(database)
{
    [Test]
    public async Task Should_not_be_refused_by_the_clock()
    {
        var person = Unique("person");
        var request = await AskAsync(ErasurePhase.AwaitingApproval, [person]);
        var approval = new ErasureApproval(new ApprovalRules(Acme.Hub(), new ApiKey(null, areKeysRequired: true)), Acceptance(Hub()), Clock);
        var asked = await WriteAsync(db => approval.AskAsync(db, request, "hmac:1:x", ErasureLaw.Gdpr, "person:anna", CancellationToken.None));
        Clock.Now += TimeSpan.FromDays(8);

        await new ApprovalExpiry([approval], Transactions, Clock, NullLogger<ApprovalExpiry>.Instance).SweepAsync(CancellationToken.None);

        Assert.That((await ReadAsync(db => ApprovalDesk.FindAsync(db, asked!.Value, CancellationToken.None)))!.State, Is.EqualTo(ApprovalState.Waiting));
        Assert.That((await ReadAsync(db => People.FindAsync(db, request, CancellationToken.None)))!.Keys, Is.EqualTo(new[] { new PersonKey(KeyKind.ExternalId, person) }), "who it is is known still");
        Assert.That(Bus.Said<Sagas.Erasure.Messages.RefuseErasure>(said => said.RequestId == request), Is.Empty);
    }
}
