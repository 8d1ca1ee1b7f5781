using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Privacy;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>What became of a person says by which policy that was decided, and how much of the ledger was known then.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_outcome_is_decided(StorageDatabase database) : DrainFixture(database)
{
    [Test]
    public async Task Should_name_its_policy_and_the_position_of_its_claim()
    {
        await DenyAsync(People[2]);
        var position = await PositionAsync();
        await DrainAsync();

        foreach (var person in People)
        {
            var outcome = await DecidedAsync(person);
            Assert.That(outcome.Outcome, Is.EqualTo(person == People[2] ? LedgerOutcome.Suppressed : LedgerOutcome.Delivered));
            Assert.That(outcome.Decided!.Value.Position, Is.EqualTo(position).And.GreaterThan(0));
            Assert.That(await PolicyAsync(outcome), Is.EqualTo(PolicyContent.Of(Configured()).Write()));
        }
    }

    [Test]
    public async Task Should_name_what_was_known_when_a_vendors_job_was_handed_over()
    {
        Options.Bulk = true;
        await AppendAsync(Consent(People[0], "granted", 5));
        var position = await PositionAsync();
        await DrainAsync();
        Assert.That(Vendor.Started, Has.Count.EqualTo(1));
        await AppendAsync(Consent(Unique("other"), "granted", 6));
        Vendor.Follow = batch => Told(batch, Outcome.Delivered);
        Clock.Now += AcmeConnector.Limits.PollInterval;
        await DrainAsync();

        Assert.That((await DecidedAsync(People[0])).Decided?.Position, Is.EqualTo(position).And.LessThan(await PositionAsync()));
    }

    [Test]
    public async Task Should_keep_a_policy_once_however_many_hubs_follow_it()
    {
        var (one, other) = (new PolicyInForce(Configured(), Transactions, Clock), new PolicyInForce(Configured(), Transactions, Clock));
        Assert.That(await one.FindAsync(CancellationToken.None), Is.EqualTo(await other.FindAsync(CancellationToken.None)));
    }

    [Test]
    public async Task Should_be_passed_over_when_this_version_does_not_know_its_operation()
    {
        await DrainAsync();
        var profile = await CountAsync($"SELECT profile_id FROM profiles WHERE external_id = '{People[0]}'");
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync("UPDATE outcomes SET operation = 99 WHERE run_id = @run AND profile_id = @profile", CancellationToken.None, ("run", Run), ("profile", profile));
        });
        Assert.That(await ReadAsync(db => DecidedOutcomes.ReadAsync(db, profile, [Name], 10, CancellationToken.None)), Is.Empty);
        Assert.That((await DecidedAsync(People[1])).Operation, Is.EqualTo(Operation.AddMember));
    }

    private Task<long> PositionAsync() => ReadAsync(db => ConsentBook.PositionAsync(db, CancellationToken.None));

    private async Task<DecidedOutcome> DecidedAsync(string person)
    {
        var profile = await CountAsync($"SELECT profile_id FROM profiles WHERE external_id = '{person}'");
        return (await ReadAsync(db => DecidedOutcomes.ReadAsync(db, profile, [Name], 10, CancellationToken.None))).Single(outcome => outcome.RunId == Run);
    }

    private async Task<(string Version, string Content)> PolicyAsync(DecidedOutcome outcome)
    {
        var id = outcome.Decided!.Value.PolicyId;
        var stored = (await ReadAsync(db => PolicyVersions.ReadAsync(db, [id], CancellationToken.None)))[id];
        return (stored.Version, stored.Content);
    }
}
