using System.Net;
using System.Net.Sockets;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo;
using IntegrationHub.Connectors.Sandbox;
using static Connectors.Tests.Marketo.People;
using static Connectors.Tests.Marketo.ScriptedMarketo;

namespace Connectors.Tests.Marketo;

public sealed class When_marketo_calls_pass_the_gate
{
    private readonly WatchedGate _gate = new();

    [SetUp]
    public void Forget()
    {
        _gate.Entered.Clear();
        _gate.Told.Clear();
        _gate.Refuse = static _ => null;
    }

    [Test]
    public async Task Should_enter_once_per_call_by_its_endpoint_and_leave_when_it_is_answered()
    {
        using var marketo = new ScriptedMarketo { Gate = _gate }.Rows(Row(501, "created")).Rows(Row(501, "added"));
        await marketo.Connect().DeliverAsync(Of(Operation.AddMember, Person(1)), default);
        Assert.That(_gate.Entered, Is.EqualTo(new[] { MarketoApiVersion.SyncLeads, MarketoApiVersion.AddToList }), "The token call does not count.");
        Assert.That((_gate.Open, _gate.Told.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task Should_hold_the_permit_while_the_call_is_under_way()
    {
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        using var marketo = new ScriptedMarketo { Gate = _gate }.Answer(() => answer.Task);
        var delivery = marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        await Until.TrueAsync(() => marketo.Sent.Count == 2);
        Assert.That(_gate.Open, Is.EqualTo(1));
        answer.SetResult(Json("""{"success":true,"result":[{"id":501,"status":"created"}]}"""));
        await delivery;
        Assert.That(_gate.Open, Is.Zero);
    }

    [Test]
    public async Task Should_start_the_calls_time_after_the_gate()
    {
        var time = new WatchedTime();
        var atGate = -1;
        _gate.Refuse = _ =>
        {
            atGate = time.Timers.Count();
            return null;
        };
        using var marketo = new ScriptedMarketo { Gate = _gate, Time = time }.Rows(Row(501, "updated"));
        await marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        Assert.That(atGate, Is.Zero, "No timer runs while the gate holds the call back.");
    }

    [Test]
    public async Task Should_make_no_call_that_the_gate_refuses()
    {
        var used = new DestinationCondition(DestinationTrouble.Throttled, "daily_quota_used", TimeSpan.FromHours(3));
        _gate.Refuse = endpoint => endpoint == MarketoApiVersion.AddToList ? used : null;
        using var marketo = new ScriptedMarketo { Gate = _gate }.Rows(Row(501, "created"), Skipped("1003"));
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.AddMember, Person(1), Person(2)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 NotSent daily_quota_used #501", "2 Rejected marketo_1003" }));
        Assert.That(receipt.Condition, Is.EqualTo(used));
        Assert.That((marketo.Sent.Count, _gate.Open), Is.EqualTo((2, 0)));
    }

    [Test]
    public async Task Should_say_why_a_read_was_refused()
    {
        var used = new DestinationCondition(DestinationTrouble.Throttled, "daily_quota_used");
        _gate.Refuse = _ => used;
        using var marketo = new ScriptedMarketo { Gate = _gate };
        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await marketo.Connect().ReadProfilesAsync(["a@example.test"], [], default));
        Assert.That(thrown!.Condition, Is.EqualTo(used));
        Assert.That(marketo.Sent, Is.Empty);
    }

    [TestCase("606", "rate max - left 0 for 00:00:20")]
    [TestCase("615", "rate max - left 0 for 00:00:02")]
    [TestCase("607", "daily max - left 0 for 18:00:00")]
    [TestCase("604", "not counted")]
    [TestCase("605", "not counted")]
    [TestCase("608", "not counted")]
    [TestCase("611", "not counted")]
    public async Task Should_report_what_a_code_says_about_the_budgets(string code, string told)
    {
        using var marketo = new ScriptedMarketo { Gate = _gate }.Fail(code);
        await marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        Assert.That(_gate.Told, Is.EqualTo(new[] { told }));
    }

    [TestCase("601")]
    [TestCase("602")]
    public async Task Should_count_a_call_with_a_refused_token_once_or_not_at_all(string code)
    {
        using var healed = new ScriptedMarketo { Gate = _gate }.Fail(code).Rows(Row(501, "updated"));
        await healed.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        Assert.That((_gate.Entered.Count, _gate.Told.Count), Is.EqualTo((1, 0)));

        using var refused = new ScriptedMarketo { Gate = _gate }.Fail(code).Fail(code);
        await refused.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        Assert.That(_gate.Told, Is.EqualTo(new[] { "not counted" }));
    }

    [TestCase("603")]
    [TestCase("713")]
    [TestCase("1003")]
    public async Task Should_count_every_other_code(string code)
    {
        using var marketo = new ScriptedMarketo { Gate = _gate }.Fail(code);
        await marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        Assert.That(_gate.Told, Is.Empty);
    }

    [Test]
    public async Task Should_not_count_a_call_that_never_left()
    {
        using var noToken = new ScriptedMarketo { Gate = _gate, Identity = _ => Task.FromResult(Json("", HttpStatusCode.ServiceUnavailable)) };
        var unavailable = await noToken.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(1, "501")), default);
        Assert.That(unavailable.Told(), Is.EqualTo(new[] { "1 NotSent http_503 #501" }), "Not ambiguous: no call was made.");

        using var noRoute = new ScriptedMarketo { Gate = _gate }.Answer(() =>
            throw new HttpRequestException(HttpRequestError.ConnectionError, "refused", new SocketException((int)SocketError.ConnectionRefused)));
        var notReached = await noRoute.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        Assert.That(notReached.Told(), Is.EqualTo(new[] { "1 NotSent connection_refused" }));
        Assert.That(notReached.Condition?.Trouble, Is.EqualTo(DestinationTrouble.Unavailable));
        Assert.That(_gate.Told, Is.EqualTo(new[] { "not counted", "not counted" }));
    }

    [Test]
    public async Task Should_correct_the_day_by_the_vendors_usage_report_when_it_checks()
    {
        var time = Clock.AtNoon();
        await using var sandbox = await SandboxClient.StartAsync(new SandboxOptions { Quotas = true, Time = time });
        sandbox.Marketo.SpendCalls(40);
        Assert.That(await sandbox.Connect(time: time, gate: _gate).CheckAsync(default), Is.Null);
        Assert.That(_gate.Told, Is.EqualTo(new[] { "daily max 50000 left 49958 for 18:00:00" }), "40 of others, the description and the report itself.");
    }

    [Test]
    public async Task Should_be_fine_without_a_usage_report()
    {
        using var marketo = new ScriptedMarketo { Gate = _gate }.Rows("""{"searchableFields":[["email"]],"fields":[]}""").Answer("""{"success":true,"result":[]}""");
        Assert.That(await marketo.Connect("email", ("calls_per_day", "20000")).CheckAsync(default), Is.Null);
        Assert.That(_gate.Told, Is.Empty);
    }

    [Test]
    public void Should_count_by_every_endpoint_but_the_identity_one()
    {
        var limits = MarketoDescriptor.Value.RateLimits;
        Assert.That(limits.Select(limit => (limit.Name, limit.Kind)), Is.EqualTo(new[] { ("rate", RateWindow.Rolling), ("daily", RateWindow.Day) }));
        Assert.That(limits[1].ResetZone, Is.EqualTo("America/Chicago"));
        foreach (var limit in limits)
        {
            Assert.That(MarketoApiVersion.Endpoints.Where(endpoint => !limit.Covers(endpoint)), Is.EqualTo(new[] { MarketoApiVersion.Token }));
        }
    }
}
