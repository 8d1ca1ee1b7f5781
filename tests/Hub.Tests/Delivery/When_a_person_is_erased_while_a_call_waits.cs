using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Erasures;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>The tombstone is written between the claim and the bytes of a call. Taking somebody out of an audience asks for no consent, and names the person all the same.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_person_is_erased_while_a_call_waits(StorageDatabase database) : DrainFixture(database)
{
    [Test]
    public async Task Should_be_left_out_of_the_end_of_a_membership()
    {
        await DrainAsync();
        await ApplyAsync(Audience, "full", 10, People[0]);
        Run = await StartRunAsync(Audience, destination: Name);
        await PlanAsync(Run, Audience, destination: Name);
        Vendor.BeforeCall = batch => batch.Operation == Operation.RemoveMember ? EraseAsync(People[1]) : Task.CompletedTask;
        await DrainAsync();

        Assert.That(Sent.Where(call => call.StartsWith("RemoveMember", StringComparison.Ordinal)), Is.EqualTo(new[] { "RemoveMember 2" }));
        await AssertBalancedAsync(Run);
    }

    [Test]
    public async Task Should_be_left_out_of_what_asks_for_consent()
    {
        Vendor.BeforeCall = _ => EraseAsync(People[1]);
        await DrainAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,2" }));
        await AssertBalancedAsync(Run);
    }

    private async Task EraseAsync(string person)
    {
        await using var scope = Scopes.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var request = Guid.NewGuid();
        var found = await ReadAsync(db => services.GetRequiredService<PersonSearch>().FindAsync(db, new PersonKey(KeyKind.ExternalId, person), CancellationToken.None));
        await WriteAsync(db => services.GetRequiredService<SealedPeople>().KeepAsync(db, request, found!, CancellationToken.None));
        await WriteAsync(db => services.GetRequiredService<PersonErasure>().SuppressAsync(db, request, "erasure", Noon, CancellationToken.None));
    }
}
