using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas.AudienceSync.Messages;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_run_is_verifying : RunFixture
{
    [Test]
    [Edge("Verifying", "AudienceSyncVerified", "Completed")]
    public async Task Should_complete_when_everybody_is_there()
    {
        await Run.SendAsync(Run.Verified());

        Assert.That(Run.State, Is.EqualTo("Completed"));
    }

    [Test]
    [Edge("Verifying", "AudienceSyncVerified", "CompletedWithIssues")]
    public async Task Should_complete_with_issues_when_records_were_rejected()
    {
        await Run.SendAsync(Run.Verified(withIssues: 1));

        Assert.That(Run.State, Is.EqualTo("CompletedWithIssues"));
    }

    [TestCase(1, 0)]
    [TestCase(0, 1)]
    [Edge("Verifying", "AudienceSyncVerified", "Verifying")]
    [Edge("Verifying", "VerificationDelayElapsed", "Verifying")]
    public async Task Should_read_back_again_while_the_vendor_differs(long missing, long unexpected)
    {
        await Run.SendAsync(Run.Verified(missing: missing, unexpected: unexpected));
        var askedAtOnce = Run.Said<VerifyAudienceSync>().Count;
        await Run.ElapseAsync<VerificationDelayElapsed>();

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Verifying"));
            Assert.That(askedAtOnce, Is.EqualTo(1), "the vendor is given time");
            Assert.That(Run.Said<VerifyAudienceSync>().Select(asked => asked.Round), Is.EqualTo([1, 2]));
            Assert.That((Run.Row.Missing, Run.Row.Unexpected), Is.EqualTo((missing, unexpected)));
        });
    }

    [Test]
    public async Task Should_give_the_vendor_growing_pauses_and_two_hours_in_all()
    {
        var (pauses, round) = (new List<double>(), 0);
        while (round < 50 && !Run.Said<VerifyAudienceSync>()[^1].IsLastRound)
        {
            await Run.SendAsync(Run.Verified(++round, missing: 5));
            pauses.Add((Run.Timeouts.Single<VerificationDelayElapsed>().Due - Run.Clock.GetUtcNow().UtcDateTime).TotalSeconds);
            await Run.ElapseAsync<VerificationDelayElapsed>();
        }

        await Run.SendAsync(Run.Verified(round + 1, missing: 5, last: true));

        Assert.Multiple(() =>
        {
            Assert.That(pauses.Take(12), Is.EqualTo([1.0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]));
            Assert.That(pauses.Sum(), Is.EqualTo(TimeSpan.FromHours(2).TotalSeconds), "the last read-back is due when the patience ends");
            Assert.That(Run.Said<VerifyAudienceSync>().Count(asked => asked.IsLastRound), Is.EqualTo(1));
            Assert.That(Run.State, Is.EqualTo("CompletedWithIssues"));
            Assert.That(Run.Said<AudienceSyncCompleted>().Single().Missing, Is.EqualTo(5));
            Assert.That(Run.Row.WaitingFor, Is.Null);
        });
    }

    [Test]
    public async Task Should_wait_a_minute_for_fields_and_tell_who_differs_then()
    {
        var (pauses, round, waiting) = (new List<double>(), 0, "");
        while (round < 20 && Run.State == "Verifying")
        {
            await Run.SendAsync(Run.Verified(++round, differing: 2));
            if (Run.State == "Verifying")
            {
                waiting = Run.Row.WaitingFor;
                pauses.Add((Run.Timeouts.Single<VerificationDelayElapsed>().Due - Run.Clock.GetUtcNow().UtcDateTime).TotalSeconds);
                await Run.ElapseAsync<VerificationDelayElapsed>();
            }
        }

        Assert.Multiple(() =>
        {
            Assert.That(pauses, Is.EqualTo([1.0, 2, 4, 8, 16, 32]));
            Assert.That(waiting, Does.Contain("in 2 of 200 people"));
            Assert.That(waiting, Does.Contain(FormattableString.Invariant($"at the latest until {Run.Clock.GetUtcNow():u}")), "the last round that was owed");
            Assert.That(Run.State, Is.EqualTo("CompletedWithIssues"));
            Assert.That((Run.Row.Differing, Run.Said<AudienceSyncCompleted>().Single().Differing), Is.EqualTo(((long?)2, 2L)));
        });
    }

    [Test]
    public async Task Should_be_completed_when_the_fields_are_shown_after_all()
    {
        await Run.SendAsync(Run.Verified(1, differing: 2));
        await Run.ElapseAsync<VerificationDelayElapsed>();
        await Run.SendAsync(Run.Verified(2));
        Assert.That((Run.State, Run.Row.Differing), Is.EqualTo(("Completed", (long?)0)));
    }

    [Test]
    public async Task Should_say_what_it_waits_for_and_not_count_as_stalled_meanwhile()
    {
        for (var round = 1; round <= 10; round++)
        {
            await Run.SendAsync(Run.Verified(round, missing: 60, unexpected: 2));
            if (round < 10)
            {
                await Run.ElapseAsync<VerificationDelayElapsed>();
            }
        }

        var waiting = Run.Row.WaitingFor;
        await Run.StandStillAsync();
        var stalled = Run.Said<DiagnoseAudienceSync>().Count;
        await Run.ElapseAsync<VerificationDelayElapsed>();

        Assert.Multiple(() =>
        {
            Assert.That(waiting, Does.Contain("60 of 1050").And.Contain("2 are shown").And.Contain($"sync findings {Run.Id}"));
            Assert.That(stalled, Is.Zero);
            Assert.That((Run.Row.WaitingFor, Run.Row.ReadBackAt), Is.EqualTo(((string?)null, (DateTimeOffset?)null)), "it is read back now");
        });
    }

    [Test]
    public async Task Should_end_with_issues_when_it_was_paused_after_the_last_round_found_people_missing()
    {
        Run.Clock.Advance(TimeSpan.FromHours(3));
        await Run.SendAsync(Run.Pause());
        await Run.SendAsync(Run.Resume());
        var asked = Run.Said<VerifyAudienceSync>()[^1];
        await Run.SendAsync(Run.Pause());
        await Run.SendAsync(Run.Verified(missing: 3, unexpected: 1, last: true));
        await Run.SendAsync(Run.Resume());
        await Run.SendAsync(Run.Verified(missing: 3, unexpected: 1, last: true)); // the hub's answer to a round that is concluded

        Assert.Multiple(() =>
        {
            Assert.That((asked.Round, asked.IsLastRound), Is.EqualTo((1, true)));
            Assert.That(Run.State, Is.EqualTo("CompletedWithIssues"));
            Assert.That(Run.Said<AudienceSyncCompleted>().Single().Missing, Is.EqualTo(3));
        });
    }

    [Test]
    public async Task Should_read_once_more_when_a_round_was_concluded_before_the_patience_ended()
    {
        await Run.SendAsync(Run.Pause());
        Run.Clock.Advance(TimeSpan.FromHours(3));
        await Run.SendAsync(Run.Resume());
        await Run.SendAsync(Run.Verified(missing: 3));
        await Run.ElapseAsync<VerificationDelayElapsed>();

        Assert.That(Run.Said<VerifyAudienceSync>().Select(asked => (asked.Round, asked.IsLastRound)), Is.EqualTo(new[] { (1, false), (1, true), (2, true) }));
    }

    [Test]
    [Edge("Verifying", "AudienceSyncStepPostponed", "Verifying")]
    public async Task Should_ask_for_the_same_round_when_the_destinations_trouble_may_be_over()
    {
        await Run.SendAsync(Run.Postponed(TimeSpan.FromMinutes(5)));
        var due = Run.Timeouts.Single<VerificationDelayElapsed>().Due;
        await Run.StandStillAsync();
        var askedMeanwhile = Run.Said<VerifyAudienceSync>().Count;
        await Run.ElapseAsync<VerificationDelayElapsed>();

        Assert.Multiple(() =>
        {
            Assert.That(due, Is.EqualTo((Story.Noon + TimeSpan.FromMinutes(5)).UtcDateTime));
            Assert.That(Run.Said<DiagnoseAudienceSync>(), Has.Count.EqualTo(1), "this is a stall");
            Assert.That(askedMeanwhile, Is.EqualTo(1));
            Assert.That(Run.Said<VerifyAudienceSync>().Select(asked => asked.Round), Is.EqualTo([1, 1]));
        });
    }

    [Test]
    public async Task Should_ask_at_once_when_somebody_ended_the_destinations_wait()
    {
        await Run.SendAsync(Run.Postponed(TimeSpan.FromHours(5)));
        await Run.SendAsync(Run.Remind());

        Assert.That(Run.Said<VerifyAudienceSync>(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Should_leave_the_vendor_its_time_when_it_is_reminded()
    {
        await Run.SendAsync(Run.Verified(missing: 5));
        await Run.SendAsync(Run.Remind());

        Assert.That(Run.Said<VerifyAudienceSync>(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_not_wait_for_another_step_that_is_postponed()
    {
        await Run.SendAsync(Run.Postponed(TimeSpan.FromMinutes(5), nameof(PlanAudienceSync)));

        Assert.That(Run.Timeouts.Pending.Select(timeout => timeout.Message), Has.None.InstanceOf<VerificationDelayElapsed>());
    }

    [Test]
    public async Task Should_complete_when_a_later_round_shows_everybody()
    {
        await Run.SendAsync(Run.Verified(missing: 5));
        await Run.ElapseAsync<VerificationDelayElapsed>();
        await Run.SendAsync(Run.Verified(round: 2));

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Completed"));
            Assert.That(Run.Row.Missing, Is.Zero);
        });
    }

    [Test]
    public async Task Should_ignore_the_answer_of_an_old_round()
    {
        await Run.SendAsync(Run.Verified(missing: 5));
        await Run.SendAsync(Run.Verified(round: 1));

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Verifying"));
            Assert.That(Run.Row.Missing, Is.EqualTo(5));
            Assert.That(Run.Timeouts.Pending.Count(timeout => timeout.Message is VerificationDelayElapsed), Is.EqualTo(1));
        });
    }

    [Test]
    [Edge("Verifying", "AudienceSyncProgressed", "Verifying")]
    public async Task Should_take_late_progress_as_a_sign_of_life()
    {
        Run.Clock.Advance(TimeSpan.FromSeconds(1));
        await Run.SendAsync(Run.Progressed());

        Assert.That(Run.Row.LastProgressAt, Is.EqualTo(Story.Noon.AddSeconds(1)));
    }

    protected override Task ArrangeAsync() => Run.GoToAsync("Verifying");
}
