using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>Who may not be sent any more leaves the lists of the vendor at once, whatever runs when, wherever the hub put them.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_consent_ends_a_membership(StorageDatabase database) : DrainFixture(database)
{
    /// <summary>A destination that keeps no consent: its lists are all that a withdrawal can reach there.</summary>
    [SetUp]
    public async Task Route()
    {
        await Destination.DisposeAsync();
        Destination = Acme.Destination(Vendor, keepsConsent: false, name: Name, audience: Audience);
        await WriteAsync(async db =>
        {
            await Ledger.RouteConsentsAsync(db, [], partitions: 1, CancellationToken.None);
            await Ledger.RouteAudiencesAsync(db, [new AudienceRoute(Audience, Name)], CancellationToken.None);
            await Ledger.RouteIdentityAsync(db, [Destination.IdentityRoute], partitions: 1, CancellationToken.None);
        });
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Should_end_it_once_and_leave_nothing_to_the_next_run(bool live)
    {
        if (live)
        {
            await Destination.DisposeAsync();
            Destination = Acme.Destination(Vendor, keepsConsent: false, name: Name, audience: Audience, live: true);
            await WriteAsync(db => Ledger.RouteLiveAsync(db, [new AudienceRoute(Audience, Name)], partitions: 1, CancellationToken.None));
        }

        await AddEverybodyAsync();
        await DenyAsync(People[0]);

        var work = await ReadAsync(db => Deliveries.FindLiveWorkAsync(db, Clock.Now, CancellationToken.None));
        Assert.That(work, Does.Contain(new PartitionWithWork(Name, Lane.Urgent, 0)), "somebody rings for it");
        await DrainAsync(Lane.Urgent);
        await DrainAsync(Lane.Live);
        Assert.That(Sent, Is.EqualTo(new[] { "RemoveMember 0" }));
        Assert.That((await MembershipsAsync(People[0], "is_member"), await MembershipsAsync(People[1], "is_member")), Is.EqualTo((0, 1)));

        var run = await StartRunAsync(Audience, destination: Name);
        await PlanAsync(run, Audience, destination: Name);
        await DrainAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "RemoveMember 0", "UpsertProfile 1,2" }), "it is not ended twice");
        Assert.That(await OutcomeAsync(People[0], run), Is.EqualTo((LedgerOutcome.Suppressed, "consent_denied")));
        Assert.That(await OwedAsync(), Is.Zero);
    }

    [Test]
    public async Task Should_leave_it_when_the_person_grants_again_before_the_claim()
    {
        await AddEverybodyAsync();
        await DenyAsync(People[0], 5);
        await AppendAsync(Consent(People[0], "granted", 6));
        await DrainAsync(Lane.Urgent);
        Assert.That((Sent.Count, await MembershipsAsync(People[0], "is_member"), await OwedAsync()), Is.EqualTo((0, 1, 0)));
    }

    [Test]
    public async Task Should_not_come_back_by_a_later_grant_alone()
    {
        await AddEverybodyAsync();
        await DenyAsync(People[0], 5);
        await DrainAsync(Lane.Urgent);
        await AppendAsync(Consent(People[0], "granted", 6));
        await DrainAsync(Lane.Urgent);
        await DrainAsync(Lane.Live);
        Assert.That(Sent, Is.EqualTo(new[] { "RemoveMember 0" }));
    }

    [Test]
    public async Task Should_leave_alone_whom_others_put_there()
    {
        await AddEverybodyAsync();
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            return await session.ExecuteAsync($"UPDATE destination_members SET added_by_hub = false WHERE destination = '{Name}'", CancellationToken.None);
        });
        await DenyAsync(People[0]);
        await DrainAsync(Lane.Urgent);
        Assert.That((Sent.Count, await OwedAsync()), Is.EqualTo((0, 0)));
    }

    /// <summary>The urgent lane looks while the call that adds is still under way, and finds nobody; whoever settles that call sees that the person moved.</summary>
    [Test]
    public async Task Should_end_what_a_run_made_while_the_person_withdrew()
    {
        var answer = Vendor.Deliver;
        Vendor.Deliver = async batch =>
        {
            Vendor.Deliver = answer;
            await DenyAsync(People[1]);
            await DrainAsync(Lane.Urgent);
            Assert.That(await OwedAsync(), Is.Zero, "looked at while nobody is there yet");
            return await answer(batch);
        };
        await DrainAsync();
        Assert.That(await MembershipsAsync(People[1], "is_member"), Is.EqualTo(1));

        await DrainAsync(Lane.Urgent);
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,1,2", "RemoveMember 1" }));
        Assert.That(await MembershipsAsync(People[1], "is_member"), Is.Zero);
    }

    private async Task AddEverybodyAsync()
    {
        await DrainAsync();
        await SetStateAsync(Run, "Completed");
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,1,2" }));
        Vendor.Delivered.Clear();
    }
}
