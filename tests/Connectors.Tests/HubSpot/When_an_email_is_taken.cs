using IntegrationHub.Connectors.Abstractions;
using static Connectors.Tests.HubSpot.Batches;

namespace Connectors.Tests.HubSpot;

public sealed class When_an_email_is_taken
{
    private const string Conflict = """
        {"results":[{"id":"502","properties":{},"objectWriteTraceId":"2"}],
         "errors":[{"status":"error","category":"CONFLICT","message":"Contact already exists. Existing ID: 501","context":{"objectWriteTraceId":["1"],"existingId":["501"]}}]}
        """;

    [TestCase("\"\"")]
    [TestCase("null")]
    [TestCase("\"c-1\"")]
    public async Task Should_adopt_the_contact_that_has_the_email_and_no_other_key(string key)
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(207, Conflict)
            .Answer(200, $$"""{"results":[{"id":"501","properties":{"email":"person1@example.test","hub_external_id":{{key}} } }]}""")
            .Upsert((1, "501"))
            .Answer(200, """{"recordsIdsAdded":["501","502"]}""");

        var receipt = await DeliverAsync(hubspot);

        Assert.That(hubspot.Sent[2].Uri.AbsolutePath, Is.EqualTo("/crm/v3/objects/contacts/batch/update"));
        Assert.That(hubspot.Sent[2].Body, Is.EqualTo(
            """{"inputs":[{"id":"501","properties":{"hub_external_id":"c-1","email":"person1@example.test"},"objectWriteTraceId":"1"}]}"""));
        Assert.That(receipt.Record(1), Is.EqualTo(new RecordOutcome { RecordId = 1, Outcome = Outcome.Delivered, RemoteId = "501" }));
        Assert.That(receipt.Record(2).Outcome, Is.EqualTo(Outcome.Delivered));
    }

    [TestCase("person1@example.test", "\"c-99\"")]
    [TestCase("primary@example.test", "null")]
    public async Task Should_leave_a_contact_alone_that_is_somebody_elses(string email, string key)
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(207, Conflict)
            .Answer(200, $$"""{"results":[{"id":"501","properties":{"email":"{{email}}","hs_additional_emails":"person1@example.test","hub_external_id":{{key}} } }]}""")
            .Answer(200, """{"recordsIdsAdded":["502"]}""");

        var receipt = await DeliverAsync(hubspot);

        Assert.That(receipt.Record(1), Is.EqualTo(new RecordOutcome { RecordId = 1, Outcome = Outcome.Rejected, Code = "hubspot_email_of_another_contact", IsTaken = true }));
        Assert.That(receipt.Record(2).Outcome, Is.EqualTo(Outcome.Delivered));
    }

    [Test]
    public async Task Should_give_an_address_to_the_person_who_takes_it_over_within_the_batch()
    {
        await using var account = await HubSpotAccount.StartAsync();
        var connector = account.Connect();
        await account.CreateAsync(connector, account.Person("a", ("email", "first@example.test")), account.Person("b", ("email", "second@example.test")));

        var outcomes = await HubSpotAccount.DeliverAsync(connector, Operation.UpsertProfile,
            account.Person("b", ("email", "first@example.test")), account.Person("a", ("email", "third@example.test")));

        Assert.That(outcomes.Select(static outcome => outcome.Outcome), Is.All.EqualTo(Outcome.Delivered));
        Assert.That(account.HubSpot.People().ToDictionary(static person => person.Keys["hub_external_id"], static person => person.Keys["email"]),
            Is.EquivalentTo(new Dictionary<string, string> { ["a"] = "third@example.test", ["b"] = "first@example.test" }));
    }

    [Test]
    public async Task Should_tell_the_second_of_two_people_with_one_address()
    {
        await using var account = await HubSpotAccount.StartAsync();

        var outcomes = await HubSpotAccount.DeliverAsync(account.Connect(), Operation.UpsertProfile,
            account.Person("a", ("email", "same@example.test")), account.Person("b", ("email", "Same@example.test")));

        Assert.That(outcomes.Count(static outcome => outcome.Outcome == Outcome.Delivered), Is.EqualTo(1));
        Assert.That(outcomes.Single(static outcome => outcome.Outcome != Outcome.Delivered).Code, Is.EqualTo("hubspot_email_of_another_contact"));
    }

    [Test]
    public async Task Should_give_a_contact_away_only_once()
    {
        var both = Conflict.Replace("\"objectWriteTraceId\":[\"1\"]", "\"objectWriteTraceId\":[\"1\",\"2\"]", StringComparison.Ordinal)
            .Replace("{\"id\":\"502\",\"properties\":{},\"objectWriteTraceId\":\"2\"}", "", StringComparison.Ordinal);
        using var hubspot = new ScriptedHubSpot()
            .Answer(207, both)
            .Answer(200, """{"results":[{"id":"501","properties":{"email":"same@example.test"}}]}""")
            .Upsert((1, "501"));
        var email = new Field("email", FieldValue.Of("same@example.test"));

        var receipt = await hubspot.Connect().DeliverAsync(Of(Operation.UpsertProfile, Item(1, null, email), Item(2, null, email)), default);

        Assert.That(receipt.Kinds(), Is.EqualTo(new[] { Outcome.Delivered, Outcome.Rejected }));
    }

    [Test]
    public async Task Should_adopt_out_of_a_batch_that_was_refused_whole()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(409, """{"category":"CONFLICT","message":"Contact already exists. Existing ID: 501"}""")
            .Answer(409, """{"category":"CONFLICT","message":"Contact already exists. Existing ID: 501"}""")
            .Upsert((2, "502"))
            .Answer(200, """{"results":[{"id":"501","properties":{"email":"person1@example.test"}}]}""")
            .Upsert((1, "501"))
            .Answer(200, """{"recordsIdsAdded":["501","502"]}""");

        var receipt = await DeliverAsync(hubspot);

        Assert.That(receipt.Kinds(), Is.All.EqualTo(Outcome.Delivered));
    }

    [Test]
    public async Task Should_retry_when_the_contact_cannot_be_read()
    {
        using var hubspot = new ScriptedHubSpot().Answer(207, Conflict).Answer(400, """{"category":"VALIDATION_ERROR"}""").Answer(200, """{"recordsIdsAdded":["502"]}""");

        var receipt = await DeliverAsync(hubspot);

        Assert.That(receipt.Kinds(), Is.EqualTo(new[] { Outcome.RetryLater, Outcome.Delivered }));
    }

    [Test]
    public async Task Should_let_one_bad_update_condemn_no_other()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(207, """
                {"results":[],"errors":[
                 {"category":"CONFLICT","context":{"objectWriteTraceId":["1"],"existingId":["501"]}},
                 {"category":"CONFLICT","context":{"objectWriteTraceId":["2"],"existingId":["502"]}}]}
                """)
            .Answer(200, """{"results":[{"id":"501","properties":{"email":"person1@example.test"}},{"id":"502","properties":{"email":"person2@example.test"}}]}""")
            .Answer(400, """{"category":"VALIDATION_ERROR","errors":[{"code":"INVALID_OPTION"}]}""")
            .Answer(400, """{"category":"VALIDATION_ERROR","errors":[{"code":"INVALID_OPTION"}]}""")
            .Upsert((2, "502"))
            .Answer(200, """{"recordsIdsAdded":["502"]}""");

        var receipt = await DeliverAsync(hubspot);

        Assert.That(receipt.Kinds(), Is.EqualTo(new[] { Outcome.Rejected, Outcome.Delivered }));
    }

    private static Task<Receipt> DeliverAsync(ScriptedHubSpot hubspot)
        => hubspot.Connect().DeliverAsync(Of(Operation.AddMember, Person(1), Person(2)), default);
}
