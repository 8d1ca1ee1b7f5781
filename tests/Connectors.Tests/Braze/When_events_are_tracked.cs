using System.Net;
using System.Net.Sockets;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.Braze;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Tests.Braze;

public sealed class When_events_are_tracked
{
    [Test]
    public async Task Should_keep_the_hubs_id_of_each_event_at_braze()
    {
        await using var braze = await ServedBraze.StartAsync();
        await braze.TrackAsync("""{"external_id":"c-1"}""", """{"external_id":"c-2"}""");
        var (event1, event2) = (Event(), Event() with { Purchase = new Purchase("sku-1", "EUR", 9.99m) });
        var receipt = await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.TrackEvent, ScriptedBraze.Doing(1, event1), ScriptedBraze.Doing(2, event2)), default);

        Assert.That(receipt.Outcomes.Select(outcome => outcome.Outcome), Has.All.EqualTo(Outcome.Delivered));
        Assert.That(
            braze.Sandbox.Events().Select(happened => (happened.Name, happened.Id, happened.PersonKeys["external_id"])),
            Is.EqualTo(new[] { ("viewed", event1.Id.ToString(), "c-1"), ("sku-1", event2.Id.ToString(), "c-2") }));
    }

    [Test]
    public async Task Should_take_several_events_of_one_person()
    {
        await using var braze = await ServedBraze.StartAsync();
        await braze.TrackAsync("""{"external_id":"c-1"}""");
        var items = Enumerable.Range(1, 75).Select(id => ScriptedBraze.Doing(1, Event()) with { RecordId = id }).ToArray();
        var receipt = await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.TrackEvent, items), default);

        Assert.That(receipt.Outcomes.Select(outcome => outcome.Outcome), Has.All.EqualTo(Outcome.Delivered));
        Assert.That(braze.Sandbox.Events().Select(happened => happened.Id), Is.EqualTo(items.Select(item => item.Event!.Id.ToString())));
    }

    /// <summary>Braze creates an empty profile for an event of an unknown external id unless it is told not to: https://www.braze.com/docs/api/objects_filters/event_object</summary>
    [TestCase("external_id", "c-2")]
    [TestCase("email", "c-2@example.test")]
    public async Task Should_make_nobody_known(string identityKey, string key)
    {
        await using var braze = await ServedBraze.StartAsync();
        await braze.TrackAsync("""{"external_id":"c-1","email":"c-1@example.test"}""");
        BatchItem[] items =
        [
            ScriptedBraze.Doing(1, Event()) with { Key = identityKey == "email" ? "c-1@example.test" : "c-1" },
            ScriptedBraze.Doing(2, Event()) with { Key = key },
            ScriptedBraze.Doing(3, Event() with { Purchase = new Purchase("sku-1", "EUR", 9.99m) }) with { Key = key },
        ];
        var receipt = await braze.Connect(identityKey).DeliverAsync(ScriptedBraze.Of(Operation.TrackEvent, items), default);

        Assert.That(receipt.Outcomes.Select(outcome => (outcome.Outcome, outcome.Code)), Is.EqualTo(
            new (Outcome, string?)[] { (Outcome.Delivered, null), (Outcome.RetryLater, ReasonCode.NotFound), (Outcome.RetryLater, ReasonCode.NotFound) }));
        Assert.That((braze.Everybody(), braze.Sandbox.Events().Count()), Is.EqualTo((new[] { "c-1" }, 1)));
    }

    [Test]
    public async Task Should_not_make_known_again_who_was_deleted_since_the_look()
    {
        using var braze = new ScriptedBraze().Know(1).Answer(201, new Recording("track-events-ok"));
        await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.TrackEvent, ScriptedBraze.Doing(1, Event())), default);

        Assert.That(braze.Bodies[1], Does.Contain("\"_update_existing_only\":true"));
    }

    [Test]
    public async Task Should_tell_nothing_when_nobody_can_be_looked_up()
    {
        using var braze = new ScriptedBraze().Answer(503);
        var receipt = await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.TrackEvent, ScriptedBraze.Doing(1, Event())), default);

        Assert.That((receipt.Outcomes.Single().Outcome, braze.Sent.Count), Is.EqualTo((Outcome.NotSent, 1)), "The look may be repeated; no event was told.");
    }

    [TestCase(FaultKind.LostResponse)]
    [TestCase(FaultKind.MalformedBody)]
    [TestCase(FaultKind.EmptyBody)]
    public async Task Should_never_be_sent_again_once_the_answer_was_lost(FaultKind fault)
    {
        await using var braze = await ServedBraze.StartAsync();
        await braze.TrackAsync("""{"external_id":"c-1"}""");
        braze.Room.Faults.Add(new Fault { Kind = fault, Endpoint = "users/track" });
        Assert.That(await braze.DeliverAsync(Operation.TrackEvent, ScriptedBraze.Doing(1, Event())), Is.EqualTo((Outcome.Ambiguous, ReasonCode.Ambiguous)));
        Assert.That(braze.Sandbox.Events().Count(), Is.EqualTo(1), "It had been applied.");
    }

    private static IEnumerable<TestCaseData> Answers()
    {
        yield return new TestCaseData(201, "{\"events_processed\":1}", Outcome.Ambiguous, "ambiguous").SetArgDisplayNames("no message");
        yield return new TestCaseData(201, Recorded.Read("errors-without-index"), Outcome.Ambiguous, "ambiguous").SetArgDisplayNames("errors without index");
        yield return new TestCaseData(408, "", Outcome.Ambiguous, "ambiguous").SetArgDisplayNames("408");
        yield return new TestCaseData(201, "{\"message\":\"Something went wrong\"}", Outcome.RetryLater, "braze_message_not_success").SetArgDisplayNames("another message");
        foreach (var status in new[] { 500, 502, 503, 504, 520 })
        {
            yield return new TestCaseData(status, "<html>", Outcome.Ambiguous, "ambiguous").SetArgDisplayNames($"{status}");
        }

        yield return new TestCaseData(429, Recorded.Read("err-rate-limited"), Outcome.NotSent, "braze_429").SetArgDisplayNames("429");
        yield return new TestCaseData(401, Recorded.Read("err-unauthorized"), Outcome.NotSent, "braze_401").SetArgDisplayNames("401");
    }

    [TestCaseSource(nameof(Answers))]
    public async Task Should_be_ambiguous_only_when_it_may_have_been_applied(int status, string body, Outcome outcome, string code)
    {
        using var braze = new ScriptedBraze().Know(1).Answer(status, body);
        var receipt = await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.TrackEvent, ScriptedBraze.Doing(1, Event())), default);
        Assert.That(receipt.Outcomes.Single(), Is.EqualTo(new RecordOutcome { RecordId = 1, Outcome = outcome, Code = code }));
    }

    [Test]
    public async Task Should_be_not_sent_when_nobody_answered_the_phone()
    {
        var port = ClosedPort();
        using var transport = new SocketsHttpHandler();
        var connector = new BrazeConnectorFactory().Create(new ConnectorContext
        {
            Settings = new DestinationSettings
            {
                Name = "braze",
                BaseUrl = new Uri($"http://127.0.0.1:{port}"),
                IdentityKey = "external_id",
                Secrets = new Dictionary<string, Func<string?>> { ["api_key"] = () => "canary-key" },
            },
            Transport = transport,
            Time = TimeProvider.System,
            Loggers = NullLoggerFactory.Instance,
        })(OpenGate.Instance);
        var receipt = await connector.DeliverAsync(ScriptedBraze.Of(Operation.TrackEvent, ScriptedBraze.Doing(1, Event())), default);

        Assert.That(receipt.Outcomes.Single(), Is.EqualTo(new RecordOutcome { RecordId = 1, Outcome = Outcome.NotSent, Code = "braze_not_reached" }));
        Assert.That(receipt.Condition?.Trouble, Is.EqualTo(DestinationTrouble.Unavailable));
    }

    [Test]
    public async Task Should_refuse_only_the_one_that_an_error_names_in_its_array()
    {
        using var braze = new ScriptedBraze().Know(1, 2).Answer(201, new Recording("track-events-partial"));
        var receipt = await braze.Connect().DeliverAsync(
            ScriptedBraze.Of(Operation.TrackEvent, ScriptedBraze.Doing(1, Event()), ScriptedBraze.Doing(2, Event() with { Purchase = new Purchase("sku", "EUR", 1) })), default);

        Assert.That(receipt.Outcomes.Select(outcome => (outcome.Outcome, outcome.Code)), Is.EqualTo(
            new (Outcome, string?)[] { (Outcome.Delivered, null), (Outcome.Rejected, "braze_INVALID_QUANTITY") }));
    }

    [Test]
    public async Task Should_not_guess_whom_an_error_means_that_names_no_array()
    {
        using var braze = new ScriptedBraze().Know(1, 2).Answer(201, """{"message":"success","errors":[{"type":"EMAIL_BAD_FORMAT","index":0}]}""");
        var receipt = await braze.Connect().DeliverAsync(
            ScriptedBraze.Of(Operation.TrackEvent, ScriptedBraze.Doing(1, Event()), ScriptedBraze.Doing(2, Event() with { Purchase = new Purchase("sku", "EUR", 1) })), default);
        Assert.That(receipt.Outcomes.Select(outcome => outcome.Outcome), Has.All.EqualTo(Outcome.Ambiguous));
    }

    private static IEnumerable<TestCaseData> Bad()
    {
        yield return Of("no name", Event() with { Name = "" }, "braze_bad_event_name");
        yield return Of("long name", Event() with { Name = new string('x', 256) }, "braze_bad_event_name");
        yield return Of("reserved property", Event() with { Properties = [new("time", FieldValue.Of("x"))] }, "field_not_writable");
        yield return Of("the hub's property", Event() with { Properties = [new("hub_event_id", FieldValue.Of("x"))] }, "field_not_writable");
        yield return Of("dollar property", Event() with { Properties = [new("$x", FieldValue.Of("x"))] }, "field_not_writable");
        yield return Of("long text", Event() with { Properties = [new("x", FieldValue.Of(new string('x', 256)))] }, "text_too_long");
        yield return Of("purchase with a reserved property", Event() with { Purchase = new("s", "EUR", 1), Properties = [new("price", FieldValue.Of("x"))] }, "field_not_writable");
        yield return Of("too many pieces", Event() with { Purchase = new("s", "EUR", 1, 101) }, "braze_INVALID_QUANTITY");
        yield return Of("no product", Event() with { Purchase = new("", "EUR", 1) }, "braze_bad_product_id");
        yield return Of(
            "too many properties",
            Event() with { Properties = [.. Enumerable.Range(0, 500).Select(id => new Field($"p{id}", FieldValue.Of(new string('x', 250))))] }, "record_too_large");

        static TestCaseData Of(string name, Behavior tracked, string code) => new TestCaseData(tracked, code).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Bad))]
    public async Task Should_be_refused_when_braze_would_refuse_or_drop_it(Behavior tracked, string code)
    {
        using var braze = new ScriptedBraze().Know(1, 2).Answer(201, ScriptedBraze.Success);
        var receipt = await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.TrackEvent, ScriptedBraze.Doing(1, tracked), ScriptedBraze.Doing(2, Event())), default);
        Assert.That(receipt.Outcomes.Select(outcome => (outcome.Outcome, outcome.Code)), Is.EqualTo(new (Outcome, string?)[] { (Outcome.Rejected, code), (Outcome.Delivered, null) }));
    }

    private static Behavior Event() => new() { Id = Guid.NewGuid(), Name = "viewed", OccurredAt = new DateTimeOffset(2026, 11, 21, 11, 0, 0, TimeSpan.Zero) };

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
