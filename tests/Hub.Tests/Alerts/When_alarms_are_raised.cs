using System.Reflection;
using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Tests.Docs;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Tests.Alerts;

/// <summary>What somebody has to know of, how soon, and what is one cause.</summary>
public sealed class When_alarms_are_raised
{
    private static readonly DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void Should_make_one_of_a_dead_destination_and_all_its_runs()
    {
        var alarms = AlertRules.Of([.. Enumerable.Range(0, 40).Select(_ => Of(DiagnosisCode.Unauthorized, records: 10)), Of(DiagnosisCode.Unauthorized, "backlog", Lane.Urgent, 5), Of(DiagnosisCode.Unauthorized, "backlog", Lane.Bulk, 400)], _now);
        Assert.That(alarms, Has.Count.EqualTo(1));
        Assert.That((alarms[0].Cause, alarms[0].Severity, alarms[0].Records), Is.EqualTo(("destination:acme:unauthorized", AlertSeverity.Critical, 405L)), "somebody's withdrawal waits, and no record is counted twice");
    }

    [TestCase(DiagnosisCode.Quota)]
    [TestCase(DiagnosisCode.VendorLimit)]
    [TestCase(DiagnosisCode.Paused)]
    [TestCase(DiagnosisCode.VendorJob)]
    public void Should_wake_nobody_for_what_goes_on_by_itself(string code) => Assert.That(AlertRules.Of([Of(code)], _now), Is.Empty);

    [TestCase(5, false)]
    [TestCase(7, true)]
    public void Should_wait_whether_a_vendor_that_was_asked_to_delete_somebody_does(int hours, bool isAlarm) =>
        Assert.That(AlertRules.Of([Of(DiagnosisCode.ErasureHeld, "erasure") with { Since = _now.AddHours(-hours) }], _now), Has.Count.EqualTo(isAlarm ? 1 : 0));

    [TestCase(1, false)]
    [TestCase(6, true)]
    public void Should_wait_whether_a_destination_answers_again(int minutes, bool isAlarm) =>
        Assert.That(AlertRules.Of([Of(DiagnosisCode.CircuitOpen) with { Since = _now.AddMinutes(-minutes) }], _now), Has.Count.EqualTo(isAlarm ? 1 : 0));

    /// <summary>Hubs change over within seconds, and nobody is woken for that.</summary>
    [TestCase(30, AlertSeverity.Medium)]
    [TestCase(90, AlertSeverity.Critical)]
    public void Should_be_urgent_when_no_hub_runs_what_is_in_force(int seconds, string severity)
    {
        var behind = Of(DiagnosisCode.ConfigurationBehind, "hub") with { Destination = null, Since = _now.AddSeconds(-seconds) };
        var alarm = AlertRules.Of([behind, behind with { Code = DiagnosisCode.ConfigurationNotRun }], _now).Single();
        Assert.That((alarm.Cause, alarm.Severity), Is.EqualTo(("hubs:configuration_behind", severity)));
    }

    [Test]
    public void Should_be_one_cause_that_the_folders_of_hubs_wait() => Assert.That(
        AlertRules.Of([.. new[] { "h1", "h2" }.Select(hub => Of(DiagnosisCode.ConfigPending, "hub") with { Destination = null, Subject = hub })], _now).Select(alarm => (alarm.Cause, alarm.Severity)),
        Is.EqualTo(new[] { ("hubs:config_pending", AlertSeverity.Low) }));

    [Test]
    public void Should_know_how_soon_for_every_code_that_is_no_waiting() => Assert.That(
        DiagnosisCode.Runbooks.Keys.Where(code => AlertRules.SeverityOf(Of(code)) is null),
        Is.EquivalentTo(new[] { DiagnosisCode.Quota, DiagnosisCode.VendorLimit, DiagnosisCode.Paused, DiagnosisCode.VendorJob, DiagnosisCode.VendorCatchingUp, DiagnosisCode.Retrying, DiagnosisCode.ReadBackBudget, DiagnosisCode.WindowClosed }));

    [Test]
    public void Should_be_one_cause_from_the_half_of_the_laws_time_to_its_end_and_more_urgent_then()
    {
        AlertInput Alarm(string code) => AlertRules.Of([Of(code, "erasure") with { Destination = null, Lane = null }], _now).Single();
        Assert.That(Alarm(DiagnosisCode.ErasureLate).Cause, Is.EqualTo(Alarm(DiagnosisCode.ErasureOverdue).Cause).And.EqualTo("run:s:deadline"));
        Assert.That((Alarm(DiagnosisCode.ErasureLate).Severity, Alarm(DiagnosisCode.ErasureOverdue).Severity), Is.EqualTo((AlertSeverity.High, AlertSeverity.Critical)));
    }

    [Test]
    public void Should_be_one_cause_per_audience_that_differs_at_a_destination() => Assert.That(
        AlertRules.Of([Of(DiagnosisCode.VendorDrift, "audience") with { Subject = "vip" }, Of(DiagnosisCode.VendorDrift, "audience") with { Subject = "all" }], _now).Select(alarm => alarm.Cause),
        Is.EqualTo(new[] { "destination:acme:vendor_drift:vip", "destination:acme:vendor_drift:all" }));

    /// <summary>Owed for three days, of which the windows were open for so many hours.</summary>
    [TestCase("daily 00:00-24:00 UTC", 72, false, true)]
    [TestCase("daily 00:00-24:00 UTC", 72, true, true)]
    [TestCase("daily 00:00-09:00 UTC", 27, false, true)]
    [TestCase("daily 00:00-07:00 UTC", 21, false, false)]
    public void Should_count_only_the_time_in_which_a_window_is_open(string window, int hours, bool isClosed, bool isLate)
    {
        var waits = Waits(Lane.Backfill, 3 * 86_400);
        var situation = new Situation(_now)
        {
            Pending = [waits],
            Windows = new Dictionary<Guid, IReadOnlyList<string>> { [waits.RunId] = [window] },
            ClosedWindows = isClosed ? new Dictionary<Guid, ClosedWindow> { [waits.RunId] = new(_now.AddHours(2), [window]) } : [],
        };
        var missed = GoalRules.Of(SloRules.Usual, situation, [], new Dictionary<string, string>(), new HashSet<string>());
        Assert.That(missed.Select(alarm => alarm.Code), isLate ? Is.EqualTo(new[] { AlertCode.FreshnessMissed }) : Is.Empty);
        Assert.That(missed.Select(alarm => alarm.Sentence), Is.All.Contains("of the time in which its windows are open"));
        Assert.That(GoalJson.Of(SloRules.Usual, "acme", situation, []).Single().Freshness, Is.EqualTo(hours * 3_600));
    }

    [Test]
    public void Should_not_count_as_backlog_what_waits_for_its_window()
    {
        var waits = Waits(Lane.Backfill, 60);
        var slo = new SloRules(new Dictionary<(string, string), SloGoal> { [("", Lane.Backfill)] = new(TimeSpan.FromDays(1), TimeSpan.FromDays(2), 0.05, 2) });
        var open = new Situation(_now) { Pending = [waits] };
        Assert.That(GoalRules.Of(slo, open, [], new Dictionary<string, string>(), new HashSet<string>()).Single().Code, Is.EqualTo(AlertCode.BacklogHigh));
        var closed = open with { ClosedWindows = new Dictionary<Guid, ClosedWindow> { [waits.RunId] = new(_now.AddHours(2), ["Sun 02:00-03:00 UTC"]) } };
        Assert.That(GoalRules.Of(slo, closed, [], new Dictionary<string, string>(), new HashSet<string>()), Is.Empty);
    }

    [TestCase(DiagnosisCode.VendorDrift, Lane.Live, false)]
    [TestCase(DiagnosisCode.Approval, Lane.Live, false)]
    [TestCase(DiagnosisCode.Approval, Lane.Bulk, true)]
    [TestCase(DiagnosisCode.Unauthorized, Lane.Live, true)]
    public void Should_explain_a_delay_only_by_what_makes_late(string code, string lane, bool isExplained)
    {
        var late = AlertRules.Late(AlertRules.Of([Of(code, lane: Lane.Bulk)], _now));
        Assert.That(GoalRules.Of(SloRules.Usual, new Situation(_now) { Pending = [Waits(lane, 90_000)] }, [], new Dictionary<string, string>(), late), isExplained ? Is.Empty : Has.Count.EqualTo(1));
    }

    [Test]
    public void Should_promise_less_of_a_replay_than_of_a_run()
    {
        Assert.That(Goals(Waits(Lane.Replay, 5 * 3_600)), Is.Empty);
        Assert.That(Goals(Waits(Lane.Replay, 7 * 3_600)).Single().Severity, Is.EqualTo(AlertSeverity.Low));
        Assert.That(Goals(null, [new DeliveryMinute("acme", Lane.Replay, _now) { Delivered = 60, Rejected = 40 }]), Is.Empty, "who failed once is likely to fail again");
    }

    [TestCase(Lane.Urgent, 61, AlertSeverity.Critical)]
    [TestCase(Lane.Live, 301, AlertSeverity.High)]
    [TestCase(Lane.Bulk, 3_601, AlertSeverity.Medium)]
    public void Should_tell_what_waits_longer_than_promised(string lane, int seconds, string severity)
    {
        Assert.That(Goals(Waits(lane, seconds - 2)), Is.Empty);
        var missed = Goals(Waits(lane, seconds)).Single();
        Assert.That((missed.Code, missed.Severity), Is.EqualTo((AlertCode.FreshnessMissed, severity)));
        Assert.That(Goals(Waits(lane, seconds), explained: "acme"), Is.Empty, "its cause is known");
    }

    [Test]
    public void Should_name_the_error_that_most_of_it_meets()
    {
        var window = new DeliveryMinute("acme", Lane.Bulk, _now) { Delivered = 90, Rejected = 10 };
        var missed = Goals(null, [window]).Single();
        Assert.That(missed.Sentence, Does.Contain("10 %").And.Contain("PROPERTY_UNKNOWN"));
        Assert.That(Goals(null, [window with { Delivered = 9, Rejected = 10 }]), Is.Empty, "of so few nobody can speak of a share");
        Assert.That(Goals(null, [window with { Rejected = 4 }]), Is.Empty);
    }

    [Test]
    public void Should_tell_of_delays()
    {
        var lag = new LagHistogram();
        lag.Add(5, 50);
        Assert.That(Goals(null, [new DeliveryMinute("acme", Lane.Live, _now) { Delivered = 50, Lag = lag }]).Single().Code, Is.EqualTo(AlertCode.LagHigh));
    }

    [TestCase(60, 5, "5 s are promised; 99 of 100 were done within 60 s, and 30 s are promised.")]
    [TestCase(1, 5, null)]
    public void Should_tell_of_what_is_promised_of_half_and_of_nearly_all(int bound, int half, string? words)
    {
        var lag = new LagHistogram();
        lag.Add(LagHistogram.Seconds.ToList().IndexOf(bound), 50);
        var slo = new SloRules(new Dictionary<(string, string), SloGoal>
        {
            [("acme", Lane.Live)] = new(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5), 0.05, null) { LagP50 = TimeSpan.FromSeconds(half), LagP99 = TimeSpan.FromSeconds(30) },
        });
        var missed = GoalRules.Of(slo, new Situation(_now), [new DeliveryMinute("acme", Lane.Live, _now) { Delivered = 50, Lag = lag }], new Dictionary<string, string>(), new HashSet<string>());
        Assert.That(missed.Select(one => one.Code), Is.EqualTo(words is null ? [] : new[] { AlertCode.LagHigh }));
        Assert.That(missed.Select(one => one.Sentence), Has.All.Contains(words ?? ""));
    }

    [TestCase(AlertSeverity.Critical, 15)]
    [TestCase(AlertSeverity.High, 60)]
    [TestCase(AlertSeverity.Medium, 240)]
    [TestCase(AlertSeverity.Low, 1_440)]
    public void Should_say_by_the_severity_how_soon_somebody_has_to_answer(string severity, int minutes) => Assert.That(AlertSeverity.AnswerWithin(severity), Is.EqualTo(TimeSpan.FromMinutes(minutes)));

    [Test]
    public void Should_have_a_runbook_for_every_code_that_there_is() => Assert.That(
        AlertCode.Runbooks.Keys,
        Is.EquivalentTo(new[] { typeof(AlertCode), typeof(DiagnosisCode) }.SelectMany(codes => codes.GetFields(BindingFlags.Public | BindingFlags.Static)).Where(field => field.IsLiteral).Select(field => field.GetRawConstantValue())));

    [TestCaseSource(nameof(Codes))]
    public void Should_be_in_a_runbook(string code) => Assert.That(Runbook.Read(AlertCode.Runbooks[code]), Does.Contain($"`{code}`"));

    private static IEnumerable<string> Codes() => AlertCode.Runbooks.Keys;

    private static IReadOnlyList<AlertInput> Goals(PendingWork? waits, IReadOnlyList<DeliveryMinute>? window = null, string explained = "") => GoalRules.Of(
        SloRules.Usual, new Situation(_now) { Pending = waits is null ? [] : [waits] }, window ?? [], new Dictionary<string, string> { ["acme"] = "PROPERTY_UNKNOWN" }, new HashSet<string> { explained });

    private static PendingWork Waits(string lane, int seconds) => new("acme", lane, Guid.Empty, 3, 3, 0, _now.AddSeconds(-seconds), _now, null);

    private static Verdict Of(string code, string kind = "run", string lane = Lane.Bulk, long records = 0) =>
        new(code, "Say this.") { Kind = code == DiagnosisCode.DeadProcess ? "hub" : kind, Subject = "s", Destination = "acme", Lane = lane, Since = _now.AddHours(-1), Records = records };
}
