using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>A change of who somebody is, is owed once to the destinations that have the person, in the transaction that changes it; what came of it stands in the books.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_identity_is_owed(StorageDatabase database) : StorageFixture(database)
{
    private static readonly DateTimeOffset Soon = TimeProvider.System.GetUtcNow().AddHours(1);
    private string _destination = null!;
    private string _audience = null!;
    private string _stays = null!;
    private string _ends = null!;

    protected override void AddServices(IServiceCollection services) => services.AddSingleton(IdentityRules.Default);

    [SetUp]
    public async Task Choose_people()
    {
        (_destination, _audience, _stays, _ends) = (Unique("dest"), Unique("aud"), Unique("a"), Unique("b"));
        await WriteAsync(db => Ledger.RouteAudiencesAsync(db, [new AudienceRoute(_audience, _destination)], CancellationToken.None));
    }

    [TestCase("retire", Operation.RemoveMember)]
    [TestCase("merge", Operation.MergeProfiles)]
    public async Task Should_be_what_the_destination_asks_for_when_two_become_one(string onMerge, Operation owed)
    {
        await HeldAsync(onMerge);
        await MergeAsync();
        await MergeAsync(1);

        var delivery = (await ClaimAsync()).Single();

        Assert.That(delivery.Operation, Is.EqualTo(owed));
        Assert.That((delivery.ExternalId, delivery.Other?.ExternalId), Is.EqualTo(owed == Operation.MergeProfiles ? (_stays, _ends) : (_ends, null)));
        Assert.That(delivery.Other is null || (delivery.Other is { IsKnown: true, RemoteId: not null } && delivery.Other.PersonId == delivery.ProfileId && delivery.IsKnown), Is.True, "how they stand at the claim");
        await ExpireLeaseAsync(_destination, Lane.Live);
        Assert.That((await ReadAsync(db => Deliveries.FindLiveWorkAsync(db, Soon, CancellationToken.None))).Select(work => (work.Destination, work.Lane)), Has.Member((_destination, Lane.Live)), "though it is not told of state live");
    }

    [Test]
    public async Task Should_be_nothing_where_merges_are_ignored_or_nobody_is_held()
    {
        await HeldAsync("ignore");
        await MergeAsync();
        Assert.That(await ClaimAsync(), Is.Empty);

        await RouteAsync("merge");
        var (three, four) = (Unique("c"), Unique("d"));
        await AppendAsync(Profile(three, "{}"), Profile(four, "{}"));
        await MergeAsync(three, four);
        Assert.That(await ClaimAsync(), Is.Empty, "the destination has neither");
    }

    [Test]
    public async Task Should_stand_in_the_books_when_the_vendor_has_joined_two()
    {
        await HeldAsync("merge");
        await MergeAsync();
        await SettleAsync(Done((await ClaimAsync()).Single()));

        Assert.That((await HeldAsync(_stays, "destination_profiles"), await HeldAsync(_ends, "destination_profiles"), await HeldAsync(_ends, "destination_members")), Is.EqualTo((1, 0, 0)));
        Assert.That(await HeldAsync(_stays, "destination_members", "h.is_member AND h.added_by_hub"), Is.EqualTo(1));
        Assert.That(await HeldAsync(_stays, "destination_profiles", "h.content_hash IS NULL AND h.profile_version IS NULL"), Is.EqualTo(1), "what the vendor chose of the two is written over");
        Assert.That(await OutcomeAsync(_stays), Is.EqualTo("delivered"), "accounted for as any delivery");
        Assert.That(await ClaimAsync(), Is.Empty);
    }

    [TestCase(LedgerOutcome.Suppressed, "consent_denied")]
    [TestCase(LedgerOutcome.Rejected, "duplicates_at_vendor")]
    [TestCase(LedgerOutcome.DeadLettered, "not_found")]
    public async Task Should_let_the_other_one_leave_where_the_two_could_not_be_joined(string outcome, string code)
    {
        await HeldAsync("merge");
        await MergeAsync();
        await SettleAsync(Done((await ClaimAsync()).Single()) with { Outcome = outcome, Code = code });

        Assert.That((await ClaimAsync()).Select(owed => (owed.Operation, owed.ExternalId, owed.Audience)), Is.EqualTo(new[] { (Operation.RemoveMember, _ends, _audience) }));
        Assert.That(await HeldAsync(_ends, "destination_members", "h.is_member"), Is.EqualTo(1), "until it has left");
        var letters = await CountAsync($"SELECT count(*) FROM dead_letters WHERE destination = '{_destination}' AND operation = 7 AND other_profile_id IS NOT NULL");
        Assert.That(letters, Is.EqualTo(outcome == LedgerOutcome.Suppressed ? 0 : 1));
    }

    [Test]
    public async Task Should_let_nobody_leave_who_was_parted_again()
    {
        await HeldAsync("merge");
        await MergeAsync();
        var owed = (await ClaimAsync()).Single();
        await DecideAsync(IdentityVerdict.Unmerge, _ends, _stays, 1);
        Assert.That((await ClaimAsync()).Single().Other!.PersonId, Is.Null);
        await SettleAsync(Done(owed) with { Outcome = LedgerOutcome.Unchanged, Code = "parted" });
        Assert.That(await ClaimAsync(), Is.Empty);
        Assert.That(await HeldAsync(_ends, "destination_members", "h.is_member"), Is.EqualTo(1));
    }

    [TestCase("retire")]
    [TestCase("merge")]
    public async Task Should_be_nothing_where_both_have_one_address_and_so_one_record(string onMerge)
    {
        var address = $"{Unique("m")}@x.test";
        await RouteAsync(onMerge, key: "email");
        await AppendAsync(Profile(_stays, "{}", 0, address), Profile(_ends, "{}", 0, address));
        await DeliverMembersAsync(_ends);
        await MergeAsync();
        Assert.That(await ClaimAsync(), Is.Empty, "retired there, it would take the other out too");
        Assert.That((await HeldAsync(_stays, "destination_profiles"), await HeldAsync(_stays, "destination_members", "h.is_member AND h.added_by_hub"), await HeldAsync(_ends, "destination_profiles")), Is.EqualTo((1, 1, 0)));
    }

    [Test]
    public async Task Should_be_another_key_where_people_are_known_by_the_address()
    {
        var (before, after) = ($"{Unique("old")}@x.test", $"{Unique("new")}@x.test");
        await RouteAsync("retire", key: "email");
        await AppendAsync(Profile(_stays, "{}", 0, before));
        await DeliverMembersAsync(_stays);
        await AppendAsync(Profile(_stays, """{"city":"Bonn"}""", 1, before.ToUpperInvariant()));
        Assert.That(await ClaimAsync(), Is.Empty, "the same address in another spelling");
        var change = Profile(_stays, "{}", 2, after);
        await AppendAsync(change);
        await AppendAsync(change);

        var owed = (await ClaimAsync()).Single();

        Assert.That((owed.Operation, owed.NamedKey, owed.Email, owed.Other), Is.EqualTo((Operation.ChangeKey, before.ToUpperInvariant(), after, default(OtherProfile))));
        var ahead = await AheadAsync((owed.ProfileId, after), (1_000_000, before), (1_000_001, "z@x.test"));
        Assert.That(ahead.GivenUp, Is.EqualTo(new[] { before.ToUpperInvariant() }), "whoever has the address now waits until it is free there");
        Assert.That(ahead.First, Is.EqualTo(new Dictionary<long, long> { [owed.ProfileId] = owed.DeliveryId }), "goes before whatever else is sent about the person");
        var hash = Guid.NewGuid();
        await SettleAsync(Done(owed) with { KeyHash = hash });
        Assert.That(await TextAsync($"SELECT CAST(key_hash AS text) FROM destination_profiles WHERE destination = '{_destination}'"), Is.EqualTo(hash.ToString()).IgnoreCase);
        Assert.That(await AheadAsync((owed.ProfileId, before)), Is.SameAs(IdentityAhead.Nothing));
    }

    [Test]
    public async Task Should_owe_no_key_where_people_are_known_by_their_id_or_are_not_held()
    {
        await RouteAsync("retire");
        await AppendAsync(Profile(_stays, "{}", 0, $"{Unique("old")}@x.test"));
        await DeliverMembersAsync(_stays);
        await AppendAsync(Profile(_stays, "{}", 1, $"{Unique("new")}@x.test"));
        await RouteAsync("retire", key: "email");
        await AppendAsync(Profile(_ends, "{}", 0, $"{Unique("old")}@x.test"));
        await AppendAsync(Profile(_ends, "{}", 1, $"{Unique("new")}@x.test"));
        Assert.That(await ClaimAsync(), Is.Empty);
    }

    [TestCase("retire", 0)]
    [TestCase("delete", 1)]
    public async Task Should_be_the_deletion_where_the_destination_asks_for_it(string onDelete, int owed)
    {
        await RouteAsync("retire", onDelete);
        await AppendAsync(Profile(_stays, "{}"), Profile(_ends, "{}"));
        await DeliverMembersAsync(_stays);
        await AppendAsync(Deletion(_stays), Deletion(_ends));

        var claim = await ClaimAsync();

        Assert.That(claim.Select(delivery => (delivery.Operation, delivery.ExternalId)), Is.EqualTo(Enumerable.Repeat((Operation.DeleteProfile, _stays), owed)), "the destination never had the other one");
        if (owed > 0)
        {
            await WriteAsync(db => WrittenFields.OfferAsync(db, _destination, [(claim[0].ProfileId, "code", "A")], CancellationToken.None));
            await SettleAsync(Done(claim.Single()));
            Assert.That((await HeldAsync(_stays, "destination_profiles"), await HeldAsync(_stays, "destination_members"), await HeldAsync(_stays, "written_fields")), Is.EqualTo((0, 0, 0)), "whoever comes back is somebody new there");
        }
    }

    [Test]
    public async Task Should_be_the_alias_of_whom_a_site_did_not_know()
    {
        var visitor = Unique("v");
        await RouteAsync("retire", aliases: ["anonymous_id"]);
        await AppendAsync(Profile(_stays, "{}"));
        await DeliverMembersAsync(_stays);
        await AppendAsync(Profile(_stays, "{}", 1) with { OtherKeys = [new PersonKey(KeyKind.AnonymousId, visitor), new PersonKey(KeyKind.DeviceId, Unique("device"))] });
        await AppendAsync(Profile(_stays, "{}", 2) with { OtherKeys = [new PersonKey(KeyKind.AnonymousId, visitor)] });

        var owed = await ClaimAsync();

        Assert.That(owed.Select(delivery => (delivery.Operation, delivery.NamedKey)), Is.EqualTo(new[] { (Operation.IdentifyProfile, $"anonymous_id:{visitor}"), (Operation.AddAlias, $"anonymous_id:{visitor}") }));
        Assert.That((await AheadAsync((owed[0].ProfileId, _stays))).First, Is.Empty, "nothing waits for an alias");
    }

    private static LedgerFact Deletion(string externalId) => new()
    {
        EventId = Guid.NewGuid(),
        EventType = "profile_deleted",
        OccurredAt = Noon.AddMinutes(5),
        Producer = "test",
        ExternalId = externalId,
        Consents = [new FactConsent("suppression:profile_deleted", "denied", "test", Noon.AddMinutes(5)) { IsOfProfileAlone = true }],
        BodyJson = "{}",
    };

    private Task RouteAsync(string onMerge, string onDelete = "retire", string key = "external_id", string[]? aliases = null) => WriteAsync(db => Ledger.RouteIdentityAsync(
        db, [new IdentityRoute(_destination, key) { OnMerge = onMerge, OnDelete = onDelete, Aliases = aliases ?? [] }], partitions: 1, CancellationToken.None));

    /// <summary>Two people whom the destination has as members.</summary>
    private async Task HeldAsync(string onMerge)
    {
        await RouteAsync(onMerge);
        await AppendAsync(Profile(_stays, "{}"), Profile(_ends, "{}"));
        await DeliverMembersAsync(_stays, _ends);
    }

    private async Task DeliverMembersAsync(params string[] people)
    {
        await ApplyAsync(_audience, "full", 0, people);
        var run = await StartRunAsync(_audience, destination: _destination);
        await PlanAsync(run, _audience, destination: _destination);
        await DeliverAllAsync(destination: _destination);
        await SetStateAsync(run, "Completed");
    }

    private Task MergeAsync(int minute = 0) => MergeAsync(_stays, _ends, minute);

    private Task MergeAsync(string one, string other, int minute = 0) => DecideAsync(IdentityVerdict.Merge, one, other, minute);

    private Task DecideAsync(IdentityVerdict verdict, string one, string other, int minute) => WriteAsync(db => Scopes.CreateScope().ServiceProvider.GetRequiredService<IdentityDesk>().DecideAsync(
        db, new IdentityRuling(verdict, new PersonKey(KeyKind.ExternalId, one), new PersonKey(KeyKind.ExternalId, other), "kim", "because"), Noon.AddMinutes(minute), CancellationToken.None));

    private async Task<IReadOnlyList<ClaimedDelivery>> ClaimAsync()
    {
        var lease = await LeaseAsync("one", 0, _destination, Lane.Live);
        return await ReadAsync(db => Deliveries.ClaimAsync(db, lease, Soon, 100, CancellationToken.None));
    }

    private Task<IdentityAhead> AheadAsync(params (long, string?)[] people) => ReadAsync(db => Deliveries.FindIdentityAheadAsync(db, _destination, people, CancellationToken.None));

    private static Settlement Done(ClaimedDelivery delivery) => new() { Delivery = delivery, Outcome = LedgerOutcome.Delivered };

    private async Task SettleAsync(Settlement settlement) => await SettleAsync(await LeaseAsync("one", 0, _destination, Lane.Live), [settlement]);

    private Task<long> HeldAsync(string externalId, string table, string condition = "h.destination IS NOT NULL") => CountAsync(
        $"SELECT count(*) FROM {table} h JOIN profiles p ON p.profile_id = h.profile_id WHERE h.destination = '{_destination}' AND p.external_id = '{externalId}' AND {condition}");

    private Task<string?> OutcomeAsync(string externalId) => TextAsync(
        "SELECT o.outcome FROM outcomes o JOIN profiles p ON p.profile_id = o.profile_id WHERE o.run_id = @run AND p.external_id = @person", ("run", LiveStream.IdOf(_destination, Lane.Live)), ("person", externalId));
}
