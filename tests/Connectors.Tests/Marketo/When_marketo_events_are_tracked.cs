using System.Net;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.Marketo;
using static Connectors.Tests.Marketo.People;
using static Connectors.Tests.Marketo.ScriptedMarketo;

namespace Connectors.Tests.Marketo;

public sealed class When_marketo_events_are_tracked
{
    private const string Added = """{"id":1,"marketoGUID":"1","status":"added"}""";

    private SandboxClient _marketo = null!;

    [SetUp]
    public async Task StartAsync() => _marketo = await SandboxClient.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _marketo.DisposeAsync();

    [Test]
    public async Task Should_record_them_with_the_hubs_event_id()
    {
        await _marketo.UpsertAsync("""{"email":"person1@example.test"},{"email":"person2@example.test"}""");
        var behavior = Buying(3) with
        {
            Key = "person1@example.test",
            Event = new() { Id = EventId(3), Name = "100002", OccurredAt = DateTimeOffset.UnixEpoch, Properties = [new("name", FieldValue.Of("seen")), new("value", FieldValue.Of(3m))] },
        };
        var receipt = await _marketo.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(1), Buying(2, "2"), behavior), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered #1", "2 Delivered #2", "3 Delivered #1" }));
        Assert.That(
            _marketo.Marketo.Events().Select(one => (one.Name, one.Id, one.PersonKeys["email"])),
            Is.EquivalentTo(new[]
            {
                ("hubPurchase", EventId(1).ToString(), "person1@example.test"), ("hubPurchase", EventId(2).ToString(), "person2@example.test"),
                ("hubBehavior", EventId(3).ToString(), "person1@example.test"),
            }));
    }

    [Test]
    public async Task Should_ask_for_a_type_once_a_day()
    {
        var time = Clock.AtNoon();
        using var marketo = new ScriptedMarketo { Time = time, Identity = _ => Task.FromResult(Json(Token(1, 1_000_000))) };
        var connector = marketo.Rows(PurchaseType).Rows(PurchaseAttributes).Rows(Added).Rows(Added).Rows(PurchaseType).Rows(PurchaseAttributes).Rows(Added).Connect();
        foreach (var wait in new[] { TimeSpan.FromHours(23), TimeSpan.FromHours(1), TimeSpan.Zero })
        {
            Assert.That((await connector.DeliverAsync(Of(Operation.TrackEvent, Buying(1, "501")), default)).Told(), Is.EqualTo(new[] { "1 Delivered #501" }));
            time.Advance(wait);
        }
    }

    [Test]
    public async Task Should_look_a_stale_id_up_and_record_the_event_once()
    {
        await _marketo.UpsertAsync("""{"email":"person1@example.test"},{"email":"person2@example.test"}""");
        var receipt = await _marketo.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(1, "99"), Buying(2, "2")), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered #1", "2 Delivered #2" }));
        Assert.That(_marketo.Marketo.Events().Select(one => one.Id), Is.EquivalentTo(new[] { EventId(1).ToString(), EventId(2).ToString() }));
    }

    [Test]
    public async Task Should_reject_events_of_nobody_and_of_several()
    {
        await _marketo.UpsertAsync("""{"email":"person2@example.test"},{"email":"person2@example.test"},{"email":"person3@example.test"}""", "createDuplicate");
        var receipt = await _marketo.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(1), Buying(2), Buying(3)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Rejected not_found", "2 Rejected duplicates_at_vendor", "3 Delivered #3" }));
    }

    [TestCase("hubNothing", "event_type_unknown")]
    [TestCase("hubDraft", "event_type_not_approved")]
    [TestCase("hubBare", "event_id_attribute_missing")]
    [TestCase("hubNarrow", "event_attribute_unknown")]
    public async Task Should_say_what_is_wrong_with_a_type_and_record_the_others(string name, string code)
    {
        _marketo.Marketo.AddActivityType(new(100010, "hubBare", "productId", ["currency", "price", "quantity"]));
        _marketo.Marketo.AddActivityType(new(100011, "hubNarrow", "productId", ["hubEventId"]));
        await _marketo.UpsertAsync("""{"email":"person1@example.test"},{"email":"person2@example.test"}""");
        var receipt = await _marketo.Connect().DeliverAsync(
            Of(Operation.TrackEvent, Buying(1) with { Event = Buying(1).Event! with { Name = name } }, Buying(2)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { $"1 NotSent {code}", "2 Delivered #2" }));
        Assert.That(receipt.Condition, Is.EqualTo(
            new DestinationCondition(DestinationTrouble.Misconfigured, code) { ConcernsThisWorkOnly = true }), "Opt-outs and memberships go on.");
    }

    [Test]
    public async Task Should_reject_an_event_without_its_primary_attribute()
    {
        var receipt = await _marketo.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(1) with { Event = Buying(1).Event! with { Purchase = null } }), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Rejected primary_attribute_missing" }));
    }

    [Test]
    public async Task Should_take_the_event_id_for_the_primary_attribute_where_that_is_its_place()
    {
        _marketo.Marketo.AddActivityType(new(100010, "hubVisit", "hubEventId", []));
        await _marketo.UpsertAsync("""{"email":"person1@example.test"}""");
        var visit = Buying(1) with { Event = Buying(1).Event! with { Name = "hubVisit", Purchase = null } };
        Assert.That((await _marketo.Connect().DeliverAsync(Of(Operation.TrackEvent, visit), default)).Told(), Is.EqualTo(new[] { "1 Delivered #1" }));
        Assert.That(_marketo.Marketo.Events().Single().Id, Is.EqualTo(EventId(1).ToString()));
    }

    [Test]
    public async Task Should_read_the_codes_of_activities()
    {
        using var marketo = Scripted().Rows(
            """{"id":50,"marketoGUID":"50","status":"added"}""", """{"status":"skipped","errors":[{"code":"1049","message":"about person1@example.test"}]}""",
            """{"marketoGUID":"guid-without-id","status":"added"}""");
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(1, "501"), Buying(2, "502"), Buying(3, "503")), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered #501", "2 Rejected marketo_1049 #502", "3 Delivered #503" }));
    }

    [TestCase(FaultKind.LostResponse, null)]
    [TestCase(FaultKind.MalformedBody, null)]
    [TestCase(FaultKind.EmptyBody, null)]
    [TestCase(FaultKind.Vendor, MarketoFaults.ShortAnswer)]
    public async Task Should_be_ambiguous_when_the_answer_was_lost(FaultKind kind, string? variant)
    {
        await _marketo.UpsertAsync("""{"email":"person1@example.test"},{"email":"person2@example.test"}""");
        _marketo.Room.Faults.Add(new Fault { Kind = kind, Variant = variant, Endpoint = "rest/v1/activities/external.json", Calls = 1 });
        var receipt = await _marketo.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(1, "1"), Buying(2, "2")), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Ambiguous ambiguous #1", "2 Ambiguous ambiguous #2" }));
        Assert.That(_marketo.Marketo.Events().Count(), Is.EqualTo(2), "The vendor has them: a repeat would double them.");
    }

    [TestCase("604")]
    [TestCase("611")]
    [TestCase("713")]
    [TestCase("500")]
    [TestCase("502")]
    [TestCase("599")]
    [TestCase("who are you")]
    public async Task Should_be_ambiguous_when_a_code_leaves_it_open(string code)
    {
        using var marketo = Scripted().Fail(code);
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(1, "501")), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Ambiguous ambiguous #501" }));
        Assert.That(receipt.Condition?.Trouble, Is.EqualTo(DestinationTrouble.Unavailable).Or.Null);
    }

    [TestCase(500, Outcome.Ambiguous)]
    [TestCase(502, Outcome.Ambiguous)]
    [TestCase(504, Outcome.Ambiguous)]
    [TestCase(408, Outcome.Ambiguous)]
    [TestCase(202, Outcome.Ambiguous)]
    [TestCase(429, Outcome.NotSent)]
    [TestCase(403, Outcome.NotSent)]
    public async Task Should_be_ambiguous_after_every_status_that_leaves_it_open(int status, Outcome outcome)
    {
        using var marketo = Scripted().Answer("<html>", (HttpStatusCode)status);
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(1, "501")), default);
        Assert.That(receipt.Outcomes.Single().Outcome, Is.EqualTo(outcome));
    }

    [TestCase("""{"id":50,"status":"added","errors":[{"code":"1003"}]}""")]
    [TestCase("""{"id":50}""")]
    [TestCase("""{"status":"skipped"}""")]
    public async Task Should_be_ambiguous_when_a_row_contradicts_itself(string row)
    {
        using var marketo = Scripted().Rows(row);
        Assert.That((await marketo.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(1, "501")), default)).Outcomes.Single().Outcome, Is.EqualTo(Outcome.Ambiguous));
    }

    [TestCase("699")]
    [TestCase("799")]
    [TestCase("1999")]
    public async Task Should_send_it_again_after_an_unknown_code_that_says_that_nothing_was_done(string code)
    {
        using var marketo = Scripted().Fail(code);
        Assert.That((await marketo.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(1, "501")), default)).Told(), Is.EqualTo(new[] { $"1 RetryLater marketo_{code} #501" }));
    }

    [TestCase("606", "1 NotSent marketo_606 #501")]
    [TestCase("608", "1 NotSent marketo_608 #501")]
    [TestCase("601", "1 NotSent marketo_601 #501")]
    public async Task Should_be_sent_again_when_the_vendor_did_nothing(string code, string told)
    {
        using var marketo = Scripted().Fail(code).Fail(code);
        Assert.That((await marketo.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(1, "501")), default)).Told(), Is.EqualTo(new[] { told }));
    }

    [Test]
    public async Task Should_not_be_ambiguous_when_a_call_before_it_fails()
    {
        using var noTypes = new ScriptedMarketo().Answer("", HttpStatusCode.BadGateway);
        using var noPeople = Scripted().Fail("604");
        Assert.That((await noTypes.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(1)), default)).Told(), Is.EqualTo(new[] { "1 NotSent http_502" }));
        Assert.That((await noPeople.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(1)), default)).Told(), Is.EqualTo(new[] { "1 RetryLater marketo_604" }));
    }

    private static ScriptedMarketo Scripted() => new ScriptedMarketo().Rows(PurchaseType).Rows(PurchaseAttributes);
}
