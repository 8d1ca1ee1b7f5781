using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>Between the claim and the bytes of a call lies a wait. Whoever withdraws in it is not sent.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_person_withdraws_while_a_call_waits(StorageDatabase database) : DrainFixture(database)
{
    [Test]
    public async Task Should_be_left_out_while_the_others_are_sent()
    {
        Vendor.BeforeCall = _ => DenyAsync(People[1]);
        await DrainAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,2" }));
        Assert.That(await OutcomeAsync(People[1]), Is.EqualTo((LedgerOutcome.Suppressed, "consent_denied")));
        Assert.That((await MembershipsAsync(People[1], "true"), await MembershipsAsync(People[0], "is_member")), Is.EqualTo((0, 1)));
        await AssertBalancedAsync(Run);
    }

    [Test]
    public async Task Should_be_left_out_when_the_withdrawal_names_nothing_but_the_phone_of_a_list()
    {
        await ApplyAsync(await LoadAsync(Audience, "delta", 1, new StagedMember(2, People[1], null, "+436641234567", "{}", true)));
        Vendor.BeforeCall = _ => AppendAsync(Consent(null, "denied", 5) with { OtherKeys = [new PersonKey(KeyKind.Phone, "+436641234567")] });
        await DrainAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,2" }));
        Assert.That(await OutcomeAsync(People[1]), Is.EqualTo((LedgerOutcome.Suppressed, "consent_denied")));
    }

    [Test]
    public async Task Should_go_on_with_those_whose_consent_did_not_move()
    {
        Vendor.BeforeCall = _ => AppendAsync(Profile(People[1], """{"city":"Bonn"}""", 7));
        await DrainAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,1,2" }));
    }

    /// <summary>Nothing is stated and no version moves: only time goes on.</summary>
    [Test]
    public async Task Should_be_left_out_when_the_consent_ends_meanwhile()
    {
        Destination = Acme.Destination(Vendor, name: Name, audience: Audience, time: Clock, sendsUnknown: false);
        foreach (var person in People)
        {
            var grant = Consent(person, "granted", 4);
            await AppendAsync(grant with { Consents = [grant.Consents[0] with { ExpiresAt = person == People[1] ? Clock.Now.AddHours(1) : null }] });
        }

        Vendor.BeforeCall = _ =>
        {
            Clock.Now = Clock.Now.AddHours(2);
            return Task.CompletedTask;
        };
        await DrainAsync();

        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,2" }));
        Assert.That(await OutcomeAsync(People[1]), Is.EqualTo((LedgerOutcome.Suppressed, "consent_expired")));
    }

    [TestCase(typeof(TimeoutException))]
    [TestCase(typeof(TaskCanceledException))]
    public async Task Should_send_nobody_when_the_ledger_cannot_be_asked(Type fault)
    {
        var lease = await LeaseAsync(destination: Name);
        var preparation = ClaimPreparation.For(Destination, await ReadAsync(db => Deliveries.ClaimAsync(db, lease, Clock.Now, 100, CancellationToken.None)));
        var health = Health();
        var sender = new BatchSender(
            new OutboxTransaction(new Away((Exception)Activator.CreateInstance(fault)!)), Deliveries, Targets(), new SendingMarks(Transactions, Deliveries, Clock), new BackfillSending(Transactions, new QuietWriting(Transactions, Clock), Turns, Clock, NullLogger<BackfillSending>.Instance), health, Turns, Telemetry,
            Microsoft.Extensions.Options.Options.Create(Options), Clock, NullLogger<BatchSender>.Instance);
        Assert.That(await sender.SendAsync(Destination, lease, preparation.Batches, CancellationToken.None), Is.Empty);
        Assert.That(Vendor.Delivered, Is.Empty);
    }

    [Test]
    public async Task Should_stay_out_of_a_vendors_job()
    {
        Options.Bulk = true;
        Vendor.BeforeCall = _ => DenyAsync(People[1]);
        await DrainAsync();
        Assert.That(Vendor.Started.Single().Items.Select(item => item.Key), Is.EquivalentTo(new[] { People[0], People[2] }));
        Assert.That(await OutcomeAsync(People[1]), Is.EqualTo((LedgerOutcome.Suppressed, "consent_denied")));
        Assert.That(await CountAsync($"SELECT count(*) FROM bulk_job_rows r JOIN bulk_jobs j ON j.job_id = r.job_id WHERE j.destination = '{Name}'"), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_tell_of_the_consent_that_stands_and_not_of_the_one_before()
    {
        await DrainAsync();
        await AppendAsync(Consent(People[0], "granted", 4));
        Vendor.Delivered.Clear();
        Vendor.BeforeCall = batch => batch.Items[0].Consent?.MarketingEmail == true ? DenyAsync(People[0]) : Task.CompletedTask;
        await DrainAsync(Lane.Urgent);
        Assert.That(Vendor.Delivered.Select(batch => batch.Items.Single().Consent!.MarketingEmail), Is.EqualTo(new bool?[] { false, false }), "owed twice, and told as it stands each time");
    }

    private sealed class Away(Exception trouble) : IServiceScopeFactory
    {
        public IServiceScope CreateScope() => throw trouble;
    }
}
