using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Plans;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A change of identity comes to what its people are when it is claimed: nobody is joined who is two people again, and nobody becomes mailable whom one of the two wanted left alone.</summary>
public sealed class When_identity_is_claimed
{
    private const string Merged = """{"email_marketing":{"s":"granted","t":1,"src":"x"},"suppression:merged":{"s":"denied","t":0,"src":"identity"}}""";
    private const string MergedWhoDenied = """{"email_marketing":{"s":"denied","t":1,"src":"x"},"suppression:merged":{"s":"denied","t":0,"src":"identity"}}""";
    private const string MergedWhoBounced = """{"email_marketing":{"s":"granted","t":1,"src":"x"},"suppression:complaint":{"s":"denied","t":0,"src":"x"},"suppression:merged":{"s":"denied","t":0,"src":"identity"}}""";
    private const string Deleted = """{"suppression:profile_deleted":{"s":"denied","t":1,"src":"x"}}""";

    private readonly List<Destination> _opened = [];

    [OneTimeTearDown]
    public async Task Close()
    {
        foreach (var destination in _opened)
        {
            await destination.DisposeAsync();
        }
    }

    [Test]
    public void Should_join_the_one_that_is_shown_no_more_into_the_one_that_shows_it()
    {
        var batch = Prepare(Merge(), MergeRule.Merge).Batches.Single();
        Assert.That((batch.Operation, batch.Records[0].Item.Key, batch.Records[0].Item.RemoteId), Is.EqualTo((Operation.MergeProfiles, "p1", "r1")));
        Assert.That(batch.Records[0].Item.Identity, Is.EqualTo(new IdentityChange { OtherKey = "p2", OtherRemoteId = "r2" }));
    }

    [Test]
    public void Should_give_the_others_record_the_key_of_whom_the_destination_does_not_have()
    {
        var batch = Prepare(Merge() with { IsKnown = false, RemoteId = null }, MergeRule.Merge).Batches.Single();
        Assert.That((batch.Operation, batch.Records[0].Item.Key, batch.Records[0].Item.RemoteId, batch.Records[0].Item.Identity!.NewKey), Is.EqualTo((Operation.ChangeKey, "p2", "r2", "p1")));
        Assert.That(batch.Records[0].Delivery.Operation, Is.EqualTo(Operation.ChangeKey), "settled as what it was");
    }

    [TestCase(Acme.Denied, Merged, "consent_denied")]
    [TestCase(Acme.Granted, MergedWhoDenied, "consent_denied")]
    [TestCase(Acme.Granted, MergedWhoBounced, "suppressed")]
    [TestCase("{}", Merged, "consent_unknown")]
    public void Should_join_nobody_when_one_of_the_two_may_not_be_sent(string stays, string ends, string code) =>
        ShouldSettle(Merge(ends) with { ConsentJson = stays }, MergeRule.Merge, LedgerOutcome.Suppressed, code);

    [Test]
    public void Should_join_nobody_who_is_two_people_again_or_somebody_elses()
    {
        ShouldSettle(Merge() with { Other = Merge().Other! with { PersonId = null } }, MergeRule.Merge, LedgerOutcome.Unchanged, "parted");
        ShouldSettle(Merge() with { Other = Merge().Other! with { PersonId = 7 } }, MergeRule.Merge, LedgerOutcome.Unchanged, "parted");
        ShouldSettle(Merge() with { IsJoined = true }, MergeRule.Merge, LedgerOutcome.Unchanged, "parted");
        ShouldSettle(Merge() with { Other = Merge().Other! with { IsKnown = false } }, MergeRule.Merge, LedgerOutcome.Unchanged, "not_known_there");
    }

    [TestCase((int)MergeRule.Retire)]
    [TestCase((int)MergeRule.Ignore)]
    public void Should_join_nobody_where_the_file_does_not_ask_for_it_any_more(int rule) => ShouldSettle(Merge(), (MergeRule)rule, LedgerOutcome.Suppressed, "not_asked_for");

    [Test]
    public void Should_change_the_key_of_whom_may_be_sent_alone()
    {
        var change = Claimed(Operation.ChangeKey) with { NamedKey = "p0" };
        var item = Prepare(change).Batches.Single().Records[0].Item;
        Assert.That((item.Key, item.Identity!.NewKey), Is.EqualTo(("p0", "p1")));
        ShouldSettle(change with { ConsentJson = Acme.Denied }, MergeRule.Retire, LedgerOutcome.Suppressed, "consent_denied");
        ShouldSettle(change with { NamedKey = "p1" }, MergeRule.Retire, LedgerOutcome.Unchanged, null);
        ShouldSettle(change with { IsJoined = true }, MergeRule.Retire, LedgerOutcome.Unchanged, "parted");
        ShouldSettle(change with { ExternalId = null }, MergeRule.Retire, LedgerOutcome.Unchanged, ReasonCode.IdentityMissing);
    }

    [Test]
    public void Should_delete_who_is_still_deleted_where_the_file_still_asks_for_it()
    {
        var deletion = Claimed(Operation.DeleteProfile) with { ConsentJson = Deleted };
        Assert.That(Prepare(deletion, onDelete: DeletionRule.Delete).Batches.Single().Operation, Is.EqualTo(Operation.DeleteProfile));
        ShouldSettle(deletion, MergeRule.Retire, LedgerOutcome.Suppressed, "not_asked_for");
        var restored = Prepare(deletion with { ConsentJson = Acme.Granted }, onDelete: DeletionRule.Delete);
        Assert.That(restored.Settled.Select(settled => (settled.Outcome, settled.Code)), Is.EqualTo(new[] { (LedgerOutcome.Unchanged, "restored") }));
    }

    [Test]
    public void Should_name_the_alias_as_the_vendor_does()
    {
        var alias = Claimed(Operation.IdentifyProfile) with { NamedKey = "anonymous_id:v-1" };
        Assert.That(Prepare(alias, aliases: new() { [KeyKind.AnonymousId] = "web" }).Batches.Single().Records[0].Item.Identity!.Alias, Is.EqualTo(new ProfileAlias("web", "v-1")));
        ShouldSettle(alias, MergeRule.Retire, LedgerOutcome.Suppressed, "not_asked_for");
    }

    [Test]
    public void Should_send_nothing_else_about_a_person_before_that()
    {
        var (first, change, other) = (Claimed(Operation.UpsertProfile), Claimed(Operation.ChangeKey) with { DeliveryId = 2, NamedKey = "p0" }, Claimed(Operation.UpsertProfile) with { DeliveryId = 3, ProfileId = 3, ExternalId = "p3" });
        var prepared = ClaimPreparation.For(Open(), [first, change, other], ahead: new IdentityAhead(new Dictionary<long, long> { [1] = 2 }, new HashSet<string>()));
        Assert.That(prepared.Batches.SelectMany(batch => batch.Records).Select(record => record.Delivery.DeliveryId), Is.EquivalentTo(new[] { 2L, 3L }));
        Assert.That(prepared.Waiting, Is.EqualTo(new[] { first }));
    }

    [Test]
    public void Should_send_nothing_under_a_key_that_somebody_is_still_to_give_up()
    {
        var (change, taker) = (Claimed(Operation.ChangeKey) with { NamedKey = "p3" }, Claimed(Operation.AddMember) with { Audience = "customers", DeliveryId = 3, ProfileId = 3, ExternalId = "p3" });
        var prepared = ClaimPreparation.For(Open(), [taker, change], ahead: new IdentityAhead(new Dictionary<long, long> { [1] = 1 }, new HashSet<string> { "p3" }));
        Assert.That(prepared.Batches.Select(batch => batch.Operation), Is.EqualTo(new[] { Operation.ChangeKey }));
        Assert.That(prepared.Waiting, Is.EqualTo(new[] { taker }));
    }

    [TestCase((int)MergeRule.Retire, true)]
    [TestCase((int)MergeRule.Merge, true)]
    [TestCase((int)MergeRule.Ignore, false)]
    public void Should_take_out_of_audiences_who_is_shown_no_more_unless_that_is_ignored(int rule, bool leaves)
    {
        var destination = Open((MergeRule)rule);
        var live = ClaimPreparation.For(destination, [Claimed(Operation.RemoveMember) with { Audience = "customers", ConsentJson = Merged, State = new LiveState(false, true, true, false, true, null) }]);
        Assert.That(live.Batches.Count, Is.EqualTo(leaves ? 1 : 0), "at once");
        var planned = PlanDecision.For(destination, "full", new PlanCandidate { ProfileId = 1, ExternalId = "p1", ConsentJson = Merged, ProfileVersion = 1, IsMember = false, IsRemoteMember = true, AddedByHub = true, IsJoined = true }, 1);
        Assert.That(planned.Operation, Is.EqualTo(leaves ? Operation.RemoveMember : default(Operation?)), "by a run");
    }

    private void ShouldSettle(ClaimedDelivery claimed, MergeRule rule, string outcome, string? code)
    {
        var prepared = Prepare(claimed, rule);
        Assert.That(prepared.Batches, Is.Empty);
        Assert.That(prepared.Settled.Select(settled => (settled.Outcome, settled.Code)), Is.EqualTo(new[] { (outcome, code) }));
    }

    private ClaimPreparation Prepare(ClaimedDelivery claimed, MergeRule rule = MergeRule.Retire, DeletionRule onDelete = DeletionRule.Retire, Dictionary<KeyKind, string>? aliases = null) =>
        ClaimPreparation.For(Open(rule, onDelete, aliases), [claimed]);

    private Destination Open(MergeRule rule = MergeRule.Retire, DeletionRule onDelete = DeletionRule.Retire, Dictionary<KeyKind, string>? aliases = null)
    {
        _opened.Add(Acme.Destination(new AcmeConnector(), sendsUnknown: false, change: file => file with { OnMerge = rule, OnDelete = onDelete, Aliases = aliases ?? [] }));
        return _opened[^1];
    }

    private static ClaimedDelivery Merge(string consent = Merged) => Claimed(Operation.MergeProfiles) with { Other = new OtherProfile(2, "p2", null, consent, 4, 1, "r2", IsKnown: true) };

    private static ClaimedDelivery Claimed(Operation operation) => new()
    {
        DeliveryId = 1, RunId = Guid.Empty, Audience = "", Operation = operation, Attempt = 0, ProfileId = 1, ExternalId = "p1", RemoteId = "r1", IsKnown = true,
        AttributesJson = """{"city":"Bonn"}""", ConsentJson = Acme.Granted, ProfileVersion = 1,
    };
}
