using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.Storage.Schedules;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Tests.Diagnosis;

/// <summary>Backfills, erasures, actions on letters, approvals, comparisons and schedules: none of them waits in silence.</summary>
public sealed class When_runs_of_every_kind_wait
{
    private static readonly DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid _run = Guid.Parse("0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a");
    private static readonly Situation _quiet = new(_now) { Hubs = [new HubSighting("h1", _now.AddHours(-1), _now, "1", "config", ["runs", "intake", "deliver-acme"], null, true)] };

    [Test]
    public void Should_say_who_asked_for_the_approval_and_how_many_have_to_agree_until_when()
    {
        var run = Run(OpenRunKind.Backfill, RunState.AwaitingApproval) with { WaitingFor = "Approval: 7 of 9 people would be written." };
        var asked = Asked($"backfill:{_run}") with { Decisions = [new ApprovalDecision("person:ben", _now, true, null)] };
        var verdict = Diagnoser.OfRun(run, _quiet with { Approvals = [Asked("run:another"), asked] })!;
        Assert.That(verdict.Sentence, Is.EqualTo(
            $"Approval: 7 of 9 people would be written. person:anna asked at 2026-03-01 10:00:00Z; 1 of 2 other people still has to agree (person:ben did), until 2026-03-08 10:00:00Z: 'approvals show {asked.ApprovalId}'."));
        Assert.That((verdict.Code, verdict.Kind, verdict.Since, verdict.Action), Is.EqualTo((DiagnosisCode.Approval, "backfill", (DateTimeOffset?)asked.Request.At, $"approvals show {asked.ApprovalId}")));
    }

    [Test]
    public void Should_say_who_asked_for_a_run_that_needs_no_formal_approval()
    {
        var run = Run(OpenRunKind.Rollback, RunState.AwaitingApproval) with { WaitingFor = "Approval: 7 of 9 people would be written.", RequestedBy = "person:anna", RollsBack = Guid.Empty };
        var verdict = Diagnoser.OfRun(run, _quiet)!;
        Assert.That(verdict.Sentence, Does.StartWith($"It would take back what run {Guid.Empty} wrote.").And.EndsWith("person:anna asked for it at 2026-03-01 11:50:00Z."));
        Assert.That((verdict.Kind, verdict.Action), Is.EqualTo((OpenRunKind.Rollback, $"backfill show {_run}")));
    }

    [Test]
    public void Should_tell_of_approvals_that_are_no_runs_and_of_each_once()
    {
        var situation = _quiet with { Runs = [Run(OpenRunKind.AudienceSync, RunState.AwaitingApproval) with { WaitingFor = "Held." }], Approvals = [Asked($"run:{_run}"), Asked("merge:4711")] };
        var verdicts = Diagnoser.Explain(situation);
        Assert.That(verdicts.Select(verdict => (verdict.Kind, verdict.Subject)), Is.EqualTo(new[] { ("run", _run.ToString()), ("approval", situation.Approvals[1].ApprovalId.ToString()) }));
        Assert.That(verdicts[1].Sentence, Does.StartWith("What is asked for. person:anna asked"));
    }

    [Test]
    public void Should_tell_what_goes_on_by_itself_and_when()
    {
        var reading = Run(OpenRunKind.AudienceSync, RunState.Verifying) with { ReadBackAt = _now.AddMinutes(5), WaitingFor = "The vendor shows 3 of 9 yet." };
        var budget = _quiet with { ReadBackWaits = new Dictionary<Guid, ReadBackWait> { [_run] = new(_now.AddHours(12), IsForFile: false) } };
        var window = _quiet with { ClosedWindows = new Dictionary<Guid, ClosedWindow> { [_run] = new(_now.AddHours(2), ["Sun 02:00-03:00 UTC"]) } };
        Assert.That(Diagnoser.OfRun(reading, _quiet), Has.Property(nameof(Verdict.Code)).EqualTo(DiagnosisCode.VendorCatchingUp).And.Property(nameof(Verdict.Sentence)).EqualTo("The vendor shows 3 of 9 yet."));
        Assert.That(Diagnoser.OfRun(Run(OpenRunKind.Reconciliation, RunState.Planning), budget), Has.Property(nameof(Verdict.Code)).EqualTo(DiagnosisCode.ReadBackBudget).And.Property(nameof(Verdict.Sentence)).Contains("2026-03-02 00:00:00Z"));
        Assert.That(Diagnoser.OfRun(Run(OpenRunKind.Backfill, RunState.Delivering), window)!.Code, Is.EqualTo(DiagnosisCode.WindowClosed));
        Assert.That(Diagnoser.OfRun(Run(OpenRunKind.Backfill, RunState.Planning), window), Is.Null, "it is planned at any time");
    }

    [TestCase(JobOutcome.Failed, true)]
    [TestCase(JobOutcome.Done, false)]
    public void Should_tell_of_a_job_of_the_hubs_own_that_failed(string outcome, bool isTold)
    {
        var plan = new BellPlan("hub.audit", "0 5 * * * ?", TimeZoneInfo.Utc, MissedBell.Once);
        var verdicts = OverdueBells.Explain(_quiet with { Bells = [new JobRun("hub.audit", _now.AddMinutes(-55), _now, "h1", outcome, "job_error", "The log could not be read.", [])] }, [plan]);
        Assert.That(verdicts.Select(verdict => (verdict.Code, verdict.Subject, verdict.Action)), Is.EqualTo(isTold ? new[] { (DiagnosisCode.JobFailed, "hub.audit", "schedules ring hub.audit") } : []));
        Assert.That(verdicts.Select(verdict => verdict.Sentence), Has.All.Contains("The log could not be read."));
    }

    /// <summary>What the hub holds it would hold again: the action is the one that the sentence names first.</summary>
    [Test]
    public void Should_be_ended_where_to_go_on_would_not_help()
    {
        var run = Run(OpenRunKind.Backfill, RunState.Paused);
        Assert.That(Diagnoser.OfRun(run with { WaitingFor = $"Paused by hub: it is another mapping. Cancel it: 'backfill cancel {run.Subject}'. Or 'backfill resume {run.Subject}'." }, _quiet)!.Action, Is.EqualTo($"backfill cancel {run.Subject}"));
    }

    [Test]
    public void Should_name_the_verb_of_the_kind_that_lets_a_run_go_on() => Assert.That(
        new[] { OpenRunKind.AudienceSync, OpenRunKind.Backfill, OpenRunKind.Rollback }.Select(kind => Diagnoser.OfRun(Run(kind, RunState.Paused) with { WaitingFor = "Paused by anna." }, _quiet)!.Action),
        Is.EqualTo(new[] { $"sync resume {_run}", $"backfill resume {_run}", $"backfill resume {_run}" }));

    [Test]
    public void Should_explain_a_backfill_by_its_destinations_trouble()
    {
        var situation = _quiet with { Conditions = [new StoredCondition("acme", "unauthorized", "http_401", _now.AddMinutes(5), _now.AddHours(-1), 31)] };
        Assert.That(Diagnoser.OfRun(Run(OpenRunKind.Backfill, RunState.Delivering), situation), Has.Property(nameof(Verdict.Code)).EqualTo(DiagnosisCode.Unauthorized).And.Property(nameof(Verdict.Lane)).EqualTo(Lane.Backfill));
    }

    [TestCase(10, DiagnosisCode.ErasureHeld, "hubspot (http_403): asked again by itself. It has to be done by")]
    [TestCase(16, DiagnosisCode.ErasureLate, "hubspot (http_403): asked again by itself. Half of its time is over")]
    [TestCase(31, DiagnosisCode.ErasureOverdue, "hubspot (http_403): asked again by itself. It had to be done by")]
    public void Should_say_which_destination_holds_an_erasure_and_how_much_time_the_law_leaves(int days, string code, string sentence)
    {
        var verdict = Diagnoser.OfRun(Erasure(ErasurePhase.ErasingDestinations, days) with { WaitingFor = "hubspot (http_403): asked again by itself." }, _quiet)!;
        Assert.That((verdict.Code, verdict.Kind, verdict.Destination, verdict.Lane, verdict.Action), Is.EqualTo((code, "erasure", (string?)null, (string?)null, $"erase show {_run}")));
        Assert.That(verdict.Sentence, Does.StartWith(sentence));
    }

    [Test]
    public void Should_let_the_laws_time_run_while_an_erasure_waits_for_a_person()
    {
        var situation = _quiet with { Approvals = [Asked($"erasure:{_run}")] };
        Assert.That(Diagnoser.OfRun(Erasure(ErasurePhase.AwaitingApproval, 3), situation)!.Code, Is.EqualTo(DiagnosisCode.Approval));
        var late = Diagnoser.OfRun(Erasure(ErasurePhase.AwaitingApproval, 20), situation)!;
        Assert.That((late.Code, late.Action), Is.EqualTo((DiagnosisCode.ErasureLate, $"approvals show {situation.Approvals[0].ApprovalId}")));
        Assert.That(late.Sentence, Does.Contain("person:anna asked").And.Contain("Half of its time is over"));
    }

    [Test]
    public void Should_be_silent_of_an_erasure_that_moves_or_is_only_looked_after()
    {
        Assert.That(Diagnoser.OfRun(Erasure(ErasurePhase.ErasingOwn, 1), _quiet), Is.Null, "it moved a moment ago");
        Assert.That(Diagnoser.OfRun(Erasure(ErasurePhase.ErasingOwn, 1) with { LastProgressAt = _now.AddHours(-1) }, _quiet)!.Code, Is.EqualTo(DiagnosisCode.Unanswered));
        Assert.That(Diagnoser.OfRun(Erasure(ErasurePhase.Rechecking, 60) with { LastProgressAt = _now.AddDays(-50) }, _quiet), Is.Null, "the person is erased");
        Assert.That(Diagnoser.OfRun(Erasure(ErasurePhase.Rechecking, 60) with { WaitingFor = "braze shows the person again." }, _quiet)!.Code, Is.EqualTo(DiagnosisCode.ErasureHeld));
    }

    [Test]
    public void Should_say_what_keeps_the_letters_of_an_action_from_their_destination()
    {
        var action = new OpenRun(_run, OpenRunKind.LetterAction, LetterActionState.Running, "", "acme", Lane.Replay, _now.AddHours(-2), null, null, null, null) { Subject = "12" };
        Assert.That(Diagnoser.OfRun(action, _quiet), Is.Null, "nothing hinders it");
        var blocked = _quiet with { Conditions = [new StoredCondition("acme", "unavailable", "http_503", _now.AddMinutes(5), _now.AddHours(-1), 31)], Pending = [Waits(due: 0)] };
        var verdict = Diagnoser.OfRun(action, blocked)!;
        Assert.That((verdict.Code, verdict.Kind, verdict.Subject, verdict.Records), Is.EqualTo((DiagnosisCode.CircuitOpen, "letter_action", "12", 40L)));
        Assert.That(Diagnoser.OfRun(action with { State = LetterActionState.Freezing }, blocked), Is.Null, "marking letters needs no destination");
        Assert.That(Diagnoser.OfRun(action, _quiet with { Pending = [Waits(due: 40)] })!.Code, Is.EqualTo(DiagnosisCode.Unanswered), "due, and nobody takes them up");
    }

    [TestCase(HealingWord.Report, false, "3 people were missing there, 2 should not have been members, and 1 had")]
    [TestCase(HealingWord.Missing, true, "0 people were missing there, 2 should not have been members, and 0 had")]
    [TestCase(HealingWord.Missing, false, "3 people were missing there, 2 should not have been members, and 1 had")]
    [TestCase(HealingWord.All, true, null)]
    public void Should_tell_of_those_whom_no_comparison_put_right(string heal, bool isHealed, string? sentence)
    {
        var verdicts = Diagnoser.Explain(_quiet with { Drifts = [new MemberDrift("vip", "acme", _run, _now.AddHours(-3), heal, isHealed, 3, 2, 1)] });
        Assert.That(verdicts.Select(verdict => (verdict.Code, verdict.Subject, verdict.Action)), Is.EqualTo(sentence is null ? [] : new[] { (DiagnosisCode.VendorDrift, "vip", $"reconcile show {_run}") }));
        Assert.That(verdicts.Select(verdict => verdict.Sentence), Has.All.Contains(sentence ?? ""));
    }

    [Test]
    public void Should_tell_of_a_schedule_that_is_overdue_and_that_nobody_noted()
    {
        var nightly = new ScheduleConfiguration("nightly", "vip", [], SyncMode.Full, "0 0 3 * * ?", TimeZoneInfo.Utc, MissedBell.Skip);
        var rang = new JobRun("nightly", _now.AddHours(-33), _now.AddDays(-1), "h1", JobOutcome.Started, null, null, []);
        var overdue = OverdueBells.Explain(_quiet with { Bells = [rang] }, [nightly]).Single();
        Assert.That((overdue.Code, overdue.Subject, overdue.Since, overdue.Action), Is.EqualTo((DiagnosisCode.ScheduleMissed, "nightly", (DateTimeOffset?)_now.AddHours(-9), "schedules ring nightly")));
        Assert.That(OverdueBells.Explain(_quiet with { Bells = [rang with { DueAt = _now.AddHours(-9) }] }, [nightly]), Is.Empty, "it rang tonight");
        Assert.That(OverdueBells.Explain(_quiet with { Bells = [rang with { Outcome = JobOutcome.Missed }] }, [nightly]), Is.Empty, "that is noted, and told of already");
        Assert.That(OverdueBells.Explain(_quiet, [nightly]), Is.Empty, "the hub that hung it started after its time");
        Assert.That(OverdueBells.Explain(_quiet with { Hubs = [_quiet.Hubs[0] with { StartedAt = _now.AddHours(-10) }] }, [nightly]).Single().Evidence, Has.Member("it never rang"));
    }

    private static Approval Asked(string subject) => new(
        Guid.CreateVersion7(_now), new ApprovalRequest("backfill", subject, "hash", "person:anna", _now.AddHours(-2), _now.AddHours(-2).AddDays(7), 2, true, "What is asked for."), [], ApprovalState.Waiting, null);

    private static OpenRun Run(string kind, string state) => new(_run, kind, state, "vip", "acme", kind == OpenRunKind.AudienceSync ? Lane.Bulk : Lane.Backfill, _now.AddMinutes(-10), _now.AddMinutes(-9), null, null, null);

    private static OpenRun Erasure(string state, int days) => new(_run, OpenRunKind.Erasure, state, "", "", "", _now.AddDays(-days), _now.AddMinutes(-1), null, null, null) { Deadline = _now.AddDays(30 - days) };

    private static PendingWork Waits(long due) => new("acme", Lane.Replay, _run, 40, due, 0, _now.AddHours(-2), _now.AddMinutes(-3), null);
}
