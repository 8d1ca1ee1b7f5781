using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>What a change in the live lane comes to is told by how the person stands when it is claimed, as a run's plan would tell it.</summary>
public sealed class When_state_is_claimed
{
    private readonly Destination _live = Acme.Destination(new AcmeConnector(), live: true, sendsUnknown: false);

    [OneTimeTearDown]
    public async Task Close() => await _live.DisposeAsync();

    // member here, member there, by the hub, in doubt, maybe sent
    [TestCase(true, false, false, false, false, Operation.AddMember)]
    [TestCase(true, true, true, false, false, Operation.UpsertProfile)]
    [TestCase(true, true, false, false, false, Operation.UpsertProfile)]
    [TestCase(true, false, true, true, false, Operation.AddMember)]
    [TestCase(true, true, true, false, true, Operation.AddMember)]
    [TestCase(false, true, true, false, false, Operation.RemoveMember)]
    [TestCase(false, false, true, true, false, Operation.RemoveMember)]
    [TestCase(false, false, false, false, true, Operation.RemoveMember)]
    public void Should_send_what_is_missing(bool here, bool there, bool byHub, bool inDoubt, bool maybeSent, Operation sent)
    {
        var prepared = Prepare(Claimed(new LiveState(here, there, byHub, inDoubt, false, null)) with { MaybeSent = maybeSent });
        Assert.That(prepared.Batches.Select(batch => (batch.Operation, batch.Audience)), Is.EqualTo(new[] { (sent, "customers") }));
        Assert.That(prepared.Batches[0].Records[0].Delivery.Operation, Is.EqualTo(sent), "settled as what it was");
    }

    [Test]
    public void Should_take_out_who_withdrew_and_is_listed_by_a_call_that_nobody_answered()
    {
        var claimed = Claimed(new LiveState(true, true, false, false, false, null)) with { MaybeSent = true, ConsentJson = Acme.Denied };
        Assert.That(Prepare(claimed).Batches.Select(batch => batch.Operation), Is.EqualTo(new[] { Operation.RemoveMember }));
    }

    [Test]
    public void Should_confirm_nothing_that_was_not_sent()
    {
        var settled = Prepare(Claimed(new LiveState(false, false, false, false, false, null))).Settled.Single();
        Assert.That((settled.Outcome, settled.IsUnsent, SettlementEffects.ChangesMembership(settled)), Is.EqualTo((LedgerOutcome.Unchanged, true, false)));
        Assert.That(SettlementEffects.ChangesMembership(settled with { IsUnsent = false }), Is.True);
    }

    [TestCase(false, false, false, "not_a_member")]
    [TestCase(false, true, false, "not_added_by_hub")]
    public void Should_leave_alone_whom_the_hub_did_not_add(bool here, bool there, bool byHub, string code) =>
        ShouldSettle(Claimed(new LiveState(here, there, byHub, false, false, null)), LedgerOutcome.Unchanged, code);

    [Test]
    public void Should_end_no_membership_for_a_person_who_is_no_member_of_anything() =>
        ShouldSettle(Claimed(new LiveState(false, true, true, false, false, null)) with { Audience = "" }, LedgerOutcome.Unchanged, "not_a_member");

    // there, by the hub, in doubt, maybe sent
    [TestCase(true, true, false, false)]
    [TestCase(false, true, true, false)]
    [TestCase(false, false, false, true)]
    public void Should_take_out_who_denies_though_they_are_a_member_here(bool there, bool byHub, bool inDoubt, bool maybeSent)
    {
        foreach (var owed in new[] { Operation.UpsertProfile, Operation.AddMember, Operation.RemoveMember })
        {
            var prepared = Prepare(Claimed(new LiveState(true, there, byHub, inDoubt, false, null)) with { ConsentJson = Acme.Denied, Operation = owed, MaybeSent = maybeSent });
            Assert.That(prepared.Batches.Select(batch => batch.Operation), Is.EqualTo(new[] { Operation.RemoveMember }), $"owed {owed}");
        }
    }

    [TestCase(false, false, "customers")]
    [TestCase(true, false, "customers")]
    [TestCase(true, true, "")]
    public void Should_send_nothing_of_who_denies_and_is_not_there_by_the_hub(bool there, bool byHub, string audience) =>
        ShouldSettle(Claimed(new LiveState(true, there, byHub, false, false, null)) with { ConsentJson = Acme.Denied, Audience = audience }, LedgerOutcome.Suppressed, "consent_denied");

    /// <summary>A letter that says that the end of a membership failed is sent again though the audience still names the person.</summary>
    [Test]
    public void Should_take_out_by_a_letter_who_denies_still() =>
        Assert.That(
            Prepare(Claimed(new LiveState(true, true, true, false, false, null)) with { ConsentJson = Acme.Denied, Operation = Operation.RemoveMember, LetterId = 7 }).Batches.Select(batch => batch.Operation),
            Is.EqualTo(new[] { Operation.RemoveMember }));

    [Test]
    public void Should_add_nobody_of_whose_will_nothing_is_known() =>
        ShouldSettle(Claimed(new LiveState(true, false, false, false, false, null)) with { ConsentJson = "{}" }, LedgerOutcome.Suppressed, "consent_unknown");

    [Test]
    public void Should_be_unchanged_where_nothing_that_is_mapped_changed()
    {
        var held = Held();
        ShouldSettle(Claimed(new LiveState(true, true, true, false, false, held)) with { AttributesJson = """{"city":"Bonn","shoe_size":7}""" }, LedgerOutcome.Unchanged, null);
        Assert.That(Prepare(Claimed(new LiveState(true, true, true, false, false, held)) with { AttributesJson = """{"city":"Ulm"}""" }).Batches, Has.Count.EqualTo(1));
        Assert.That(Prepare(Claimed(new LiveState(true, true, true, false, false, held)) with { MaybeSent = true }).Batches, Has.Count.EqualTo(1), "what else was sent may have been written over it");
    }

    [Test]
    public void Should_send_nothing_of_a_profile_that_another_one_shows_but_that_it_leaves()
    {
        ShouldSettle(Claimed(new LiveState(true, false, false, false, true, null)), LedgerOutcome.Unchanged, "joined");
        ShouldSettle(Claimed(new LiveState(true, true, false, false, true, null)), LedgerOutcome.Unchanged, "joined");
        ShouldSettle(Claimed(new LiveState(true, true, true, false, true, null)) with { Audience = "" }, LedgerOutcome.Unchanged, "joined");
        Assert.That(Prepare(Claimed(new LiveState(true, true, true, false, true, null))).Batches.Single().Operation, Is.EqualTo(Operation.RemoveMember));
    }

    [Test]
    public async Task Should_send_nothing_to_a_destination_that_is_live_no_more()
    {
        await using var off = Acme.Destination(new AcmeConnector());
        var prepared = ClaimPreparation.For(off, [Claimed(new LiveState(true, false, false, false, false, null))]);
        Assert.That(prepared.Settled.Select(settled => (settled.Outcome, settled.Code)), Is.EqualTo(new[] { (LedgerOutcome.Suppressed, "live_off") }));
    }

    /// <summary>What was owed at the time is no word of the vendor's.</summary>
    [TestCase(Operation.AddMember)]
    [TestCase(Operation.RemoveMember)]
    public void Should_confirm_no_membership_by_what_leaves_nothing_to_send(Operation owed)
    {
        var settled = Prepare(Claimed(new LiveState(false, false, false, false, false, null)) with { Operation = owed }).Settled.Single();
        Assert.That((settled.Outcome, SettlementEffects.ChangesMembership(settled)), Is.EqualTo((LedgerOutcome.Unchanged, false)));
    }

    [TestCase(Acme.Denied, 1, null, null)]
    [TestCase(Acme.Granted, 0, LedgerOutcome.Unchanged, "member_again")]
    public async Task Should_look_at_a_membership_where_nothing_is_told_live(string consent, int removed, string? outcome, string? code)
    {
        await using var off = Acme.Destination(new AcmeConnector());
        var prepared = ClaimPreparation.For(off, [Claimed(new LiveState(true, true, true, false, false, null)) with { Operation = Operation.RemoveMember, ConsentJson = consent }]);
        Assert.That(prepared.Batches.Count(batch => batch.Operation == Operation.RemoveMember), Is.EqualTo(removed));
        Assert.That((prepared.Settled.SingleOrDefault()?.Outcome, prepared.Settled.SingleOrDefault()?.Code), Is.EqualTo((outcome, code)));
    }

    [TestCase(false, 0)]
    [TestCase(true, 1)]
    public void Should_not_add_for_a_run_who_has_left_unless_the_vendor_may_have_them(bool maybeSent, int calls)
    {
        var prepared = Prepare(Claimed(null) with { HasLeft = true, MaybeSent = maybeSent });
        Assert.That((prepared.Batches.Count, prepared.Settled.Count), Is.EqualTo((calls, 1 - calls)));
    }

    private static void ShouldSettle(ClaimedDelivery claimed, string outcome, string? code)
    {
        var prepared = new When_state_is_claimed().Prepare(claimed);
        Assert.That(prepared.Batches, Is.Empty);
        Assert.That(prepared.Settled.Select(settled => (settled.Outcome, settled.Code)), Is.EqualTo(new[] { (outcome, code) }));
    }

    private ClaimPreparation Prepare(ClaimedDelivery claimed) => ClaimPreparation.For(_live, [claimed]);

    private Guid? Held() => _live.Mapping.Map(new ProfileView("p1", null, null, """{"city":"Bonn"}""")).ContentHash;

    private static ClaimedDelivery Claimed(LiveState? state) => new()
    {
        DeliveryId = 1, RunId = Guid.Empty, Audience = "customers", Operation = Operation.AddMember, Attempt = 0, ProfileId = 1, ExternalId = "p1",
        AttributesJson = """{"city":"Bonn"}""", ConsentJson = Acme.Granted, ProfileVersion = 1, State = state,
    };
}
