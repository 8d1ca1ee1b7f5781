using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.HubSpot;
using Microsoft.Extensions.Time.Testing;
using static Connectors.Tests.HubSpot.Batches;

namespace Connectors.Tests.HubSpot;

public sealed class When_the_gate_stands_before_calls
{
    private static readonly DestinationCondition Refusal = new(DestinationTrouble.Throttled, "quota_daily", TimeSpan.FromHours(3));

    [Test]
    public async Task Should_enter_it_once_per_call_with_the_endpoint_and_leave_it_when_the_answer_is_read()
    {
        var gate = new WatchedGate();
        using var hubspot = new ScriptedHubSpot { Gate = gate }
            .Upsert((1, "501"))
            .Answer(_ => gate.Open == 1 ? Ok("""{"recordsIdsAdded":["501"]}""") : throw new InvalidOperationException("The permit of the first call is still held, or this one has none."));

        await hubspot.Connect().DeliverAsync(Of(Operation.AddMember, Person(1)), default);

        Assert.That(gate.Entered, Is.EqualTo(new[] { HubSpotApiVersion.UpsertContacts, HubSpotApiVersion.AddMembers }));
        Assert.That(gate.Open, Is.Zero);
    }

    [TestCase(Operation.UpsertProfile)]
    [TestCase(Operation.AddMember)]
    [TestCase(Operation.RemoveMember)]
    [TestCase(Operation.SetConsent)]
    [TestCase(Operation.TrackEvent)]
    [TestCase(Operation.ChangeKey)]
    [TestCase(Operation.MergeProfiles)]
    [TestCase(Operation.DeleteProfile)]
    public async Task Should_send_nothing_when_it_refuses(Operation operation)
    {
        using var hubspot = new ScriptedHubSpot { Gate = new WatchedGate { Refusal = Refusal } };
        var item = Person(1) with
        {
            Consent = new ConsentChange { Email = "ann@example.test", MarketingEmail = false, DecidedAt = DateTimeOffset.UnixEpoch },
            Event = new Behavior { Id = Guid.Empty, Name = "pe1_x", OccurredAt = DateTimeOffset.UnixEpoch },
            Identity = new IdentityChange { NewKey = "b", OtherKey = "c" },
        };

        foreach (var values in new[] { Array.Empty<(string, string)>(), [("consent_calls", "single")] })
        {
            var receipt = await hubspot.Connect("hub_external_id", values).DeliverAsync(Of(operation, item), default);

            Assert.That(receipt.Condition, Is.EqualTo(Refusal));
            Assert.That(receipt.Record(1), Is.EqualTo(new RecordOutcome { RecordId = 1, Outcome = Outcome.NotSent, Code = "quota_daily" }));
        }

        Assert.That(hubspot.Sent, Is.Empty);
    }

    [Test]
    public async Task Should_say_why_when_it_refuses_what_is_no_delivery()
    {
        using var hubspot = new ScriptedHubSpot { Gate = new WatchedGate { Refusal = Refusal } };
        var connector = hubspot.Connect();

        Assert.That(await connector.CheckAsync(default), Is.EqualTo(Refusal));
        Assert.That((await connector.EnsureAudienceAsync(new("spring", "Spring"), default)).Condition, Is.EqualTo(Refusal));
        foreach (var read in new Func<Task>[]
        {
            async () => await connector.ReadProfilesAsync(["a"], [], default),
            async () => await connector.InspectAsync([], default),
            async () => await connector.ListMembersAsync(Audience, default).GetAsyncEnumerator().MoveNextAsync(),
        })
        {
            Assert.That((await Assert.ThrowsAsync<DestinationException>(() => read()))!.Condition, Is.EqualTo(Refusal));
        }

        Assert.That(hubspot.Sent, Is.Empty);
    }

    [Test]
    public async Task Should_let_the_time_limit_of_a_call_start_behind_it()
    {
        var gate = new WatchedGate();
        var openAtStart = new List<int>();
        var time = new WatchedTime(() => openAtStart.Add(gate.Open));
        using var hubspot = new ScriptedHubSpot { Gate = gate, Time = time }.Upsert((1, "501"));

        await hubspot.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);

        Assert.That(openAtStart, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task Should_report_what_the_headers_say()
    {
        var gate = new WatchedGate();
        using var hubspot = new ScriptedHubSpot { Gate = gate, Time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 21, 22, 0, 0, TimeSpan.Zero)) }.Answer(_ =>
        {
            var answer = Ok(ScriptedHubSpot.Contacts((1, "501")));
            answer.Headers.Add("X-HubSpot-RateLimit-Max", "100");
            answer.Headers.Add("X-HubSpot-RateLimit-Remaining", "97");
            answer.Headers.Add("X-HubSpot-RateLimit-Interval-Milliseconds", "10000");
            answer.Headers.Add("X-HubSpot-RateLimit-Daily", "250000");
            answer.Headers.Add("X-HubSpot-RateLimit-Daily-Remaining", "1234");
            return answer;
        });

        await hubspot.Connect("hub_external_id", ("account_time_zone", "UTC")).DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);

        Assert.That(gate.Reported, Is.EqualTo(new[]
        {
            new QuotaReading("burst", 100, 97, null), new QuotaReading("daily", 250_000, 1_234, TimeSpan.FromHours(2)),
        }));
    }

    [TestCase("""{"errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}""", null, "burst", 10)]
    [TestCase("""{"errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}""", "4", "burst", 4)]
    [TestCase("""{"errorType":"RATE_LIMIT","policyName":"DAILY"}""", null, "daily", 7200)]
    [TestCase("""{"category":"RATE_LIMITS"}""", null, "burst", 10)]
    public async Task Should_report_that_nothing_is_left_when_a_call_is_throttled(string body, string? retryAfter, string limit, int seconds)
    {
        var gate = new WatchedGate();
        using var hubspot = new ScriptedHubSpot { Gate = gate, Time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 21, 22, 0, 0, TimeSpan.Zero)) }
            .Answer(429, body, retryAfter);

        var receipt = await hubspot.Connect("hub_external_id", ("account_time_zone", "UTC")).DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);

        Assert.That(gate.Reported, Is.EqualTo(new[] { new QuotaReading(limit, null, 0, TimeSpan.FromSeconds(seconds), Refused: true) }));
        Assert.That((receipt.Record(1).Outcome, receipt.Condition!.RetryAfter), Is.EqualTo((Outcome.NotSent, TimeSpan.FromSeconds(seconds))));
    }

    [Test]
    public async Task Should_report_the_limit_of_events_apart()
    {
        var gate = new WatchedGate();
        using var hubspot = new ScriptedHubSpot { Gate = gate }
            .Answer(200, """{"results":[{"id":"501","properties":{"hub_external_id":"c-1"}}]}""")
            .Answer(429, """{"errorType":"RATE_LIMIT","policyName":"SECONDLY"}""");

        await hubspot.Connect().DeliverAsync(
            Of(Operation.TrackEvent, Person(1) with { Event = new Behavior { Id = Guid.Empty, Name = "pe1_x", OccurredAt = DateTimeOffset.UnixEpoch } }), default);

        Assert.That(gate.Reported, Is.EqualTo(new[] { new QuotaReading("events", null, 0, TimeSpan.FromSeconds(1), Refused: true) }));
    }

    [Test]
    public async Task Should_not_count_a_call_that_never_left_for_want_of_a_token()
    {
        var gate = new WatchedGate();
        using var hubspot = new ScriptedHubSpot { Gate = gate, Token = null };

        await hubspot.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);

        Assert.That(gate.Uncounted, Is.EqualTo(1));
        Assert.That(hubspot.Sent, Is.Empty);
    }

    [Test]
    public void Should_declare_limits_that_its_endpoints_draw_on()
    {
        var limits = HubSpotDescriptor.Instance.RateLimits.ToDictionary(static limit => limit.Name);

        Assert.That(limits.Keys, Is.EqualTo(new[] { "burst", "daily", "searches", "events" }));
        Assert.That(limits.Values.Select(static limit => limit.Kind), Is.EqualTo(new[] { RateWindow.Rolling, RateWindow.Day, RateWindow.Rolling, RateWindow.Rolling }));
        Assert.That(HubSpotDescriptor.Instance.Endpoints.Where(limits["searches"].Covers), Is.EqualTo(new[] { HubSpotApiVersion.SearchContacts }));
        Assert.That(HubSpotDescriptor.Instance.Endpoints.Where(limits["events"].Covers), Is.EqualTo(new[] { HubSpotApiVersion.SendEvents }));
        Assert.That(HubSpotDescriptor.Instance.Endpoints, Has.All.Matches<VendorEndpoint>(endpoint => limits["burst"].Covers(endpoint!) && limits["daily"].Covers(endpoint!)));
    }

    [TestCase(HubSpotSandbox.OthersUsedBurst, "burst")]
    [TestCase(HubSpotSandbox.OthersUsedDay, "daily")]
    public async Task Should_learn_that_others_have_used_the_budget(string variant, string limit)
    {
        await using var account = await HubSpotAccount.StartAsync(new SandboxOptions());
        var gate = new WatchedGate();
        account.Room.Faults.Add(new Fault { Kind = FaultKind.Vendor, Variant = variant, Calls = 1 });

        var receipt = await account.Connect(gate).DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);

        Assert.That(receipt.Condition!.Trouble, Is.EqualTo(DestinationTrouble.Throttled));
        Assert.That(gate.Reported.Last(), Has.Property("Limit").EqualTo(limit).And.Property("Remaining").EqualTo(0));
    }

    private static HttpResponseMessage Ok(string body) => new(System.Net.HttpStatusCode.OK) { Content = new StringContent(body) };

    private sealed class WatchedGate : ICallGate
    {
        public List<VendorEndpoint> Entered { get; } = [];

        public List<QuotaReading> Reported { get; } = [];

        public int Open { get; private set; }

        public int Uncounted { get; private set; }

        public DestinationCondition? Refusal { get; init; }

        public async ValueTask<CallPermit> EnterAsync(VendorEndpoint endpoint, CancellationToken cancellationToken)
        {
            await Task.Yield();
            Entered.Add(endpoint);
            Open++;
            return new Permit(this);
        }

        private sealed class Permit(WatchedGate gate) : CallPermit
        {
            public override DestinationCondition? Refusal => gate.Refusal;

            public override void Report(QuotaReading reading) => gate.Reported.Add(reading);

            public override void NotCounted() => gate.Uncounted++;

            protected override void Dispose(bool disposing)
            {
                gate.Open--;
                base.Dispose(disposing);
            }
        }
    }
}
