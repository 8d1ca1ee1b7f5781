using IntegrationHub.Connectors.Abstractions;
using static Connectors.Tests.HubSpot.Batches;

namespace Connectors.Tests.HubSpot;

/// <summary>By which names rows and errors of an answer find their records.</summary>
public sealed class When_an_answer_names_people
{
    [TestCase("""{"id":"502","properties":{"email":"Person2@example.test"}},{"id":"501","properties":{"email":"person1@example.test"}}""", TestName = "by e-mail")]
    [TestCase("""{"id":"502","properties":{}},{"id":"501","properties":{}}""", TestName = "by the record id that the hub remembers")]
    [TestCase("""{"id":"502","properties":{"hub_external_id":"c-2"}},{"id":"501","properties":{}}""", TestName = "by being the last one")]
    [TestCase("""{"id":"502","properties":{},"objectWriteTraceId":"2"},{"id":"501","properties":{"hub_external_id":"c-1"}}""", TestName = "by trace id and key")]
    public async Task Should_find_each_record(string rows)
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, $$"""{"results":[{{rows}}]}""");

        var receipt = await UpsertAsync(hubspot, Person(1, "501"), Person(2, "502"));

        Assert.That(receipt.Outcomes.Select(static o => (o.RecordId, o.Outcome, o.RemoteId)), Is.EquivalentTo(new[] { (1L, Outcome.Delivered, "501"), (2L, Outcome.Delivered, "502") }));
    }

    [Test]
    public async Task Should_find_the_records_of_an_update_by_the_ids_that_were_sent()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(200, """{"results":[{"id":"501","properties":{"hub_external_id":"c-1"}},{"id":"502","properties":{"hub_external_id":"c-2"}},{"id":"503","properties":{"hub_external_id":"c-3"}}]}""")
            .Answer(207, """{"results":[{"id":"502","properties":{}},{"id":"501","properties":{}}],"errors":[{"category":"VALIDATION_ERROR","context":{"ids":["503"]}}]}""");

        var receipt = await hubspot.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1), Person(2), Person(3)) with { UpdateOnly = true }, default);

        Assert.That(receipt.Outcomes.Select(static o => (o.RecordId, o.Outcome, o.RemoteId)), Is.EquivalentTo(new[]
        {
            (1L, Outcome.Delivered, "501"), (2L, Outcome.Delivered, "502"), (3L, Outcome.Rejected, (string?)null),
        }));
    }

    [Test]
    public async Task Should_never_go_by_position()
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, """{"results":[{"id":"501","properties":{}},{"id":"502","properties":{}}]}""");

        var receipt = await UpsertAsync(hubspot, Person(1), Person(2));

        Assert.That(receipt.Outcomes.Select(static o => (o.Outcome, o.Code)), Is.All.EqualTo((Outcome.RetryLater, "hubspot_not_mentioned")));
    }

    [Test]
    public async Task Should_take_a_name_that_two_share_for_nobodys()
    {
        var email = new Field("email", FieldValue.Of("same@example.test"));
        using var hubspot = new ScriptedHubSpot().Answer(200, """{"results":[{"id":"501","properties":{"email":"same@example.test"}}]}""");

        var receipt = await UpsertAsync(hubspot, Item(1, null, email), Item(2, null, email));

        Assert.That(receipt.Kinds(), Is.All.EqualTo(Outcome.RetryLater));
    }

    [TestCase("""{"ids":["c-2"]}""")]
    [TestCase("""{"objectWriteTraceId":["2"]}""")]
    [TestCase("{}")]
    public async Task Should_find_whom_an_error_is_about(string context)
    {
        using var hubspot = new ScriptedHubSpot().Answer(207,
            $$"""{"results":[{"id":"501","properties":{},"objectWriteTraceId":"1"}],"errors":[{"category":"VALIDATION_ERROR","context":{{context}}}]}""");

        var receipt = await UpsertAsync(hubspot, Person(1), Person(2));

        Assert.That(receipt.Kinds(), Is.EqualTo(new[] { Outcome.Delivered, Outcome.Rejected }));
    }

    [Test]
    public async Task Should_keep_what_the_hub_remembers_while_nothing_is_known()
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, """{"results":[]}""");

        var receipt = await UpsertAsync(hubspot, Person(1, "501"));

        Assert.That((receipt.Record(1).Outcome, receipt.Record(1).RemoteId), Is.EqualTo((Outcome.RetryLater, "501")));
    }

    private static Task<Receipt> UpsertAsync(ScriptedHubSpot hubspot, params BatchItem[] items) => hubspot.Connect().DeliverAsync(Of(Operation.UpsertProfile, items), default);
}
