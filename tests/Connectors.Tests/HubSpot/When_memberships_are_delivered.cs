using IntegrationHub.Connectors.Abstractions;
using static Connectors.Tests.HubSpot.Batches;

namespace Connectors.Tests.HubSpot;

public sealed class When_memberships_are_delivered
{
    [TestCase("recordsIdsAdded")]
    [TestCase("recordIdsAdded")]
    public async Task Should_tell_added_from_already_a_member(string spelling)
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, $$"""{"{{spelling}}":["501"],"recordIdsRemoved":[],"recordIdsMissing":[]}""");

        var receipt = await DeliverAsync(hubspot, Of(Operation.AddMember, Item(1, "501"), Item(2, "502")));

        Assert.That(hubspot.Sent.Single().Uri.AbsolutePath, Does.EndWith("/memberships/add"), "nothing to upsert");
        Assert.That(receipt.Kinds(), Is.EqualTo(new[] { Outcome.Delivered, Outcome.Unchanged }));
    }

    [Test]
    public async Task Should_look_up_a_contact_id_that_is_gone_and_try_once_more()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(200, """{"recordsIdsAdded":["502"],"recordIdsMissing":["501"]}""")
            .Answer(200, """{"results":[{"id":"900","properties":{"hub_external_id":"c-1"}}]}""")
            .Answer(200, """{"recordsIdsAdded":["900"]}""");

        var receipt = await DeliverAsync(hubspot, Of(Operation.AddMember, Item(1, "501"), Item(2, "502")));

        Assert.That(hubspot.Sent[2].Body, Is.EqualTo("""["900"]"""));
        Assert.That(receipt.Record(1), Is.EqualTo(new RecordOutcome { RecordId = 1, Outcome = Outcome.Delivered, RemoteId = "900" }));
        Assert.That(receipt.Record(2).Outcome, Is.EqualTo(Outcome.Delivered));
    }

    [Test]
    public async Task Should_forget_a_contact_that_stays_missing_and_retry_later()
    {
        using var hubspot = new ScriptedHubSpot()
            .Upsert((1, "501"))
            .Answer(200, """{"recordIdsMissing":["501"]}""")
            .Answer(200, """{"results":[{"id":"501","properties":{"hub_external_id":"c-1"}}]}""")
            .Answer(200, """{"recordIdsMissing":["501"]}""");

        var receipt = await DeliverAsync(hubspot, Of(Operation.AddMember, Person(1)));

        Assert.That(receipt.Record(1), Is.EqualTo(new RecordOutcome { RecordId = 1, Outcome = Outcome.RetryLater, Code = ReasonCode.NotFound }));
    }

    [Test]
    public async Task Should_remove_by_contact_id_and_look_up_only_those_it_does_not_know()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(207, """
                {"results":[{"id":"502","properties":{"hub_external_id":"c-2"}}],
                 "errors":[{"category":"OBJECT_NOT_FOUND","message":"Could not get some CONTACT objects","context":{"ids":["c-3"]}}]}
                """)
            .Answer(200, """{"recordIdsRemoved":["501","502"]}""");

        var receipt = await DeliverAsync(hubspot, Of(Operation.RemoveMember, Item(1, "501"), Item(2), Item(3), Item(4, "504")));

        Assert.That(Inputs(hubspot.Sent[0]), Is.EqualTo(2));
        Assert.That(hubspot.Sent[1].Body, Is.EqualTo("""["501","502","504"]"""));
        Assert.That(receipt.Kinds(), Is.EqualTo(new[] { Outcome.Delivered, Outcome.Delivered, Outcome.Unchanged, Outcome.Unchanged }));
    }

    [Test]
    public async Task Should_find_a_person_to_remove_by_a_further_email()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(200, """{"results":[{"id":"501","properties":{"email":"new@example.test","hs_additional_emails":"old@example.test;older@example.test"}}]}""")
            .Answer(200, """{"recordIdsRemoved":["501"]}""");

        var receipt = await hubspot.Connect("email").DeliverAsync(Of(Operation.RemoveMember, Item(1) with { Key = "Old@example.test" }), default);

        Assert.That(receipt.Record(1).Outcome, Is.EqualTo(Outcome.Delivered));
    }

    [Test]
    public async Task Should_not_believe_a_lookup_that_says_nothing()
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, """{"results":[]}""");

        var receipt = await DeliverAsync(hubspot, Of(Operation.RemoveMember, Item(1)));

        Assert.That(receipt.Record(1).Outcome, Is.EqualTo(Outcome.RetryLater));
    }

    [TestCase("")]
    [TestCase("{}")]
    public async Task Should_not_believe_a_membership_answer_that_says_nothing(string body)
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, body);

        var receipt = await DeliverAsync(hubspot, Of(Operation.RemoveMember, Item(1, "501")));

        Assert.That(receipt.Record(1).Outcome, Is.EqualTo(Outcome.RetryLater));
    }

    private static Task<Receipt> DeliverAsync(ScriptedHubSpot hubspot, Batch batch) => hubspot.Connect().DeliverAsync(batch, default);
}
