using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Schedules;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Tests.Diagnosis;

/// <summary>Facts in, one verdict out.</summary>
public sealed class When_something_stands_still
{
    private static readonly DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid _run = Guid.Parse("0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a");

    [TestCase(RunState.AwaitingApproval, DiagnosisCode.Approval)]
    [TestCase(RunState.Paused, DiagnosisCode.Paused)]
    public void Should_repeat_what_the_run_itself_says(string state, string code)
    {
        var verdict = Of(Run(state) with { WaitingFor = "Somebody decides." }, Quiet);
        Assert.That(verdict, Has.Property(nameof(Verdict.Code)).EqualTo(code).And.Property(nameof(Verdict.Sentence)).EqualTo("Somebody decides."));
        Assert.That(verdict!.Since, Is.EqualTo(_now.AddMinutes(-9)), "since it last moved");
    }

    [TestCase("throttled", "quota_daily", DiagnosisCode.Quota)]
    [TestCase("throttled", "braze_429", DiagnosisCode.VendorLimit)]
    [TestCase("unauthorized", "http_401", DiagnosisCode.Unauthorized)]
    [TestCase("misconfigured", "list_missing", DiagnosisCode.Misconfigured)]
    [TestCase("unavailable", "http_503", DiagnosisCode.CircuitOpen)]
    public void Should_name_the_destinations_trouble_for_the_run_and_for_what_waits_alike(string trouble, string reason, string code)
    {
        var situation = Quiet with { Conditions = [new StoredCondition("acme", trouble, reason, _now.AddMinutes(5), _now.AddHours(-1), 31)], Pending = [Pending(400, due: 400), Pending(7, due: 7) with { Lane = Lane.Live, RunId = Guid.Empty }] };
        var run = Of(Run(RunState.Delivering), situation)!;
        var live = Diagnoser.OfBacklog([situation.Pending[1]], situation)!;
        Assert.That(run.Code, Is.EqualTo(code));
        Assert.That(live.Sentence, Is.EqualTo(run.Sentence));
        Assert.That(run, Has.Property(nameof(Verdict.Since)).EqualTo(_now.AddHours(-1)).And.Property(nameof(Verdict.Records)).EqualTo(400));
        Assert.That(run.Evidence, Has.Member($"31 failures in a row, {reason}").And.Member("1 hub alive"));
    }

    /// <summary>The destination asked everybody to wait until a moment ago, the audience's list is gone now: only the latter keeps the run.</summary>
    [Test]
    public void Should_name_what_is_in_force_and_not_what_is_just_over()
    {
        var over = new StoredCondition("acme", "throttled", "braze_429", _now.AddSeconds(-20), _now.AddMinutes(-1), 2);
        var gone = new StoredCondition("acme/audience:vip", "misconfigured", "audience_gone", _now.AddMinutes(5), _now.AddMinutes(-3), 4);
        Assert.That(Of(Run(RunState.Delivering), Quiet with { Conditions = [over, gone] })!.Code, Is.EqualTo(DiagnosisCode.Misconfigured));
        Assert.That(Of(Run(RunState.Delivering), Quiet with { Conditions = [over with { Until = _now.AddSeconds(20) }, gone] })!.Code, Is.EqualTo(DiagnosisCode.VendorLimit), "of two in force the one that keeps most");
        Assert.That(Of(Run(RunState.Delivering), Quiet with { Conditions = [over] })!.Code, Is.EqualTo(DiagnosisCode.VendorLimit), "it has not answered since");
    }

    /// <summary>A list is taken in whatever the vendor does.</summary>
    [Test]
    public void Should_not_blame_a_vendor_for_what_is_done_without_it()
    {
        var state = RunState.Snapshotting;
        var away = Quiet with { Conditions = [new StoredCondition("acme", "unavailable", "http_503", _now.AddMinutes(5), _now.AddHours(-1), 31)] };
        Assert.That(Of(Run(state), away), Is.Null);
        Assert.That(Of(Run(state) with { StalledSince = _now.AddMinutes(-2) }, away)!.Code, Is.EqualTo(DiagnosisCode.Unanswered));
    }

    [Test]
    public void Should_not_wait_for_a_vendor_any_more_when_nobody_reads_back_what_was_to_be()
    {
        var run = Run(RunState.Verifying) with { WaitingFor = "The vendor shows 3 of 9 yet.", ReadBackAt = _now.AddSeconds(-10), StalledSince = _now.AddMinutes(-9) };
        Assert.That(Of(run, Quiet)!.Code, Is.EqualTo(DiagnosisCode.VendorCatchingUp), "it is read back just now");
        Assert.That(Of(run with { ReadBackAt = _now.AddMinutes(-5) }, Quiet)!.Code, Is.EqualTo(DiagnosisCode.Unanswered));
    }

    [TestCase(2, DiagnosisCode.VendorJob)]
    [TestCase(5, DiagnosisCode.VendorJobLate)]
    public void Should_tell_of_a_vendors_job_and_of_one_that_does_not_end(int hours, string code) => Assert.That(
        Of(Run(RunState.Delivering), Quiet with { Jobs = [new BulkJob(1, "acme", "bulk", 0, _run, "vip", Operation.UpsertProfile, "job-7", "v1", _now.AddHours(-hours), _now.AddMinutes(1))] })!.Code,
        Is.EqualTo(code));

    [TestCase(RunState.Delivering)]
    [TestCase(RunState.Planning)]
    public void Should_know_from_heartbeats_that_nobody_is_there(string state)
    {
        var situation = Quiet with { Hubs = [Hub("h1", isAlive: false)], Pending = [Pending(5, due: 5)] };
        Assert.That(Of(Run(state), situation)!.Code, Is.EqualTo(DiagnosisCode.NoConsumer));
        Assert.That(Of(Run(state), situation with { Hubs = [Hub("h2")] }), Is.Null, "somebody is");
        Assert.That(Of(Run(state), situation with { Hubs = [] }), Is.Null, "nobody has looked yet");
    }

    [Test]
    public void Should_know_that_those_who_are_there_do_not_have_the_destination()
    {
        var situation = Quiet with { Hubs = [Hub("h1") with { Roles = ["runs", "deliver-other"] }], Pending = [Pending(5, due: 5)] };
        Assert.That(Of(Run(RunState.Delivering), situation)!.Sentence, Does.Contain("destinations/acme.yaml"));
        Assert.That(Of(Run(RunState.Planning), situation), Is.Null, "planning needs no destination's consumer");
    }

    [Test]
    public void Should_know_that_the_broker_is_away_when_every_hub_says_so()
    {
        var situation = Quiet with { Hubs = [Hub("h1") with { Trouble = "broker" }] };
        Assert.That(Of(Run(RunState.Planning), situation)!.Code, Is.EqualTo(DiagnosisCode.BrokerUnreachable));
        Assert.That(Of(Run(RunState.Planning), situation with { Hubs = [.. situation.Hubs, Hub("h2")] }), Is.Null, "the other one goes on");
        Assert.That(Diagnoser.Explain(situation).Select(verdict => verdict.Kind), Is.EqualTo(new[] { "hub" }));
    }

    [Test]
    public void Should_know_whose_lease_it_is()
    {
        var lease = new HeldLease("acme", "bulk", 3, "h0-17", _now.AddSeconds(9));
        var situation = Quiet with { Hubs = [Hub("h1"), Hub("h0", isAlive: false)], Leases = [lease], Pending = [Pending(5, due: 5)] };
        Assert.That(Of(Run(RunState.Delivering), situation)!.Code, Is.EqualTo(DiagnosisCode.DeadProcess));
        Assert.That(Of(Run(RunState.Delivering), situation with { Leases = [lease with { Owner = "h1-17" }] }), Is.Null, "somebody who is alive works on it");
        Assert.That(Diagnoser.Explain(situation).Single(verdict => verdict.Kind == "hub"), Has.Property(nameof(Verdict.Subject)).EqualTo("h0"));
    }

    [Test]
    public void Should_mourn_a_hub_until_another_one_takes_its_place_and_ask_why_so_many_die()
    {
        HubSighting Dead(string name, int minutes) => Hub(name, isAlive: false) with { SeenAt = _now.AddMinutes(-minutes) };
        var h1 = Hub("h1") with { StartedAt = _now.AddMinutes(-20) };
        Assert.That(Dying(Dead("h0", 30), h1), Is.Empty, "it was started again");
        Assert.That(Dying(Dead("h0", 10), h1), Is.EqualTo(new[] { "h0" }));
        Assert.That(Dying(Dead("a", 40), Dead("b", 30), h1), Is.EqualTo(new[] { "b" }), "one took one's place");
        Assert.That(Dying(Dead("a", 40), Dead("b", 30), Dead("c", 25), h1, h1 with { Name = "h2" }, h1 with { Name = "h3" }), Is.EqualTo(new[] { "hubs" }));

        IEnumerable<string> Dying(params HubSighting[] hubs) => Diagnoser.Explain(Quiet with { Hubs = hubs }).Where(verdict => verdict.Code == DiagnosisCode.DeadProcess).Select(verdict => verdict.Subject);
    }

    [TestCase(QueuedWork.Quarantine, 0, DiagnosisCode.QuarantineWaits, "most with in_the_future")]
    [TestCase(QueuedWork.Route, 0, DiagnosisCode.RouteUnreachable, "'alerts test --route on_call' tries it")]
    [TestCase(QueuedWork.Webhooks, 2, DiagnosisCode.WebhooksWait, "ReceiptNormaliser")]
    [TestCase(QueuedWork.Outbox, 2, DiagnosisCode.OutboxWaits, "disk alarm")]
    public void Should_explain_whatever_else_waits(string kind, int minutes, string code, string words)
    {
        var queue = new QueuedWork(kind, 1_204, _now.AddMinutes(-minutes), kind == QueuedWork.Quarantine ? "in_the_future" : null) { Name = kind == QueuedWork.Route ? "on_call" : null };
        var verdict = Diagnoser.Explain(Quiet with { Queues = [queue] }).Single();
        Assert.That((verdict.Code, verdict.Subject, verdict.Records, verdict.Since), Is.EqualTo((code, queue.Name ?? kind, 1_204L, (DateTimeOffset?)queue.Oldest)));
        Assert.That(verdict.Sentence, Does.Contain("1,204").And.Contain(words));
    }

    [TestCase(QueuedWork.Webhooks, DiagnosisCode.WebhooksWait)]
    [TestCase(QueuedWork.Outbox, DiagnosisCode.BrokerUnreachable)]
    public void Should_say_nothing_of_what_came_a_moment_ago_and_of_a_longer_wait_why_nobody_works(string kind, string code)
    {
        var queue = new QueuedWork(kind, 3, _now.AddSeconds(-20), null);
        Assert.That(Diagnoser.Explain(Quiet with { Queues = [queue] }), Is.Empty);
        var away = Quiet with { Queues = [queue with { Oldest = _now.AddMinutes(-5) }], Hubs = [Hub("h1") with { Trouble = "broker" }] };
        Assert.That(Diagnoser.Explain(away).Single(verdict => verdict.Kind == "backlog").Code, Is.EqualTo(code), "facts are made of webhooks without the broker, and no message goes out");
        Assert.That(Diagnoser.Explain(away with { Hubs = [Hub("h1", isAlive: false)] }).Single(verdict => verdict.Kind == "backlog").Code, Is.EqualTo(DiagnosisCode.NoConsumer));
    }

    /// <summary>Whatever it is, it is named within a minute.</summary>
    [TestCase(QueuedWork.Webhooks)]
    [TestCase(QueuedWork.Outbox)]
    public void Should_not_wait_a_minute_before_it_tells_of_a_queue(string kind) =>
        Assert.That(Diagnoser.Explain(Quiet with { Queues = [new QueuedWork(kind, 3, _now.AddSeconds(-40), null)] }), Has.Exactly(1).Items);

    [Test]
    public void Should_name_records_that_fail_again_and_again()
    {
        var verdict = Of(Run(RunState.Delivering), Quiet with { Pending = [Pending(3, failing: 3) with { WorstCode = "EVIL_ROW" }] })!;
        Assert.That(verdict.Code, Is.EqualTo(DiagnosisCode.PoisonRecord));
        Assert.That(verdict.Sentence, Does.Contain("3 records").And.Contain("EVIL_ROW"));
        Assert.That(Of(Run(RunState.Delivering), Quiet with { Pending = [Pending(3, failing: 2)] }), Is.Null, "one of them has not failed so often");
    }

    [Test]
    public void Should_speak_of_a_long_queue_only_as_far_as_it_was_looked_at()
    {
        var verdict = Of(Run(RunState.Delivering), Quiet with { Pending = [Pending(1_000_000, failing: 1_000) with { Looked = 1_000 }] })!;
        Assert.That((verdict.Code, verdict.Records), Is.EqualTo((DiagnosisCode.PoisonRecord, 1_000_000L)));
        Assert.That(verdict.Sentence, Does.StartWith("The 1,000 that were looked at of the 1,000,000 records that are left have failed"));
    }

    [Test]
    public void Should_say_that_there_is_more_than_was_counted()
    {
        var verdict = Diagnoser.Explain(Quiet with { Queues = [new QueuedWork(QueuedWork.Quarantine, 10_000, _now, null) { AreMore = true }] }).Single();
        Assert.That((verdict.Records, verdict.AreMore), Is.EqualTo((10_000L, true)));
        Assert.That(verdict.Sentence, Does.StartWith("10,000 and more facts were set aside"));
    }

    [Test]
    public void Should_name_what_the_vendor_said_to_work_that_waits_alone()
    {
        var waits = Pending(5) with { LastCode = "http_503" };
        var verdict = Of(Run(RunState.Delivering), Quiet with { Pending = [waits] })!;
        Assert.That((verdict.Code, verdict.Action), Is.EqualTo((DiagnosisCode.Retrying, "destinations check acme")));
        Assert.That(verdict.Sentence, Does.Contain("5 records").And.Contain("http_503").And.Contain($"{waits.NextAt:u}"));
        Assert.That(Diagnoser.OfBacklog([waits], Quiet)!.Code, Is.EqualTo(DiagnosisCode.Retrying));
        var quota = Of(Run(RunState.Delivering), Quiet with { Pending = [waits with { LastCode = "quota_daily" }] })!;
        Assert.That((quota.Code, quota.Action), Is.EqualTo((DiagnosisCode.Quota, "destinations show acme")), "the hub's own books said so, and no vendor");
        Assert.That(Of(Run(RunState.Delivering), Quiet with { Pending = [waits with { Due = 1 }] }), Is.Null, "one of them is sent now");
    }

    [TestCase(RunState.Delivering, 5, DiagnosisCode.Retrying)]
    [TestCase(RunState.Delivering, 0, DiagnosisCode.Unknown)]
    [TestCase(RunState.Planning, 0, DiagnosisCode.Unanswered)]
    public void Should_say_of_a_stall_that_nothing_explains_what_it_is(string state, int pending, string code)
    {
        var situation = Quiet with { Pending = pending == 0 ? [] : [Pending(pending)] };
        Assert.That(Of(Run(state), situation), Is.Null, "it moves");
        Assert.That(Of(Run(state) with { StalledSince = _now.AddMinutes(-2) }, situation)!.Code, Is.EqualTo(code));
    }

    [Test]
    public void Should_know_what_is_due_and_nobody_takes_up()
    {
        var waits = Pending(4, due: 4) with { Lane = Lane.Urgent, NextAt = _now.AddMinutes(-3) };
        Assert.That(Diagnoser.OfBacklog([waits], Quiet)!.Code, Is.EqualTo(DiagnosisCode.Unanswered));
        Assert.That(Diagnoser.OfBacklog([waits], Quiet with { Leases = [new HeldLease("acme", Lane.Urgent, 0, "h1-1", _now.AddSeconds(5))] }), Is.Null, "somebody is at it");
        Assert.That(Diagnoser.OfBacklog([waits with { NextAt = _now.AddSeconds(-5) }], Quiet), Is.Null, "it is due just now");
    }

    [Test]
    public void Should_tell_of_a_bell_that_nobody_rang_and_of_hubs_with_other_rules()
    {
        var situation = Quiet with
        {
            Bells = [new JobRun("nightly", _now.AddHours(-8), _now, "h1", JobOutcome.Missed, "schedule_missed", "No hub ran.", []), new JobRun("hourly", _now, _now, "h1", JobOutcome.Started, null, null, [])],
            Hubs = [Hub("h1"), Hub("h2") with { Configuration = "other", StartedAt = _now.AddMinutes(-1) }],
        };
        var verdicts = Diagnoser.Explain(situation);
        Assert.That(verdicts.Select(verdict => (verdict.Code, verdict.Subject)), Is.EquivalentTo(new[] { (DiagnosisCode.ScheduleMissed, "nightly"), (DiagnosisCode.ConfigurationBehind, "h1") }));
    }

    /// <summary>One that has changed over goes on with the work of all; when there is none, withdrawals wait.</summary>
    [Test]
    public void Should_tell_when_no_hub_runs_what_is_in_force()
    {
        var active = new ActiveConfiguration(42, "hash", _now.AddMinutes(-2), "person:ben");
        Situation With(params HubSighting[] hubs) => Quiet with { Configuration = active, Hubs = hubs };
        IEnumerable<Verdict> NotRun(Situation situation) => Diagnoser.Explain(situation).Where(verdict => verdict.Code == DiagnosisCode.ConfigurationNotRun);

        var verdict = NotRun(With(Hub("h1") with { ConfigVersion = 41 }, Hub("h2") with { ConfigVersion = 0 }, Hub("h3", isAlive: false) with { ConfigVersion = 42 })).Single();
        Assert.That((verdict.Subject, verdict.Since, verdict.Action), Is.EqualTo(("hubs", active.ActivatedAt, "config show")));
        Assert.That(verdict.Sentence, Does.Contain("Version 42").And.Contain("withdrawals"));
        Assert.That(NotRun(With(Hub("h1") with { ConfigVersion = 41 }, Hub("h2") with { ConfigVersion = 42 })), Is.Empty, "one does");
        Assert.That(NotRun(With(Hub("h1") with { ConfigVersion = 41 }, Hub("h2"))), Is.Empty, "who does not say may");
        Assert.That(NotRun(With()), Is.Empty, "nobody is there, which is another trouble");
        Assert.That(NotRun(With(Hub("h1") with { ConfigVersion = 41 }) with { Configuration = active with { ActivatedAt = _now.AddSeconds(-5) } }), Is.Empty, "they are changing over");
    }

    /// <summary>Who went back to an earlier version by its content alone began before everybody else.</summary>
    [Test]
    public void Should_tell_who_is_behind_by_what_is_in_force_and_not_by_who_started_last()
    {
        var active = new ActiveConfiguration(43, "hash", _now.AddSeconds(-5), "person:ben");
        var (right, behind) = (Hub("h1") with { ConfigVersion = 43 }, Hub("h2") with { Configuration = "other", ConfigVersion = 42, StartedAt = _now.AddMinutes(-1) });
        IEnumerable<string> Behind(Situation situation) => Diagnoser.Explain(situation).Where(verdict => verdict.Code == DiagnosisCode.ConfigurationBehind).Select(verdict => verdict.Subject);

        Assert.That(Behind(Quiet with { Configuration = active, Hubs = [right, behind] }), Is.EqualTo(new[] { "h2" }));
        Assert.That(Behind(Quiet with { Configuration = active, Hubs = [right, right with { Name = "h3", ConfigVersion = 41 }] }), Is.Empty, "the same content under an earlier number");
        Assert.That(Behind(Quiet with { Hubs = [right, behind] }), Is.EqualTo(new[] { "h1" }), "nobody knows what is in force");
    }

    [Test]
    public void Should_tell_of_a_folder_that_nobody_applied()
    {
        var verdict = Diagnoser.Explain(Quiet with { Hubs = [Hub("h1") with { ConfigPendingSince = _now.AddHours(-1) }, Hub("h2"), Hub("h3", isAlive: false) with { ConfigPendingSince = _now }] }).Single(verdict => verdict.Code == DiagnosisCode.ConfigPending);
        Assert.That((verdict.Subject, verdict.Since), Is.EqualTo(("h1", _now.AddHours(-1))));
    }

    [TestCase(IntegrationHub.Hub.Approvals.ApprovalKind.Config, DiagnosisCode.ConfigPending)]
    [TestCase(IntegrationHub.Hub.Approvals.ApprovalKind.Merge, DiagnosisCode.Approval)]
    public void Should_tell_a_configuration_that_waits_from_other_things_that_do(string kind, string code)
    {
        var asked = new Approval(Guid.NewGuid(), new ApprovalRequest(kind, "subject", "hash", "person:ben", _now, _now.AddDays(1), 1, true, "Summary."), [], ApprovalState.Waiting, null);
        Assert.That(Diagnoser.Explain(Quiet with { Approvals = [asked] }).Single().Code, Is.EqualTo(code));
    }

    private static readonly Situation Quiet = new(_now) { Hubs = [Hub("h1")] };

    private static Verdict? Of(OpenRun run, Situation situation) => Diagnoser.OfRun(run, situation);

    private static OpenRun Run(string state) => new(_run, "audience_sync", state, "vip", "acme", "bulk", _now.AddMinutes(-10), _now.AddMinutes(-9), null, null, null);

    private static PendingWork Pending(long records, long due = 0, long failing = 0) => new("acme", "bulk", _run, records, due, failing, _now.AddMinutes(-8), _now.AddMinutes(1), null);

    private static HubSighting Hub(string name, bool isAlive = true) =>
        new(name, _now.AddHours(-1), isAlive ? _now : _now.AddMinutes(-2), "1", "config", ["runs", "intake", "deliver-acme"], null, isAlive);
}
