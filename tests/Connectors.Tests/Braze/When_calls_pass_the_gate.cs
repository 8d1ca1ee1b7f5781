using Connectors.Tests.Marketo;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Tests.Braze;

public sealed class When_calls_pass_the_gate
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_795_262_400);

    [Test]
    public async Task Should_enter_before_every_call_and_leave_after_the_answer()
    {
        var gate = new WatchedGate();
        using var braze = new ScriptedBraze { Gate = gate }.Answer(200, new Recording("export-two")).Answer(202, new Recording("merge-ok"));
        await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.MergeProfiles, ScriptedBraze.Changing(41, new() { OtherKey = "c-42" })), default);

        Assert.That(gate.Log, Is.EqualTo(new[] { "enter /users/export/ids", "leave", "enter /users/merge", "leave" }));
    }

    [TestCase(Operation.AddMember)]
    [TestCase(Operation.TrackEvent)]
    [TestCase(Operation.SetConsent)]
    [TestCase(Operation.DeleteProfile)]
    public async Task Should_call_nobody_when_it_is_refused(Operation operation)
    {
        var refusal = new DestinationCondition(DestinationTrouble.Throttled, "quota_spent", TimeSpan.FromHours(3));
        using var braze = new ScriptedBraze { Gate = new WatchedGate { Refusal = refusal } };
        var item = ScriptedBraze.Person(1) with
        {
            Event = new Behavior { Id = Guid.NewGuid(), Name = "viewed", OccurredAt = Now },
            Consent = new ConsentChange { MarketingEmail = false, DecidedAt = Now },
        };
        var receipt = await braze.Connect().DeliverAsync(ScriptedBraze.Of(operation, item), default);

        Assert.That(braze.Sent, Is.Empty);
        Assert.That(receipt.Condition, Is.EqualTo(refusal));
        Assert.That(receipt.Outcomes.Single(), Is.EqualTo(new RecordOutcome { RecordId = 1, Outcome = Outcome.NotSent, Code = "quota_spent" }));
    }

    [Test]
    public async Task Should_say_so_when_reading_is_refused()
    {
        var refusal = new DestinationCondition(DestinationTrouble.Throttled, "quota_spent");
        using var braze = new ScriptedBraze { Gate = new WatchedGate { Refusal = refusal } };
        Assert.That(
            (await Assert.ThrowsAsync<DestinationException>(async () => await braze.Connect().ReadProfilesAsync(["c-1"], [], default)))!.Condition, Is.EqualTo(refusal));
    }

    [TestCase(201, "1795262402", 2)]
    [TestCase(201, "2", 2)]
    public async Task Should_report_what_the_headers_say(int status, string reset, int seconds)
    {
        var gate = new WatchedGate();
        using var braze = new ScriptedBraze { Gate = gate, Time = new FakeTimeProvider(Now) }
            .Answer(status, ScriptedBraze.Success, ("x-ratelimit-limit", "3000"), ("x-ratelimit-remaining", "2997"), ("x-ratelimit-reset", reset));
        await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.AddMember, 1), default);

        Assert.That(gate.Readings, Is.EqualTo(new[] { new QuotaReading("track", 3000, 2997, TimeSpan.FromSeconds(seconds)) }));
    }

    [Test]
    public async Task Should_report_a_refusal_even_without_headers()
    {
        var gate = new WatchedGate();
        using var braze = new ScriptedBraze { Gate = gate }.Answer(429, Recorded.Read("err-rate-limited"));
        await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.AddMember, 1), default);
        Assert.That(gate.Readings, Is.EqualTo(new[] { new QuotaReading("track", null, null, null, Refused: true) }));
    }

    /// <summary>A second to wait is no hour without calls: the budget is used up only when the vendor counts it down to nothing.</summary>
    [TestCase("x-ratelimit-retry-after", "1", null, null, 1)]
    [TestCase("Retry-After", "1", "249000", 249_000, 1)]
    [TestCase("x-ratelimit-reset", "1795263300", "0", 0, 900)]
    public async Task Should_report_a_429_as_the_wait_that_it_states(string header, string value, string? left, int? remaining, int seconds)
    {
        var gate = new WatchedGate();
        using var braze = new ScriptedBraze { Gate = gate, Time = new FakeTimeProvider(Now) }
            .Answer(429, Recorded.Read("err-rate-limited"), left is null ? [(header, value)] : [(header, value), ("x-ratelimit-remaining", left)]);
        var item = ScriptedBraze.Deciding(1, new ConsentChange { MarketingEmail = false, DecidedAt = Now }) with { Key = "c-1@example.test" };
        var receipt = await braze.Connect("email").DeliverAsync(ScriptedBraze.Of(Operation.SetConsent, item), default);

        Assert.That(gate.Readings, Is.EqualTo(new[] { new QuotaReading("general", null, remaining, TimeSpan.FromSeconds(seconds), Refused: true) }));
        Assert.That(receipt.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Throttled, "braze_429", TimeSpan.FromSeconds(seconds))));
    }

    [Test]
    public async Task Should_report_nothing_when_the_answer_says_nothing()
    {
        var gate = new WatchedGate();
        using var braze = new ScriptedBraze { Gate = gate }.Answer(201, ScriptedBraze.Success);
        await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.AddMember, 1), default);
        Assert.That(gate.Readings, Is.Empty);
    }

    [Test]
    public async Task Should_not_count_the_wait_at_the_gate_as_time_of_the_call()
    {
        var (gate, time) = (new WatchedGate { Opens = new TaskCompletionSource() }, new WatchedTime());
        using var braze = new ScriptedBraze { Gate = gate, Time = time }.Answer(201, ScriptedBraze.Success);
        var delivery = braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.AddMember, 1), default);
        Assert.That((delivery.IsCompleted, braze.Sent.Count, time.Timers.Count()), Is.EqualTo((false, 0, 0)), "No deadline runs while it waits.");

        gate.Opens.SetResult();
        Assert.That((await delivery).Outcomes.Single().Outcome, Is.EqualTo(Outcome.Delivered));
        Assert.That(time.Timers.Count(), Is.EqualTo(1));
    }

    [Test]
    public void Should_draw_every_endpoint_on_one_limit() => Assert.Multiple(() =>
    {
        var descriptor = BrazeDescriptor.Instance;
        foreach (var endpoint in descriptor.Endpoints)
        {
            Assert.That(descriptor.RateLimits.Count(limit => limit.Covers(endpoint)), Is.EqualTo(1), endpoint.Path);
        }

        Assert.That(descriptor.RateLimits, Has.All.Matches<RateLimit>(limit => limit!.Kind == RateWindow.Fixed && limit.Endpoints.All(descriptor.Endpoints.Contains)));
    });

    private sealed class WatchedGate : ICallGate
    {
        public List<string> Log { get; } = [];

        public List<QuotaReading> Readings { get; } = [];

        public DestinationCondition? Refusal { get; init; }

        public TaskCompletionSource? Opens { get; init; }

        public async ValueTask<CallPermit> EnterAsync(VendorEndpoint endpoint, CancellationToken cancellationToken)
        {
            Log.Add($"enter {endpoint.Path}");
            await (Opens?.Task ?? Task.CompletedTask);
            return new Permit(this);
        }

        private sealed class Permit(WatchedGate gate) : CallPermit
        {
            public override DestinationCondition? Refusal => gate.Refusal;

            public override void Report(QuotaReading reading) => gate.Readings.Add(reading);

            protected override void Dispose(bool disposing)
            {
                gate.Log.Add("leave");
                base.Dispose(disposing);
            }
        }
    }
}
