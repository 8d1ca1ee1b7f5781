using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Tests.Backfills;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>Whom a destination had and does not show any more is looked for before anything is written: somebody who was deleted there is not created again by the way.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_somebody_was_deleted_at_the_vendor(StorageDatabase database) : DrainFixture(database)
{
    private RememberingVendor _vendor = null!;

    [SetUp]
    public async Task Deliver_everybody()
    {
        await Destination.DisposeAsync();
        _vendor = new RememberingVendor();
        Destination = Acme.Destination(_vendor, name: Name, audience: Audience);
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            foreach (var person in People)
            {
                await session.ExecuteAsync("UPDATE profiles SET attributes = '{\"city\":\"Bonn\"}' WHERE external_id = @person", CancellationToken.None, ("person", person));
            }
        });
        await DrainAsync();
        Assert.That(_vendor.People.Keys, Is.EquivalentTo(People));
        _vendor.Written.Clear();
        _vendor.Asked.Clear();
    }

    [Test]
    public async Task Should_not_create_them_by_the_next_sync_and_add_again_who_was_taken_off_the_list()
    {
        _vendor.People.Remove(People[0]);
        await ReadBackAsync(Guid.NewGuid(), People[1]);
        var next = await SyncAsync();
        Assert.That(_vendor.Written.Where(batch => batch.Operation == Operation.AddMember).SelectMany(batch => batch.Items).Select(item => item.Key), Is.EqualTo(new[] { People[2] }));
        Assert.That(_vendor.People.Keys, Does.Not.Contain(People[0]));
        Assert.That(await OutcomeAsync(People[0], next), Is.EqualTo((LedgerOutcome.Suppressed, "deleted_there")));
        Assert.That(await OutcomeAsync(People[2], next), Is.EqualTo((LedgerOutcome.Delivered, (string?)null)));
        Assert.That((await RunAsync(next)).Counts.Balances, Is.True);
        Assert.That(await MembershipsAsync(People[0], "m.is_member"), Is.Zero);
        Assert.That(await MembershipsAsync(People[2], "m.is_member"), Is.EqualTo(1));
        Assert.That(await OutcomeAsync(People[0], await SyncAsync()), Is.EqualTo((LedgerOutcome.Suppressed, "deleted_there")), "and whenever they are owed again");
    }

    [Test]
    public async Task Should_write_them_again_once_somebody_made_them_there()
    {
        _vendor.People.Remove(People[0]);
        await ReadBackAsync(Guid.NewGuid(), People[1], People[2]);
        await SyncAsync();
        _vendor.Set(People[0], "town", "Paris");
        Assert.That(await OutcomeAsync(People[0], await SyncAsync()), Is.EqualTo((LedgerOutcome.Delivered, (string?)null)));
        Assert.That(await MembershipsAsync(People[0], "m.is_member"), Is.EqualTo(1));
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_profiles WHERE destination = '{Name}' AND unseen_since IS NOT NULL"), Is.Zero, "nobody is looked for any more");
    }

    [Test]
    public async Task Should_send_again_whom_the_run_sent_itself_and_did_not_see()
    {
        _vendor.People.Clear();
        await ReadBackAsync(Run);
        await SyncAsync();
        Assert.That(_vendor.People.Keys, Is.EquivalentTo(People), "they never arrived, which is no deletion");
        Assert.That(_vendor.Asked.Any(asked => asked.StartsWith("read", StringComparison.Ordinal)), Is.False);
    }

    private async Task<Guid> SyncAsync()
    {
        var run = await StartRunAsync(Audience, destination: Name);
        await PlanAsync(run, Audience, destination: Name);
        await DrainAsync();
        return run;
    }

    /// <summary>The last read-back of a run, which sees some of the people in the vendor's list.</summary>
    private async Task ReadBackAsync(Guid run, params string[] seen)
    {
        await WriteAsync(db => Verification.BeginAsync(db, run, 1, CancellationToken.None));
        await WriteAsync(db => Verification.StageAsync(db, run, 1, Name, [.. seen.Select(person => new RemoteMember(null, person))], CancellationToken.None));
        await WriteAsync(db => Verification.CompareAsync(db, new ReadBack(run, 1, Name, Audience), "external_id", strangersAreUnexpected: false, final: true, CancellationToken.None));
        await WriteAsync(db => Verification.EndAsync(db, run, CancellationToken.None));
    }
}
