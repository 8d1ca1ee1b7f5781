using IntegrationHub.Connectors.Abstractions;
using static Connectors.Tests.HubSpot.Batches;

namespace Connectors.Tests.HubSpot;

public sealed class When_a_batch_is_delivered
{
    private const string Refused = """{"status":"error","category":"VALIDATION_ERROR","message":"Property values were not valid","errors":[{"code":"INVALID_EMAIL"}]}""";
    private const string Canary = "canary-4711@example.test";

    [Test]
    public async Task Should_match_answers_by_trace_id_whatever_their_order()
    {
        using var hubspot = new ScriptedHubSpot().Upsert((3, "503"), (1, "501"), (2, "502"));

        var receipt = await DeliverAsync(hubspot, Of(Operation.UpsertProfile, Person(1), Person(2), Person(3)));

        Assert.That(receipt.Outcomes.Select(o => (o.RecordId, o.Outcome, o.RemoteId)), Is.EquivalentTo(new[]
        {
            (1L, Outcome.Delivered, "501"), (2L, Outcome.Delivered, "502"), (3L, Outcome.Delivered, "503"),
        }));
    }

    [Test]
    public async Task Should_match_answers_without_trace_ids_by_key()
    {
        using var hubspot = new ScriptedHubSpot().Answer(200,
            """{"results":[{"id":"502","properties":{"hub_external_id":"c-2"}},{"id":"501","properties":{"hub_external_id":"c-1"}}]}""");

        var receipt = await DeliverAsync(hubspot, Of(Operation.UpsertProfile, Person(1), Person(2)));

        Assert.That(receipt.Record(1).RemoteId, Is.EqualTo("501"));
        Assert.That(receipt.Record(2).RemoteId, Is.EqualTo("502"));
    }

    [TestCase("")]
    [TestCase("""{"status":"COMPLETE","results":[]}""")]
    [TestCase("""{"status":"COMPLETE"}""")]
    public async Task Should_retry_what_the_answer_does_not_mention(string body)
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, body);

        var receipt = await DeliverAsync(hubspot, Of(Operation.UpsertProfile, Person(1), Person(2)));

        Assert.That(receipt.Condition, Is.Null);
        Assert.That(receipt.Outcomes, Has.All.Property("Outcome").EqualTo(Outcome.RetryLater).And.All.Property("Code").EqualTo("hubspot_not_mentioned"));
    }

    [Test]
    public async Task Should_reject_only_the_record_that_a_mixed_answer_refuses()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(207, """
                {"results":[{"id":"501","properties":{},"objectWriteTraceId":"1"}],"numErrors":1,
                 "errors":[{"status":"error","category":"VALIDATION_ERROR","message":"Property values were not valid: [{\"error\":\"INVALID_EMAIL\"}]","context":{"objectWriteTraceId":["2"]}}]}
                """)
            .Answer(200, """{"recordsIdsAdded":["501"]}""");

        var receipt = await DeliverAsync(hubspot, Of(Operation.AddMember, Person(1), Person(2)));

        Assert.That(receipt.Record(1).Outcome, Is.EqualTo(Outcome.Delivered));
        Assert.That(receipt.Record(2), Is.EqualTo(new RecordOutcome { RecordId = 2, Outcome = Outcome.Rejected, Code = "hubspot_INVALID_EMAIL" }));
        Assert.That(hubspot.Sent[1].Body, Is.EqualTo("""["501"]"""));
    }

    [Test]
    public async Task Should_halve_a_refused_batch_until_the_bad_record_stands_alone()
    {
        const long Bad = 37;
        using var hubspot = new ScriptedHubSpot();
        for (var i = 0; i < 40; i++)
        {
            hubspot.Answer(request => Answer(request, Bad));
        }

        var receipt = await DeliverAsync(hubspot, Of(Operation.UpsertProfile, [.. Enumerable.Range(1, 100).Select(n => Person(n))]));

        Assert.That(receipt.Record(Bad), Is.EqualTo(new RecordOutcome { RecordId = Bad, Outcome = Outcome.Rejected, Code = "hubspot_INVALID_EMAIL" }));
        Assert.That(receipt.Outcomes.Count(o => o.Outcome == Outcome.Delivered), Is.EqualTo(99));
        Assert.That(hubspot.Sent, Has.Count.LessThanOrEqualTo(15));
    }

    [Test]
    public async Task Should_bound_the_calls_of_a_batch_that_is_refused_again_and_again()
    {
        using var hubspot = new ScriptedHubSpot();
        for (var i = 0; i < 200; i++)
        {
            hubspot.Answer(400, Refused);
        }

        var receipt = await DeliverAsync(hubspot, Of(Operation.UpsertProfile, [.. Enumerable.Range(1, 100).Select(n => Person(n))]));

        Assert.That(hubspot.Sent, Has.Count.EqualTo(48));
        Assert.That(receipt.Kinds(), Is.All.AnyOf(Outcome.Rejected, Outcome.RetryLater));
        Assert.That(receipt.Outcomes.Where(o => o.Outcome == Outcome.RetryLater), Has.All.Property("Code").EqualTo("hubspot_batch_refused"));
    }

    [Test]
    public async Task Should_not_make_two_people_one_contact()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(400, """{"category":"VALIDATION_ERROR","message":"Duplicate IDs found in batch input: [c-1]. IDs must be unique","context":{"ids":["c-1"]}}""")
            .Upsert((1, "501"))
            .Upsert((2, "501"));

        var receipt = await DeliverAsync(hubspot, Of(Operation.UpsertProfile, Person(1), Person(2)));

        Assert.That(receipt.Outcomes.Select(static o => (o.Outcome, o.Code)), Is.EqualTo(new[] { (Outcome.Delivered, null), (Outcome.Rejected, "hubspot_contact_of_another_record") }));
    }

    [Test]
    public async Task Should_send_only_the_first_of_keys_that_are_one_to_HubSpot()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(400, """{"category":"VALIDATION_ERROR","message":"Duplicate IDs found in batch input: [c-kx7q]. IDs must be unique","context":{"ids":["c-kx7q"]}}""")
            .Upsert((3, "503"), (1, "501"));

        var receipt = await DeliverAsync(hubspot, Of(Operation.UpsertProfile, Person(1) with { Key = "c-kx7Q" }, Person(2) with { Key = "c-kx7q" }, Person(3)));

        Assert.That(hubspot.Sent[1].Body, Does.Contain("\"c-kx7Q\"").And.Contain("\"c-3\"").And.Not.Contain("\"c-kx7q\""));
        Assert.That(receipt.Kinds(), Is.EqualTo(new[] { Outcome.Delivered, Outcome.Rejected, Outcome.Delivered }));
        Assert.That(receipt.Record(2).Code, Is.EqualTo("hubspot_key_twice_in_batch"));
    }

    [Test]
    public async Task Should_refuse_an_email_that_differs_only_in_case()
    {
        using var hubspot = new ScriptedHubSpot().Upsert((1, "501"));

        var receipt = await hubspot.Connect("email").DeliverAsync(Of(Operation.UpsertProfile,
            Person(1) with { Key = "Ann@Example.test" }, Person(2) with { Key = "ann@example.test" }), default);

        Assert.That(hubspot.Sent.Single().Body, Does.Contain("\"id\":\"ann@example.test\"").And.Not.Contain("objectWriteTraceId\":\"2\""));
        Assert.That(receipt.Record(1).Outcome, Is.EqualTo(Outcome.Delivered));
        Assert.That(receipt.Record(2), Is.EqualTo(new RecordOutcome { RecordId = 2, Outcome = Outcome.Rejected, Code = "hubspot_key_twice_in_batch" }));
    }

    [Test]
    public async Task Should_send_at_most_a_hundred_contacts_per_call_and_then_one_membership_call()
    {
        using var hubspot = new ScriptedHubSpot();
        for (var chunk = 0; chunk < 3; chunk++)
        {
            hubspot.Answer(request => Answer(request, bad: -1));
        }

        hubspot.Answer(200, $$"""{"recordsIdsAdded":[{{string.Join(",", Enumerable.Range(1, 250).Select(n => $"\"{5000 + n}\""))}}]}""");

        var receipt = await DeliverAsync(hubspot, Of(Operation.AddMember, [.. Enumerable.Range(1, 250).Select(n => Person(n))]));

        Assert.That(hubspot.Sent.Take(3).Select(Inputs), Is.EqualTo(new[] { 100, 100, 50 }));
        Assert.That(hubspot.Sent, Has.Count.EqualTo(4));
        Assert.That(receipt.Kinds(), Is.All.EqualTo(Outcome.Delivered));
    }

    [Test]
    public async Task Should_cut_calls_that_would_be_too_large()
    {
        using var hubspot = new ScriptedHubSpot().Answer(r => Answer(r, -1)).Answer(r => Answer(r, -1)).Answer(r => Answer(r, -1)).Answer(r => Answer(r, -1));
        var large = new Field("notes", FieldValue.Of(new string('"', 60_000)));

        await DeliverAsync(hubspot, Of(Operation.UpsertProfile, [.. Enumerable.Range(1, 8).Select(n => Item(n, null, large))]));

        Assert.That(hubspot.Sent, Has.Count.EqualTo(4));
        Assert.That(hubspot.Sent, Has.All.Property("Body").Length.LessThan(1_000_000));
    }

    [Test]
    public async Task Should_keep_what_was_learned_when_only_the_list_is_throttled()
    {
        using var hubspot = new ScriptedHubSpot()
            .Upsert((1, "501"))
            .Answer(429, """{"errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}""");

        var receipt = await DeliverAsync(hubspot, Of(Operation.AddMember, Person(1)));

        Assert.That(receipt.Record(1), Is.EqualTo(new RecordOutcome { RecordId = 1, Outcome = Outcome.NotSent, Code = "hubspot_TEN_SECONDLY_ROLLING", RemoteId = "501" }));
        Assert.That(receipt.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Throttled, "hubspot_TEN_SECONDLY_ROLLING", TimeSpan.FromSeconds(10))));
    }

    [Test]
    public async Task Should_stop_calling_once_the_destination_is_in_trouble()
    {
        using var hubspot = new ScriptedHubSpot().Answer(r => Answer(r, -1)).Answer(503);

        var receipt = await DeliverAsync(hubspot, Of(Operation.AddMember, [.. Enumerable.Range(1, 300).Select(n => Person(n))]));

        Assert.That(hubspot.Sent, Has.Count.EqualTo(2));
        Assert.That(receipt.Outcomes, Has.Count.EqualTo(300).And.All.Property("Outcome").EqualTo(Outcome.NotSent));
        Assert.That(receipt.Record(1).RemoteId, Is.EqualTo("5001"));
    }

    [Test]
    public async Task Should_stop_the_destination_when_the_mapping_names_an_unknown_property()
    {
        using var hubspot = new ScriptedHubSpot().Answer(207, """
            {"results":[{"id":"501","properties":{},"objectWriteTraceId":"1"}],
             "errors":[{"category":"VALIDATION_ERROR","message":"Property values were not valid: [{\"error\":\"PROPERTY_DOESNT_EXIST\",\"name\":\"tier_x\"}]","context":{"objectWriteTraceId":["2"]}}]}
            """);

        var receipt = await DeliverAsync(hubspot, Of(Operation.UpsertProfile, Person(1), Person(2)));

        Assert.That(receipt.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Misconfigured, "hubspot_PROPERTY_DOESNT_EXIST")));
        Assert.That(receipt.Kinds(), Is.EqualTo(new[] { Outcome.Delivered, Outcome.NotSent }));
    }

    [Test]
    public async Task Should_report_a_list_that_vanished()
    {
        using var hubspot = new ScriptedHubSpot().Answer(404, """{"category":"OBJECT_NOT_FOUND"}""").Answer(404, """{"category":"OBJECT_NOT_FOUND"}""");

        var receipt = await DeliverAsync(hubspot, Of(Operation.RemoveMember, Item(1, "501")));

        Assert.That(receipt.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Misconfigured, ReasonCode.AudienceGone)));
        Assert.That(receipt.Record(1).Outcome, Is.EqualTo(Outcome.NotSent));
    }

    [TestCase("reset")]
    [TestCase("timeout")]
    [TestCase("malformed")]
    public async Task Should_wait_for_a_destination_that_does_not_answer_sensibly(string how)
    {
        using var hubspot = new ScriptedHubSpot();
        var (answered, code) = how switch
        {
            "reset" => (hubspot.Fail(new HttpRequestException("reset")), "connection_failed"),
            "timeout" => (hubspot.Fail(new OperationCanceledException()), "timeout"),
            _ => (hubspot.Answer(200, """{"status":"COMPLETE","results":[{"id":"""), "malformed_answer"),
        };

        var receipt = await DeliverAsync(answered, Of(Operation.UpsertProfile, Person(1)));

        Assert.That(receipt.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Unavailable, code)));
        Assert.That(receipt.Record(1).Outcome, Is.EqualTo(Outcome.NotSent));
    }

    [Test]
    public void Should_pass_on_a_cancellation()
    {
        using var canceled = new CancellationTokenSource();
        canceled.Cancel();
        using var hubspot = new ScriptedHubSpot().Fail(new OperationCanceledException(canceled.Token));

        Assert.That(async () => await hubspot.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), canceled.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Should_read_the_token_anew_for_every_call_and_send_nothing_without_one()
    {
        using var hubspot = new ScriptedHubSpot().Upsert((1, "501")).Upsert((1, "501"));
        var connector = hubspot.Connect();
        await connector.DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        hubspot.Token = "rotated";
        await connector.DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        hubspot.Token = null;

        var receipt = await connector.DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);

        Assert.That(hubspot.Sent.Select(request => request.Headers.Single(h => h.StartsWith("Authorization", StringComparison.Ordinal))),
            Is.EqualTo(new[] { "Authorization: Bearer canary-token", "Authorization: Bearer rotated" }));
        Assert.That(receipt.Condition!.Trouble, Is.EqualTo(DestinationTrouble.Unauthorized));
        Assert.That(receipt.Record(1).Outcome, Is.EqualTo(Outcome.NotSent));
    }

    [Test]
    public async Task Should_tell_nothing_of_a_person_in_logs_and_outcomes()
    {
        using var log = new CapturedLog();
        using var hubspot = new ScriptedHubSpot { Loggers = log }
            .Answer(400, $$"""{"category":"VALIDATION_ERROR","message":"{{Canary}} is not valid","errors":[{"code":"{{Canary}}","message":"{{Canary}}"}],"context":{"ids":["{{Canary}}"]},"correlationId":"{{Canary}}"}""")
            .Answer(207, $$"""{"results":[],"errors":[{"category":"{{Canary}}","message":"{{Canary}}","context":{"objectWriteTraceId":["1"]} }]}""");
        var connector = hubspot.Connect("email");
        var item = Item(1, null, new Field("firstname", FieldValue.Of(Canary))) with { Key = Canary };

        var first = await connector.DeliverAsync(Of(Operation.UpsertProfile, item), default);
        var second = await connector.DeliverAsync(Of(Operation.UpsertProfile, item), default);

        Assert.That(log.Lines, Has.Count.EqualTo(2).And.None.Contains("canary"));
        Assert.That($"{first.Record(1)} {second.Record(1)} {first.Condition} {second.Condition}", Does.Not.Contain("canary"));
    }

    private static Task<Receipt> DeliverAsync(ScriptedHubSpot hubspot, Batch batch) => hubspot.Connect().DeliverAsync(batch, default);

    private static HttpResponseMessage Answer(SentRequest request, long bad)
    {
        var recordIds = TraceIds(request).ToList();
        var refused = recordIds.Contains(bad);
        var body = refused ? Refused : ScriptedHubSpot.Contacts([.. recordIds.Select(id => (id, $"{5000 + id}"))]);
        return new HttpResponseMessage((System.Net.HttpStatusCode)(refused ? 400 : 200)) { Content = new StringContent(body) };
    }

    private static IEnumerable<long> TraceIds(SentRequest request)
    {
        using var body = System.Text.Json.JsonDocument.Parse(request.Body);
        return [.. body.RootElement.GetProperty("inputs").EnumerateArray()
            .Select(input => long.Parse(input.GetProperty("objectWriteTraceId").GetString()!, System.Globalization.CultureInfo.InvariantCulture))];
    }
}
