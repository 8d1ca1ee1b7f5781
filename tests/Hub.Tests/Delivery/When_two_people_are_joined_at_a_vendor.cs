using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>Two who became one are joined at the vendor before anything else is sent about them, and not at all when one of them withdraws or the two are parted up to the last moment.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_two_people_are_joined_at_a_vendor(StorageDatabase database) : DrainFixture(database)
{
    protected override void AddServices(IServiceCollection services)
    {
        base.AddServices(services);
        services.AddSingleton(IdentityRules.Default);
    }

    [SetUp]
    public async Task Let_the_vendor_have_everybody()
    {
        Array.Sort(People, StringComparer.Ordinal);
        await Destination.DisposeAsync();
        Destination = Acme.Destination(Vendor, name: Name, audience: Audience, live: true, change: file => file with { OnMerge = MergeRule.Merge });
        await WriteAsync(async db =>
        {
            await Ledger.RouteAudiencesAsync(db, [new AudienceRoute(Audience, Name)], CancellationToken.None);
            await Ledger.RouteIdentityAsync(db, [Destination.IdentityRoute], partitions: 1, CancellationToken.None);
            await Ledger.RouteLiveAsync(db, [new AudienceRoute(Audience, Name)], partitions: 1, CancellationToken.None);
        });
        await DrainAsync();
        await SetStateAsync(Run, "Completed");
        Vendor.Delivered.Clear();
    }

    [Test]
    public async Task Should_join_them_and_then_say_everything_anew_about_the_one_that_stays()
    {
        await AppendAsync(Profile(People[0], """{"city":"Bonn"}""", 1), Consent(People[0], "granted", 1));
        await DecideAsync(IdentityVerdict.Merge);
        await DrainAsync(Lane.Urgent);
        Assert.That(Sent, Is.Empty, "who they are goes first, before their consent too");
        Clock.Now += TimeSpan.FromSeconds(2);
        await DrainAsync(Lane.Live);
        Clock.Now += TimeSpan.FromSeconds(2);
        await DrainAsync(Lane.Live);
        await DrainAsync(Lane.Urgent);

        Assert.That(Sent[0], Is.EqualTo("MergeProfiles 0"));
        Assert.That(Vendor.Delivered[0].Items.Single().Identity!.OtherKey, Is.EqualTo(People[1]));
        Assert.That(Sent.Skip(1).Distinct(), Is.EquivalentTo(new[] { "UpsertProfile 0", "SetConsent 0" }));
        Assert.That((await MembershipsAsync(People[0], "m.is_member"), await MembershipsAsync(People[1], "m.is_member")), Is.EqualTo((1, 0)));
    }

    [TestCase(0)]
    [TestCase(1)]
    public async Task Should_not_be_joined_when_one_of_them_withdraws_while_the_call_waits(int who)
    {
        await DecideAsync(IdentityVerdict.Merge);
        Vendor.BeforeCall = async batch => await (batch.Operation == Operation.MergeProfiles ? DenyAsync(People[who]) : Task.CompletedTask);
        await DrainAsync(Lane.Live);
        Clock.Now += TimeSpan.FromSeconds(2);
        await DrainAsync(Lane.Live);

        Assert.That(Sent, Has.None.StartsWith("MergeProfiles"));
        Assert.That(Sent, Has.Member("RemoveMember 1"), "the one that is shown no more leaves instead");
    }

    [Test]
    public async Task Should_not_be_joined_when_they_are_parted_while_the_call_waits()
    {
        await DecideAsync(IdentityVerdict.Merge);
        Vendor.BeforeCall = async batch => await (batch.Operation == Operation.MergeProfiles ? DecideAsync(IdentityVerdict.Unmerge, 1) : Task.CompletedTask);
        await DrainAsync(Lane.Live);
        Clock.Now += TimeSpan.FromSeconds(2);
        await DrainAsync(Lane.Live);
        Assert.That(Sent, Has.None.StartsWith("MergeProfiles").And.None.StartsWith("RemoveMember"));
        Assert.That(await MembershipsAsync(People[1], "m.is_member"), Is.EqualTo(1));
    }

    private Task DecideAsync(IdentityVerdict verdict, int minute = 0) => WriteAsync(db => Scopes.CreateScope().ServiceProvider.GetRequiredService<IdentityDesk>().DecideAsync(
        db, new IdentityRuling(verdict, new PersonKey(KeyKind.ExternalId, People[0]), new PersonKey(KeyKind.ExternalId, People[1]), "kim", "because"), Noon.AddMinutes(minute), CancellationToken.None));
}
